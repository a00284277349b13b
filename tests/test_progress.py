"""Progress bars: who sees one and who does not."""

import io
import subprocess
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest

from dqn.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def items() -> Iterator[str]:
    yield from "abc"


@pytest.mark.parametrize("switch", ["off", "on"])
def test_items_pass_through(monkeypatch: pytest.MonkeyPatch, switch: str) -> None:
    monkeypatch.setenv("DQN_PROGRESS", switch)
    assert list(progress(3, "x")) == [0, 1, 2]
    assert list(progress(0, "x")) == []
    assert list(progress(items(), "x", 3)) == ["a", "b", "c"]
    assert next(progress(items(), "x")) == "a"


def shown(monkeypatch: pytest.MonkeyPatch, stderr: io.StringIO) -> str:
    monkeypatch.setattr(sys, "stderr", stderr)
    for _ in progress(3, "training"):
        pass
    return stderr.getvalue()


def test_a_person_at_a_terminal_sees_a_bar_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DQN_PROGRESS", raising=False)
    text = shown(monkeypatch, Terminal())
    assert "training" in text
    assert "\n" not in text
    assert text.rsplit("\r", 2)[-2].strip() == ""


def test_a_person_at_a_notebook_sees_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DQN_PROGRESS", raising=False)
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    assert "training" in shown(monkeypatch, io.StringIO())


def test_a_file_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DQN_PROGRESS", raising=False)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    assert shown(monkeypatch, io.StringIO()) == ""


def test_a_page_being_built_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DQN_PROGRESS", "off")
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    assert shown(monkeypatch, Terminal()) == ""


def test_no_warning_where_widgets_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DQN_PROGRESS", raising=False)
    # As in a kernel without ipywidgets, where tqdm warns on import.
    code = (
        "import sys, types, IPython\n"
        "sys.modules['ipywidgets'] = None\n"
        "sys.modules['ipykernel.zmqshell'] = types.ModuleType('zmqshell')\n"
        "from dqn.progress import progress\n"
        "print(list(progress(2, 'x')))\n"
    )
    command = [sys.executable, "-W", "always", "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "[0, 1]\n"), run.stderr
    assert "ipywidgets" not in run.stderr


@pytest.mark.parametrize(
    ("items", "error"), [(None, TypeError), (2.5, TypeError), (-1, ValueError)]
)
def test_what_cannot_be_gone_through_is_named(items, error):
    with pytest.raises(error, match=f"items must be a whole number of at least 0, got {items}"):
        progress(items, "nothing")


@pytest.mark.parametrize("total", ["2", 0.5, -1])
def test_words_and_a_number_go_with_what_is_gone_through(total: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="total must be a whole number of at least 0"):
        progress([1, 2], "counting", total)
    unsaid: Any = None
    with pytest.raises(TypeError, match="description must be text, got None"):
        progress([1, 2], unsaid)
