"""Checkers neither hang nor crash, whatever they are given."""

import functools
import importlib
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from torch import nn
from traitlets.config import Config

from dqn import checks
from dqn.checks import Exercise, _calling, _machinery, _references, loop
from tests.checks.test_catalogue import CATALOGUE, said

EXERCISES = [exercise for exercise, _ in CATALOGUE]


class Silly:
    """A class where a function is wanted."""


async def coroutine(*_arguments: Any) -> None:
    """An async function."""


def generator(*_arguments: Any) -> Iterator[int]:
    yield 1


def raises(*_arguments: Any) -> NoReturn:
    raise ValueError("something of mine")


def leaves(*_arguments: Any) -> NoReturn:
    raise SystemExit(3)


def interrupts(*_arguments: Any) -> NoReturn:
    raise KeyboardInterrupt


def recurses(*arguments: Any) -> Any:
    return recurses(*arguments)


UNCALLABLE: list[Any] = [
    None, 7, "td_loss", [], Silly, int, torch.zeros(3), np.zeros(2), nn.Linear(2, 2), ...,
]  # fmt: skip
RETURNED: list[Any] = [
    None, True, "1.0", b"x", 3, 3.5, float("nan"), float("inf"), 1j, [], [1.0, 2.0], (), (1, 2),
    {"a": 1}, {1, 2}, object(), Silly, Silly(), len, np.array("x"), np.array([None]), np.float32(1),
    np.zeros(0), np.zeros((2, 3, 4)), np.array([1 + 1j]), torch.zeros(0), torch.zeros(2, 2, 2),
    torch.tensor(float("nan")), torch.zeros(3, dtype=torch.bool),
    torch.zeros(2, dtype=torch.complex64),
    torch.tensor(1.0, requires_grad=True), torch.zeros(2, dtype=torch.bfloat16), nn.Linear(3, 3),
    nn.Module(), torch.float32, range(3), ("a",) * 5, ([[1], [2, 3]],) * 5, (None,) * 5, iter(()),
]  # fmt: skip
FUNCTIONS = [
    coroutine, generator, raises, leaves, interrupts, recurses, functools.partial(raises),
    lambda: 1, lambda *arguments: arguments, lambda *arguments: arguments[0], print, sorted, dict,
]  # fmt: skip


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
class TestRubbish:
    def test_what_cannot_be_called(self, exercise: Exercise) -> None:
        for rubbish in UNCALLABLE:
            assert f"✗ {exercise.name}: " in said(getattr(checks, exercise.name), rubbish)

    def test_what_cannot_be_used(self, exercise: Exercise) -> None:
        for rubbish in RETURNED:
            # Of a function that changes its argument in place the returned value is ignored.
            assert f"✗ {exercise.name}: " in said(
                getattr(checks, exercise.name), lambda *_, value=rubbish: value
            )

    def test_what_cannot_be_run(self, exercise: Exercise) -> None:
        for rubbish in FUNCTIONS:
            if rubbish is sorted and exercise.name == "sort_replay_buffer":
                continue  # a wrong answer, and no rubbish
            assert f"✗ {exercise.name}: " in said(getattr(checks, exercise.name), rubbish)

    def test_ruined_arguments(self, exercise: Exercise) -> None:
        """Whatever a function does to its arguments, the next check starts from fresh ones."""

        def ruin(*arguments: Any) -> Any:
            for argument in arguments:
                if isinstance(argument, torch.Tensor):
                    argument.data.fill_(7)
                elif isinstance(argument, np.ndarray):
                    argument.fill(7)
                elif isinstance(argument, nn.Module):
                    for parameter in argument.parameters():
                        parameter.data.fill_(7)
                elif hasattr(argument, "clear"):
                    argument.clear()
            return None

        checker = getattr(checks, exercise.name)
        said(checker, ruin)
        checker(exercise.reference)

    def test_a_blank(self, exercise: Exercise) -> None:
        def blank(*_arguments: Any) -> NoReturn:
            raise NotImplementedError

        assert "there is still a blank in your function" in said(
            getattr(checks, exercise.name), blank
        )

    def test_gradients_left_off(self, exercise: Exercise) -> None:
        def switches_off(*arguments: Any) -> Any:
            torch.set_grad_enabled(False)
            return exercise.reference(*arguments)

        message = said(getattr(checks, exercise.name), switches_off)
        assert "your function switches gradients off and leaves them off" in message
        assert torch.is_grad_enabled()

    def test_seeding(self, exercise: Exercise) -> None:
        for module, name in _calling.SEEDERS:

            def seeds(*arguments: Any, module: Any = module, name: str = name) -> Any:
                getattr(module, name)(0)
                return exercise.reference(*arguments)

            message = said(getattr(checks, exercise.name), seeds)
            assert f"your function calls {module.__name__}.{name}()" in message

    def test_never_in_the_main_thread(self, exercise: Exercise) -> None:
        """There a function that does not come back could not be left behind."""
        threads = set()

        def watched(*arguments: Any) -> Any:
            threads.add(threading.current_thread())
            return exercise.reference(*arguments)

        getattr(checks, exercise.name)(watched)
        assert threading.main_thread() not in threads


