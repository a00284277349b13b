"""Checker of the chapter `Anatomy of a collapse`."""

from collections.abc import Callable
from itertools import product
from typing import Any

from dqn.checks import _references as right
from dqn.checks._calling import Complaint, returned_number
from dqn.checks._machinery import Case, Exercise, Mistake, check

CHAPTER = "Anatomy of a collapse"

Step = Callable[[Any, int], tuple[Any, bool]]


# --- worlds small enough to be searched by hand ---------------------------------------------------


def _lost(state: int, _action: int) -> tuple[int, bool]:
    return state, True


def _safe(state: int, _action: int) -> tuple[int, bool]:
    return state, False


def _plank(place: int, action: int) -> tuple[int, bool]:
    """One to the left or to the right, on a plank from -1 to 1."""
    moved = place + (1 if action == 1 else -1)
    return moved, abs(moved) > 1


def _sledge(state: tuple[int, int], action: int) -> tuple[tuple[int, int], bool]:
    """An action changes the speed by one; the ice ends at 3 and -3."""
    place, speed = state
    speed += 1 if action == 1 else -1
    return (place + speed, speed), abs(place + speed) > 3


def _rooms(doors: dict[str, tuple[str, str]]) -> Step:
    """Rooms with two doors each; those without an entry lead to the pit, and the pit fails."""

    def step(room: str, action: int) -> tuple[str, bool]:
        following = doors.get(room, ("pit", "pit"))[action]
        return following, following == "pit"

    return step


# The first door leads to a hall without another; the second one goes on for a while.
_MAZE = {"door": ("hall", "lane"), "lane": ("bend", "pit"), "bend": ("pit", "yard")}
_maze = _rooms(_MAZE)

# The yard, in which one can stay, is reached in one step or in two.
_TWO_WAYS = {"hall": ("yard", "lane"), "lane": ("yard", "pit"), "yard": ("yard", "pit")}
_two_ways = _rooms(_TWO_WAYS)

# From the attic the first door leads down to where nothing helps and the second one out into the
# open; from the porch it is the other way round.
_HOUSE = {
    "attic": ("cellar", "garden"),
    "porch": ("garden", "cellar"),
    "garden": ("garden", "garden"),
}
_house = _rooms(_HOUSE)


_CODE = (0, 0, 1, 0, 0, 0, 0, 1)


def _lock(opened: int, action: int) -> tuple[int, bool]:
    """One sequence goes on to the end, and it has more of one action than of the other."""
    return opened + 1, action != _CODE[opened]


_WORDS: dict[Step, str] = {
    _lost: "fails whatever is done",
    _safe: "never fails",
    _plank: "0 moves by -1 and 1 by +1; fails beyond -1 and 1",
    _sledge: "(place, speed): 0 and 1 change the speed; fails beyond -3 and 3",
    _maze: f"rooms, by 0 and 1: {_MAZE}; the pit fails, and so does all else",
    _two_ways: f"rooms, by 0 and 1: {_TWO_WAYS}; the pit fails",
    _lock: f"state k goes on to k + 1 by action {_CODE}[k]; the other action fails",
    _house: f"rooms, by 0 and 1: {_HOUSE}; the pit fails, and so does all else",
}


def _case(title: str, step: Step, state: Any, horizon: int) -> Case:
    shown = {"state": state, "horizon": horizon, "step": _WORDS[step]}

    def strict(state: Any, action: Any) -> tuple[Any, bool]:
        if action not in (0, 1):
            raise Complaint(f"you call `step` with the action {action!r}; there are 0 and 1.")
        return step(state, int(action))

    return Case(title, (strict, state, horizon), shown)


# --- wrong answers --------------------------------------------------------------------------------


def _search(
    *,
    best: Callable[[float, float], float] = max,
    counts_failing: int = 1,
    beyond: int = 0,
    sees_failing: bool = True,
) -> Callable[[Step, Any, int], float]:
    """The search with one thing wrong."""

    def longest(step: Step, state: Any, horizon: int) -> float:
        if horizon + beyond == 0:
            return 0

        def after(action: int) -> float:
            moved, failed = step(state, action)
            if failed and sees_failing:
                return counts_failing
            return 1 + longest(step, moved, horizon - 1)

        return best(*(after(action) for action in (0, 1)))

    return longest


def _walk(step: Step, state: Any, actions: tuple[int, ...]) -> int:
    for taken, action in enumerate(actions, start=1):
        state, failed = step(state, action)
        if failed:
            return taken
    return len(actions)


def _same_action(step: Step, state: Any, horizon: int) -> int:
    return max(_walk(step, state, (action,) * horizon) for action in (0, 1))


