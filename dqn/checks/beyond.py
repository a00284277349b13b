"""Checkers of the chapter `Beyond`."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from dqn.checks import _references as right
from dqn.checks._calling import Call, Complaint, Outcome, as_array, named, returned_array
from dqn.checks._machinery import Case, Exercise, Mistake, check

CHAPTER = "Beyond"


# --- dueling_values -------------------------------------------------------------------------------


def _heads(title: str, value: list[float], advantages: list[list[float]]) -> Case:
    return Case(title, (torch.tensor(value)[:, None], torch.tensor(advantages)))


def _values_and_slopes(call: Call, value: torch.Tensor, advantages: torch.Tensor) -> Outcome:
    """The values, and how a sum of them answers to V and to A: a network learns by these."""
    heads = [head.clone().requires_grad_() for head in (value, advantages)]
    try:
        result = call(*heads)
    except RuntimeError as error:
        if "leaf Variable" not in str(error):
            raise
        raise Complaint(
            "your function changes one of its arguments in place. Whoever called it still needs it "
            "as it was: work on a copy, or avoid operations in place."
        ) from None
    outcome = {"the result": as_array(result)}
    if not isinstance(result, torch.Tensor):
        raise Complaint(
            f"your function returned {named(result)}; it should return a tensor, or no gradient "
            "comes back to the network."
        )
    slopes: tuple[torch.Tensor | None, ...] = (None, None)
    if result.requires_grad:
        parts = torch.arange(1.0, result.numel() + 1).reshape(result.shape)
        slopes = torch.autograd.grad((parts * result).sum(), heads, allow_unused=True)
    if all(slope is None for slope in slopes):
        raise Complaint(
            "no gradient comes back from your values to V and A: do without detach() and numpy(), "
            "and make no new tensor of their numbers."
        )
    for name, head, slope in zip(("V", "A"), heads, slopes, strict=True):
        outcome[f"the gradient with respect to {name}"] = as_array(
            torch.zeros_like(head) if slope is None else slope
        )
    return outcome


DUELING_VALUES = Exercise(
    name="dueling_values",
    chapter=CHAPTER,
    arguments=("value", "advantages"),
    reference=right.dueling_values,
    observe=_values_and_slopes,
    cases=(
        _heads("one state, two actions", [3.0], [[1.0, 0.0]]),
        _heads("one action only", [2.0], [[5.0]]),
        _heads("two states, three actions", [1.0, -2.0], [[0.0, 3.0, 0.0], [1.0, 1.0, 4.0]]),
        _heads("as many states as actions", [1.0, 2.0], [[4.0, 0.0], [-1.0, 2.0]]),
    ),
    mistakes=(
        Mistake(
            "only added",
            "you add the two and stop there. Ten more for V and ten less for every A would give "
            "the same values: nothing says which is which.",
            lambda v, a: v + a,
        ),
        Mistake(
            "largest advantage taken off",
            "you take off the largest advantage. That is the paper's other version (its equation "
            "8); the mean is wanted.",
            lambda v, a: v + a - a.amax(-1, keepdim=True),
        ),
        Mistake(
            "mean over the batch",
            "you average over the states of the batch. A state's values would then depend on its "
            "company: average over its actions.",
            lambda v, a: v + a - a.mean(0, keepdim=True),
        ),
        Mistake(
            "mean over everything",
            "you take one mean over all states and actions; each state has its own.",
            lambda v, a: v + a - a.mean(),
        ),
        Mistake(
            "no value",
            "the state's value is missing: your values average to zero in every state.",
            lambda v, a: a - a.mean(-1, keepdim=True) + 0 * v,
        ),
        Mistake(
            "mean added",
            "you add the mean of the advantages; it has to be taken off.",
            lambda v, a: v + a + a.mean(-1, keepdim=True),
        ),
        Mistake(
            "sum taken off",
            "you take off the sum of the advantages and not their mean.",
            lambda v, a: v + a - a.sum(-1, keepdim=True),
        ),
        Mistake(
            "divided by the number of the others",
            "you divide the sum of a state's advantages by one less than the number of actions: "
            "the mean is over all of them.",
            lambda v, a: v + a - a.sum(-1, keepdim=True) / (a.shape[-1] - 1),
        ),
        Mistake(
            "the value's mean",
            "you take off the mean of V, which is V itself: whose mean does the equation take off?",
            lambda v, a: v + a - v.mean(-1, keepdim=True),
        ),
        Mistake(
            "divided by the number of states",
            "you divide the sum of a state's advantages by the number of states: how many actions "
            "are there?",
            lambda v, a: v + a - a.sum(-1, keepdim=True) / len(a),
        ),
        Mistake(
            "a mean that has lost its axis",
            "your means have shape [B]. Beside [B, A] they count as one for each *action*, which "
            "stops or, where B equals A, mixes the states up: which shape goes with [B, A]?",
            lambda v, a: v + a - a.mean(-1),
        ),
        Mistake(
            "a value that has lost its axis",
            "your V has shape [B]. Beside [B, A] it counts as one for each *action*, which stops "
            "or, where B equals A, mixes the states up: which shape goes with [B, A]?",
            lambda v, a: v.squeeze(-1) + a - a.mean(-1, keepdim=True),
        ),
        Mistake(
            "the value's gradient is cut",
            "the values are right, their gradients are not: none comes back to V.",
            lambda v, a: v.detach() + a - a.mean(-1, keepdim=True),
        ),
        Mistake(
            "the mean's gradient is cut",
            "the values are right, their gradients are not: the mean of the advantages is part of "
            "what is learned, and must stay in the graph.",
            lambda v, a: v + a - a.mean(-1, keepdim=True).detach(),
        ),
        Mistake(
            "the mean alone",
            "you return the same value for all actions: you have lost the advantages themselves.",
            lambda v, a: (v - a.mean(-1, keepdim=True)).expand_as(a),
        ),
    ),
)


# --- n_step_backup --------------------------------------------------------------------------------


def _backup(
    *,
    middle: str = "behaviour",
    last: str = "best",
    extra: int = 0,
    discounted: bool = True,
    paid: bool = True,
) -> Callable[..., Any]:
    """An n-step backup that is wrong in one respect."""

    def backup(reward: Any, transition: Any, behaviour: Any, q: Any, gamma: float, n: int) -> Any:
        def value(q: Any, how: str) -> Any:
            if how == "behaviour":
                return (behaviour * q).sum(axis=1)
            return q.max(axis=1) if how == "best" else q.mean(axis=1)

        values = value(q, last)
        for _ in range(n - 1 + extra):
            following = (gamma if discounted else 1) * transition @ values
            values = value(paid * reward + following, middle)
        return reward + gamma * transition @ values

    return backup


def _summed(bootstrap: Callable[[float, int], float], *, late: int = 0) -> Callable[..., Any]:
    """Rewards and bootstrap apart, each with powers of its own."""

    def backup(reward: Any, transition: Any, behaviour: Any, q: Any, gamma: float, n: int) -> Any:
        rewards = right.n_step_backup(reward, transition, behaviour, 0 * q, gamma, n)
        end = right.n_step_backup(0 * reward, transition, behaviour, q, 1.0, n)
        return reward + gamma**late * (rewards - reward) + bootstrap(gamma, n) * end

    return backup


def _never_ends(reward: Any, transition: Any, *rest: Any) -> Any:
    total = transition.sum(axis=-1, keepdims=True)
    always = np.divide(transition, total, out=np.zeros_like(transition), where=total > 0)
    return right.n_step_backup(reward, always, *rest)


def _first_by_behaviour(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: float, n: int
) -> Any:
    targets = right.n_step_backup(reward, transition, behaviour, q, gamma, n)
    return np.repeat((behaviour * targets).sum(axis=1, keepdims=True), q.shape[1], axis=1)


def _best_then_behaviour(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: float, n: int
) -> Any:
    for _ in range(n - 1):
        q = reward + gamma * transition @ (behaviour * q).sum(axis=1)
    return reward + gamma * transition @ q.max(axis=1)


def _always(choose: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """The behaviour replaced by one action for each state, as behaviour and q suggest it."""

    def backup(reward: Any, transition: Any, behaviour: Any, q: Any, gamma: float, n: int) -> Any:
        followed = np.eye(q.shape[1])[choose(behaviour, q)]
        return right.n_step_backup(reward, transition, followed, q, gamma, n)

    return backup


def _discounted_again(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: float, n: int
) -> Any:
    targets = right.n_step_backup(reward, transition, behaviour, q, gamma, n)
    return reward + gamma ** (n - 1) * (targets - reward)


def _undiscounted(reward: Any, transition: Any, behaviour: Any, q: Any, _: float, n: int) -> Any:
    return right.n_step_backup(reward, transition, behaviour, q, 1.0, n)


def _single(reward: Any, transition: Any, _: Any, q: Any, gamma: float, *__: Any) -> Any:
    return reward + gamma * transition @ q.max(axis=1)


def _followed(transition: Any, behaviour: Any) -> Any:
    """The transition from state to state under the behaviour, [S, S]."""
    return (behaviour[:, :, None] * transition).sum(axis=1)


def _stays_after_the_first_step(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: float, n: int
) -> Any:
    later = sum(gamma**k for k in range(1, n)) * (behaviour * reward).sum(axis=1)
    return reward + transition @ (later + gamma**n * q.max(axis=1))


def _a_step_skipped(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: float, n: int
) -> Any:
    late = transition @ _followed(transition, behaviour)
    later = right.n_step_backup(reward, transition, behaviour, q, gamma, n - 1) if n > 1 else q
    values = (behaviour * later).sum(axis=1) if n > 1 else q.max(axis=1)
    return reward + gamma * late @ values


def _in_the_rewards_type(reward: Any, *rest: Any) -> Any:
    targets = np.zeros_like(reward)
    targets[:] = right.n_step_backup(reward, *rest)
    return targets


def _random_case(
    title: str, seed: int, states: int, actions: int, gamma: float, n: int, *, dtype: Any = float
) -> Case:
    rng = np.random.default_rng(seed)
    transition = 0.9 * rng.dirichlet(np.ones(states), (states, actions))  # one in ten terminates
    behaviour = rng.dirichlet(np.ones(actions), states)
    reward, q = rng.integers(-6, 7, (2, states, actions)) / 2
    return Case(title, (reward.astype(dtype), transition, behaviour, q, gamma, n))


N_STEP_BACKUP = Exercise(
    name="n_step_backup",
    chapter=CHAPTER,
    arguments=("reward", "transition", "behaviour", "q", "gamma", "n"),
    reference=right.n_step_backup,
    observe=returned_array,
    cases=(
        Case(
            "two states in a row, then the end; two steps",
            (
                np.array([[1.0, 0.0], [4.0, 2.0]]),
                np.array([[[0.0, 1.0], [0.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]]),
                np.array([[0.5, 0.5], [0.5, 0.5]]),
                np.array([[7.0, 7.0], [9.0, 9.0]]),
                0.5,
                2,
            ),
        ),
        _random_case("one step: nothing but Q-learning", 0, 2, 2, 0.5, 1),
        _random_case("three states, three steps", 1, 3, 2, 0.5, 3),
        _random_case("four states, three actions, four steps", 2, 4, 3, 0.9, 4),
        _random_case("rewards that are whole numbers", 3, 2, 2, 0.5, 2, dtype=np.int64),
    ),
    mistakes=(
        Mistake(
            "the best action in the middle",
            "you take the best action at every step. The memory holds what the agent *did*: "
            "between the first action and the last state the behaviour chooses.",
            _backup(middle="best"),
        ),
        Mistake(
            "the best action of q in the middle",
            "you follow the best action of q at every step. The memory holds what the agent *did*: "
            "between the first action and the last state the behaviour chooses.",
            _always(lambda _behaviour, q: q.argmax(axis=1)),
        ),
        Mistake(
            "the likeliest action in the middle",
            "you follow the likeliest action of `behaviour`: all of them are taken, each as often "
            "as its probability says.",
            _always(lambda behaviour, _q: behaviour.argmax(axis=1)),
        ),
        Mistake(
            "the best action first",
            "you take the best action right after the first step, and let the behaviour choose in "
            "the last state: it is the other way round.",
            _best_then_behaviour,
        ),
        Mistake(
            "behaviour at the end",
            "you let the behaviour choose in the last state too. That is n-step expected Sarsa; "
            "here the best action is taken there.",
            _backup(last="behaviour"),
        ),
        Mistake(
            "a step too many",
            "you take n + 1 steps; with n = 1 it must be Q-learning's own target.",
            _backup(extra=1),
        ),
        Mistake(
            "a step too few",
            "you take n - 1 steps: n rewards come before the value that ends them.",
            _backup(extra=-1),
        ),
        Mistake(
            "nothing is discounted",
            "gamma has no effect on your targets.",
            _undiscounted,
        ),
        Mistake(
            "one step whatever n is",
            "you take one step, whatever n is.",
            _single,
        ),
        Mistake(
            "discounted once",
            "you discount once for all n steps together.",
            _backup(discounted=False),
        ),
        Mistake(
            "no step after the first",
            "every later reward is that of the state after the first step: from there the "
            "behaviour goes on, too.",
            _stays_after_the_first_step,
        ),
        Mistake(
            "a step skipped",
            "what follows the first step comes from a state too late: the transition of (s, a) is "
            "a step already.",
            _a_step_skipped,
        ),
        Mistake(
            "rewards left out",
            "you leave out the rewards between the first and the last step.",
            _backup(paid=False),
        ),
        Mistake(
            "gamma once at the end",
            "the value of the last state is discounted by gamma; it lies n steps ahead.",
            _summed(lambda gamma, _n: gamma),
        ),
        Mistake(
            "a power too little at the end",
            "the value of the last state is discounted by one power too few: it lies n steps "
            "ahead, n - 1 after the first.",
            _summed(lambda gamma, n: gamma ** (n - 1)),
        ),
        Mistake(
            "no power at the end",
            "the value of the last state is not discounted: it lies n steps ahead.",
            _summed(lambda _gamma, _n: 1.0),
        ),
        Mistake(
            "nothing at the end",
            "the value of the last state is missing: n rewards are not all that is to come.",
            _summed(lambda _gamma, _n: 0.0),
        ),
        Mistake(
            "discounted from both ends",
            "what follows the first step is discounted step by step, and then by a power of gamma "
            "once more.",
            _discounted_again,
        ),
        Mistake(
            "rewards a power late",
            "the rewards after the first are discounted by one power too many.",
            _summed(lambda gamma, n: gamma**n, late=1),
        ),
        Mistake(
            "episodes that never end",
            "what a row of `transition` lacks to 1 ends the episode: do not bring it back to 1.",
            _never_ends,
        ),
        Mistake(
            "the first action by the behaviour",
            "the first action is that of the pair (s, a), and not drawn from `behaviour`: the "
            "targets of a state differ by action.",
            _first_by_behaviour,
        ),
        Mistake(
            "the first action by the behaviour, a number for each state",
            "you return one number for each state, as if the first action were drawn from "
            "`behaviour`: it is that of the pair (s, a), and a state has as many targets as "
            "actions.",
            lambda *arguments: _first_by_behaviour(*arguments)[:, 0],
        ),
        Mistake(
            "a table of whole numbers",
            "where the rewards are whole numbers, so are your targets: a table made like theirs "
            "keeps their type.",
            _in_the_rewards_type,
        ),
        Mistake(
            "a uniform behaviour",
            "you give all actions in the middle the same probability: look at `behaviour`.",
            _backup(middle="mean"),
        ),
        Mistake(
            "divided by the number of actions",
            "you weigh the actions by their probabilities, which add up to one, and then take the "
            "mean instead of the sum.",
            lambda reward, transition, behaviour, *rest: right.n_step_backup(
                reward, transition, behaviour / behaviour.shape[1], *rest
            ),
        ),
    ),
)


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (DUELING_VALUES, N_STEP_BACKUP)


def dueling_values(function: Any) -> None:
    """Check ``dueling_values(value, advantages)``: action values, ``[B, A]``.

    Two tensors, ``value [B, 1]`` and ``advantages [B, A]``.

    Raises:
        Wrong: If the values are not right, saying why.

    Chapter: `Beyond`.

    >>> dueling_values(lambda value, advantages: value + advantages)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ dueling_values: you add the two and stop there...
    """
    check(DUELING_VALUES, function)


def n_step_backup(function: Any) -> None:
    """Check ``n_step_backup(reward, transition, behaviour, q, gamma, n)``: ``[S, A]``.

    Arrays: ``reward [S, A]``, ``transition [S, A, S]``, ``behaviour [S, A]`` (probabilities of
    actions) and ``q [S, A]``.

    Raises:
        Wrong: If the targets are not right, saying why.

    Chapter: `Beyond`.

    >>> n_step_backup(lambda reward, transition, behaviour, q, gamma, n: reward + gamma * q)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ n_step_backup: ...
    """
    check(N_STEP_BACKUP, function)