def spins(*_arguments: Any) -> NoReturn:
    while True:
        pass


def clings(*_arguments: Any) -> None:
    """Swallows what should stop it, twice."""
    for _ in range(2):
        try:
            while True:
                pass
        except BaseException:
            pass


def sleeps(*_arguments: Any) -> None:
    time.sleep(1)


@pytest.mark.parametrize("function", [spins, clings, sleeps])
def test_endless_functions_end(
    function: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_machinery, "TIME_LIMIT", 0.2)
    assert "had not come back after 0.2 seconds" in said(checks.td_target, function)


def test_a_busy_computer_is_no_endless_loop(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def waits_for_its_turn(*arguments: Any) -> Any:
        time.sleep(0.6)
        return _references.td_target(*arguments)

    monkeypatch.setattr(_machinery, "TIME_LIMIT", 0.5)
    checks.td_target(waits_for_its_turn)
    assert "all right" in capsys.readouterr().out


def test_endless_forward_pass_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(nn.Module):
        def forward(self, x: Any) -> Any:
            spins(x)

    monkeypatch.setattr(_machinery, "TIME_LIMIT", 0.2)
    assert "had not come back" in said(checks.create_network, lambda *_: Endless())


def test_an_endless_function_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_machinery, "TIME_LIMIT", 0.2)
    before = threading.active_count()
    said(checks.store, spins)
    assert threading.active_count() == before


@pytest.mark.parametrize(
    "leave", [exit, quit, sys.exit, leaves], ids=["exit", "quit", "sys.exit", "raise"]
)
def test_leaving_the_program(leave: Any) -> None:
    message = said(checks.td_target, lambda *_: leave())
    assert "your code ends the whole program" in message
    assert "a function should return" in message


def test_leaving_the_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """There exit() raises nothing: it asks the shell, which ends the kernel after the cell."""
    asked: list[str] = []
    shell = SimpleNamespace(ask_exit=lambda: asked.append("by a student"))
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    message = said(checks.td_target, lambda *_: shell.ask_exit())
    assert "your code ends the whole program" in message
    assert not asked
    shell.ask_exit()
    assert asked


def test_an_interrupt_is_told_with_its_line() -> None:
    message = said(checks.td_target, interrupts)
    assert "your code stops with RuntimeError: KeyboardInterrupt (line" in message
    assert "`raise KeyboardInterrupt`" in message


def random_numbers() -> tuple[float, ...]:
    return random.random(), np.random.random(), float(torch.rand(()))  # noqa: NPY002 (shared on purpose)


def seed_all(seed: int) -> None:
    for module, name in _calling.SEEDERS:
        getattr(module, name)(seed)


def test_seeding_does_not_happen() -> None:
    seed_all(0)
    expected = random_numbers()
    seed_all(0)
    said(checks.td_target, lambda *_: seed_all(1))
    assert random_numbers() == expected


def test_seeding_is_possible_again_after_an_endless_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_machinery, "TIME_LIMIT", 0.2)
    said(checks.td_target, sleeps)
    seed_all(0)


def test_drawing_is_no_seeding(capsys: pytest.CaptureFixture[str]) -> None:
    def target(*arguments: Any) -> Any:
        random_numbers()
        return _references.td_target(*arguments)

    checks.td_target(target)
    assert capsys.readouterr().out.startswith("✓ td_target")