def _first_that_holds(step: Step, state: Any, horizon: int) -> int:
    for taken in range(1, horizon + 1):
        tried = [step(state, action) for action in (0, 1)]
        held = [moved for moved, failed in tried if not failed]
        if not held:
            return taken
        state = held[0]
    return horizon


def _last_that_holds(step: Step, state: Any, horizon: int) -> int:
    best = 1
    for action in (0, 1):
        moved, failed = step(state, action)
        if not failed and horizon > 1:
            best = 1 + _last_that_holds(step, moved, horizon - 1)
    return best


def _from_where_the_other_led(step: Step, state: Any, horizon: int) -> int:
    best = 0
    for action in (0, 1):
        state, failed = step(state, action)
        more = failed or horizon == 1
        best = max(best, 1 if more else 1 + _from_where_the_other_led(step, state, horizon - 1))
    return best


def _shrinking_horizon(step: Step, state: Any, horizon: int) -> int:
    best = 0
    for action in (0, 1):
        moved, failed = step(state, action)
        more = 0
        if not failed and horizon > 1:
            horizon -= 1
            more = _shrinking_horizon(step, moved, horizon)
        best = max(best, 1 + more)
    return best


def _ends_where_one_fails(step: Step, state: Any, horizon: int) -> int:
    tried = [step(state, action) for action in (0, 1)]
    if horizon == 1 or any(failed for _, failed in tried):
        return 1
    return 1 + max(_ends_where_one_fails(step, moved, horizon - 1) for moved, _ in tried)


def _never_moves(step: Step, state: Any, horizon: int) -> int:
    return 1 if all(step(state, action)[1] for action in (0, 1)) else horizon


def _endless(step: Step, state: Any, horizon: int) -> int:
    tried = [step(state, action) for action in (0, 1)]
    return 1 + max(0 if failed else _endless(step, moved, horizon) for moved, failed in tried)


_for_ever: dict[Any, int] = {}


def _remembered_for_ever(step: Step, state: Any, horizon: int) -> int:
    """Remembers what it found in other worlds, too."""
    if horizon == 0:
        return 0
    if (state, horizon) not in _for_ever:
        after = (step(state, action) for action in (0, 1))
        _for_ever[state, horizon] = max(
            1 if failed else 1 + _remembered_for_ever(step, moved, horizon - 1)
            for moved, failed in after
        )
    return _for_ever[state, horizon]


def _remembered(step: Step, state: Any, horizon: int) -> int:
    memo: dict[Any, int] = {}

    def longest(state: Any, left: int) -> int:
        if left == 0:
            return 0
        if state not in memo:
            after = (step(state, action) for action in (0, 1))
            memo[state] = max(
                1 if failed else 1 + longest(moved, left - 1) for moved, failed in after
            )
        return memo[state]

    return longest(state, horizon)


def _never_twice(step: Step, state: Any, horizon: int) -> int:
    taken, seen, here = 0, {state}, [state]
    while here and taken < horizon:
        taken += 1
        moves = [step(place, action) for place in here for action in (0, 1)]
        here = [place for place in dict(moves) if (place, False) in moves and place not in seen]
        seen.update(here)
    return taken


def _how_many(step: Step, state: Any, horizon: int) -> int:
    sequences = product((0, 1), repeat=horizon)
    lengths = [_walk(step, state, actions) for actions in sequences]
    return lengths.count(max(lengths))