def test_outside_the_main_thread() -> None:
    heard: list[str] = []

    def work() -> None:
        checks.td_target(_references.td_target)
        heard.append(said(checks.td_target, raises))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert "something of mine" in heard[0]


def test_own_line_is_shown() -> None:
    def target(rewards: Any, next_q: Any, terminated: Any, gamma: Any) -> Any:
        best = next_q.max(dim=1).values
        return rewards + gamma * best * (1 - terminated)

    message = said(checks.td_target, target)
    first = target.__code__.co_firstlineno
    assert "RuntimeError: Subtraction" in message
    assert f"(line {first + 2} of" in message
    assert "`return rewards + gamma * best * (1 - terminated)`" in message


def test_line_of_an_error_below_the_students_code() -> None:
    def target(rewards: Any, next_q: Any, terminated: Any, gamma: Any) -> Any:
        return np.concatenate([rewards.numpy(), next_q.numpy() * gamma, terminated.numpy()])

    assert "`return np.concatenate(" in said(checks.td_target, target)


def test_one_argument_is_counted() -> None:
    message = said(checks.greedy_index, lambda: 0)
    assert "called with 1 argument, (td_errors)" in message


def test_one_item_is_counted() -> None:
    message = said(checks.discounted_return, lambda rewards, _gamma: rewards.clear() or 0.0)
    assert "it had 1 item and now has 0" in message


@pytest.mark.parametrize(
    ("value", "name"),
    [(np.zeros(2), "a NumPy array"), (torch.zeros(2), "a tensor"), ([], "a list")],
)
def test_what_is_no_function_has_a_name(value: Any, name: str) -> None:
    assert f"you passed {name}." in said(checks.td_target, value)


def test_arguments_are_counted() -> None:
    message = said(checks.td_target, lambda rewards, next_q: rewards + next_q)
    assert "called with 4 arguments, (rewards, next_q, terminated, gamma)" in message
    assert "yours takes (rewards, next_q)" in message


def test_more_arguments_with_defaults_are_welcome(capsys: pytest.CaptureFixture[str]) -> None:
    def discounted(rewards: Any, gamma: Any = 0.9, verbose: bool = False) -> Any:  # noqa: ARG001
        return sum(gamma**k * r for k, r in enumerate(rewards))

    checks.discounted_return(discounted)
    assert capsys.readouterr().out.startswith("✓ discounted_return")


@pytest.mark.parametrize(
    ("checker", "spoil", "name"),
    [
        (checks.td_target, lambda r, q, t, g: r.add_(g * q.max(1).values * ~t), "rewards"),
        (checks.bellman_optimality_backup, lambda _p, _r, q, _g: q.fill(0) or q, "q"),
        (checks.semi_gradient_step, lambda w, x, *_: np.add(w, x, out=w), "w"),
        (checks.discounted_return, lambda r, _g: r.append(1) or 1.0, "rewards"),
        (checks.sample_batch, lambda b, n, _: [b.popleft() for _ in range(n)], "replay_buffer"),
        (checks.importance_weights, lambda p, _n, _b: np.divide(1, p, out=p), "probabilities"),
        (checks.sum_tree_find, lambda tree, _m: tree.fill(0) or 0, "tree"),
    ],
)
def test_changed_arguments(checker: Any, spoil: Any, name: str) -> None:
    message = said(checker, spoil)
    assert f"changes its argument `{name}`" in message or "out of the buffer" in message


def test_backward_inside_the_loss() -> None:
    def loss(*arguments: Any) -> Any:
        value = _references.td_loss(*arguments)
        value.backward()
        return value

    assert "`network` holds gradients" in said(checks.td_loss, loss)


def test_training_step_inside_the_loss() -> None:
    def loss(network: Any, *arguments: Any) -> Any:
        value = _references.td_loss(network, *arguments)
        value.backward(retain_graph=True)
        with torch.no_grad():
            for parameter in network.parameters():
                parameter -= 0.1 * parameter.grad
                parameter.grad = None
        return value

    assert "changes its argument `network`" in said(checks.td_loss, loss)


def test_prints_come_through_and_are_cut_short(capsys: pytest.CaptureFixture[str]) -> None:
    def target(*arguments: Any) -> Any:
        print("shape", arguments[1].shape)
        return _references.td_target(*arguments)

    checks.td_target(target)
    assert "shape torch.Size([1, 2])" in capsys.readouterr().out

    def chatty(*arguments: Any) -> Any:
        for i in range(10_000):
            print("line", i)
        return arguments[0]

    said(checks.td_target, chatty)
    assert len(capsys.readouterr().out.splitlines()) <= 21 * 5


def test_smallest_failing_case_is_shown() -> None:
    """Right but for gamma = 0, where it returns a list of the wrong length as an array."""

    def slots(position: int, count: int, capacity: int) -> Any:
        good = _references.ring_slots(position, count, capacity)
        return np.append(good, 5) if count == 3 else good

    message = said(checks.ring_slots, slots)
    assert "The smallest case that fails: past the end." in message
    assert "position = 4 count = 3 capacity = 5" in message
    assert "shape (4,), expected (3,)" in message


def test_element_is_named() -> None:
    def target(*arguments: Any) -> Any:
        y = _references.td_target(*arguments)
        return y if len(y) < 3 else y + torch.tensor([0.0, 0.0, 0.5])

    assert "element [2]: 10.7, expected 10.2" in said(checks.td_target, target)


def test_what_is_kept_from_call_to_call_is_told() -> None:
    def keeps(rewards: Any, gamma: Any, seen: list[float] = []) -> Any:  # noqa: B006
        seen.extend(rewards)
        return sum(gamma**k * reward for k, reward in enumerate(seen))

    message = said(checks.discounted_return, keeps)
    assert (
        "called twice with the same arguments, your function does two different things" in message
    )

    def random_answer(*_arguments: Any) -> float:
        return random.random()

    assert "or draws random numbers" in said(checks.discounted_return, random_answer)


def test_what_a_second_call_prints_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    def chatty(_rewards: Any, _gamma: Any) -> float:
        print("hello")
        return 123.0

    said(checks.discounted_return, chatty)
    assert capsys.readouterr().out.count("hello") == len(loop.DISCOUNTED_RETURN.cases)


def test_another_shape_is_the_headline() -> None:
    def column(rewards: Any, next_q: Any, terminated: Any, gamma: Any) -> Any:
        return _references.td_target(rewards, next_q, terminated, gamma)[None]

    message = said(checks.td_target, column)
    assert message.startswith("✗ td_target: a shape is not right in the case below.")
    assert "the result: shape (1, 1), expected (1,)." in message


@pytest.mark.parametrize(
    ("number", "words"),
    [(1j, "returned a complex"), (np.complex128(1), "complex"), ("1", "returned a str")],
)
def test_what_is_no_real_number_is_named(number: Any, words: str) -> None:
    assert words in said(checks.discounted_return, lambda *_: number)


def test_a_fraction_is_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    def exact(rewards: Any, gamma: Any) -> Fraction:
        terms = (Fraction(gamma) ** k * Fraction(r) for k, r in enumerate(rewards))
        return sum(terms, Fraction(0))

    checks.discounted_return(exact)
    assert "all right" in capsys.readouterr().out


def test_an_array_without_axes_is_no_index() -> None:
    message = said(checks.select_action_eps_greedy, lambda *_: np.array(0))
    assert "returned a NumPy array; an int is expected" in message


def test_nan_is_named() -> None:
    message = said(checks.td_target, lambda r, *_: r * float("nan"))
    assert "there is a NaN in the result" in message


def test_global_settings_of_a_notebook_do_not_matter(capsys: pytest.CaptureFixture[str]) -> None:
    torch.set_grad_enabled(False)
    torch.set_default_dtype(torch.float64)
    try:
        checks.td_loss(_references.td_loss)
        checks.create_network(_references.create_network)
    finally:
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
    assert capsys.readouterr().out.count("✓") == 2


def test_notebook_shows_the_message_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config)
    shell.run_cell("from dqn import checks")
    shell.run_cell("def f(rewards, gamma):\n    total = 0\n    return total + rewards['a']")
    capsys.readouterr()
    result = shell.run_cell("checks.discounted_return(f)")
    assert isinstance(result.error_in_exec, checks.Wrong)
    printed = capsys.readouterr().out
    assert printed.startswith("✗ discounted_return: your code stops with TypeError")
    assert "line 3 of its cell or file, `return total + rewards['a']`" in " ".join(printed.split())
    assert "Traceback" not in printed


def test_importing_is_idempotent() -> None:
    assert importlib.import_module("dqn.checks") is checks