LONGEST_SURVIVAL = Exercise(
    name="longest_survival",
    chapter=CHAPTER,
    arguments=("step", "state", "horizon"),
    reference=right.longest_survival,
    observe=returned_number,
    cases=(
        _case("nothing helps", _lost, 0, 1),
        _case("nothing helps, and you may look further ahead", _lost, 0, 4),
        _case("nothing can fail", _safe, 0, 4),
        _case("only going to and fro survives", _plank, 0, 5),
        _case("one action fails at once, the other does not", _plank, 1, 4),
        _case("the first door that holds is the wrong one", _maze, "door", 8),
        _case("the first door that holds is the right one", _maze, "lane", 8),
        _case("the second action leads out", _house, "attic", 3),
        _case("the first action leads out", _house, "porch", 3),
        _case("a sledge that can be stopped in time", _sledge, (0, 3), 7),
        _case("a sledge that can't", _sledge, (1, 3), 7),
        _case("only one sequence goes on", _lock, 0, len(_CODE)),
        _case("a room that is reached by two ways, of different length", _two_ways, "hall", 3),
    ),
    mistakes=(
        Mistake(
            "action 0 only",
            "only action 0 is ever followed: is there a `return` in the first turn of your loop?",
            _search(best=lambda left, _right: left),
        ),
        Mistake(
            "the last action's answer",
            "your answer is that of the last action tried, and not the larger of the two.",
            _search(best=lambda _left, right: right),
        ),
        Mistake(
            "one failing action ends it all",
            "where one of the actions fails you stop looking: the other one may go on.",
            _ends_where_one_fails,
        ),
        Mistake(
            "looks ahead from where it stands",
            "you look ahead from `state` once more, and not from where the action led.",
            _never_moves,
        ),
        Mistake(
            "the horizon stays",
            "where nothing fails you look ahead for ever: each step has to leave less of "
            "`horizon`.",
            _endless,
        ),
        Mistake(
            "no step is added",
            "your answer is 1 wherever you start: a step that holds is one more than all that "
            "follows it.",
            lambda *_: 1,
        ),
        Mistake(
            "the last action that holds",
            "where both actions hold, your answer is that of the last one tried, and not the "
            "larger of the two.",
            _last_that_holds,
        ),
        Mistake(
            "counted from zero",
            "your count is one too low, whatever happens: the first step is one step.",
            lambda *arguments: right.longest_survival(*arguments) - 1,
        ),
        Mistake(
            "counted from two",
            "your count is one too high, whatever happens.",
            lambda *arguments: right.longest_survival(*arguments) + 1,
        ),
        Mistake(
            "a memory of other worlds",
            "you remember what you found from call to call, and the next call may come with "
            "another `step`: begin each with an empty memory.",
            _remembered_for_ever,
        ),
        Mistake(
            "the horizon shrinks from action to action",
            "the second action is left with less of `horizon` than the first: both look as far "
            "ahead.",
            _shrinking_horizon,
        ),
        Mistake(
            "nowhere twice",
            "you leave out states that you have met before. Nothing forbids to stay, or to go to "
            "and fro: it is survival too.",
            _never_twice,
        ),
        Mistake(
            "both actions added up",
            "you add up what follows both actions: only one of them is taken.",
            _search(best=lambda left, right: left + right),
        ),
        Mistake(
            "the worst sequence",
            "you seem to follow the worst sequence of actions: a state is lost only if the best "
            "one fails.",
            _search(best=min),
        ),
        Mistake(
            "the average sequence",
            "you average over the actions, as if they were drawn at random; whoever wants to "
            "survive chooses.",
            _search(best=lambda left, right: (left + right) / 2),
        ),
        Mistake(
            "the failing step is not counted",
            "the step that fails is missing from your count: it earns a reward like any other.",
            _search(counts_failing=0),
        ),
        Mistake(
            "one step beyond the horizon",
            "you look one step further than `horizon`.",
            _search(beyond=1),
        ),
        Mistake(
            "one step short of the horizon",
            "you look one step less far than `horizon`.",
            lambda step, state, horizon: _search()(step, state, horizon - 1),
        ),
        Mistake(
            "goes on after failing",
            "you go on from where it failed: after that there is nothing any more.",
            _search(sees_failing=False),
        ),
        Mistake(
            "the same action throughout",
            "you try each action, but then keep to it: the next step may need the other one.",
            _same_action,
        ),
        Mistake(
            "the first action that holds",
            "you seem to take the first action that does not fail at once and never come back to "
            "the other, which may last longer.",
            _first_that_holds,
        ),
        Mistake(
            "the second action starts where the first one led",
            "both actions start from `state`: keep it, where you try the first.",
            _from_where_the_other_led,
        ),
        Mistake(
            "a memory that forgets the horizon",
            "your count goes beyond `horizon`: a state's answer depends on how many steps are left "
            "when you reach it, so it can't be remembered by the state alone.",
            _remembered,
        ),
        Mistake(
            "the number of sequences",
            "you count the sequences that last longest, and not the steps that they last.",
            _how_many,
        ),
    ),
)


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (LONGEST_SURVIVAL,)


def longest_survival(function: Any) -> None:
    """Check ``longest_survival(step, state, horizon)``: the most steps that any actions can get.

    ``step(state, action)`` returns (next state, whether it failed); the actions are 0 and 1. The
    step that fails counts; nobody looks further ahead than ``horizon`` >= 1 steps.

    Raises:
        Wrong: If the number of steps is not right, saying why.

    Chapter: `Anatomy of a collapse`.

    >>> longest_survival(lambda step, state, horizon: horizon)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ longest_survival: you go on from where it failed: after that...
    """
    check(LONGEST_SURVIVAL, function)
