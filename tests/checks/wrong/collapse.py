"""Wrong answers to the exercises of :mod:`dqn.checks.collapse`."""

# ruff: noqa: ARG001 - a student need not use every argument

from itertools import permutations, product
from typing import Any

from dqn import checks
from tests.checks.wrong import wrong

# --- longest_survival -----------------------------------------------------------------------------


@wrong(checks.longest_survival, "keep to it")
def ls_constant(step: Any, state: Any, horizon: Any) -> Any:
    best = 0
    for action in (0, 1):
        s, count = state, 0
        while count < horizon:
            s, failed = step(s, action)
            count += 1
            if failed:
                break
        best = max(best, count)
    return best


@wrong(checks.longest_survival, "follow the worst sequence")
def ls_worst(step: Any, state: Any, horizon: Any) -> Any:
    if horizon == 0:
        return 0
    options = []
    for action in (0, 1):
        s, failed = step(state, action)
        options.append(1 if failed else 1 + ls_worst(step, s, horizon - 1))
    return min(options)


@wrong(checks.longest_survival, "the step that fails is missing")
def ls_survived(step: Any, state: Any, horizon: Any) -> Any:
    alive, count = [state], 0
    while alive and count < horizon:
        tried = [step(s, a) for s in alive for a in (0, 1)]
        alive = [s for s, failed in tried if not failed]
        count += bool(alive)
    return count


@wrong(checks.longest_survival, "one step further than")
def ls_too_far(step: Any, state: Any, horizon: Any) -> Any:
    most, stack = 0, [(state, 0)]
    while stack:
        s, count = stack.pop()
        most = max(most, count)
        if count > horizon:
            continue
        for a in (0, 1):
            moved, failed = step(s, a)
            if failed:
                most = max(most, count + 1)
            else:
                stack.append((moved, count + 1))
    return most


@wrong(checks.longest_survival, "go on from where it failed")
def ls_blind(step: Any, state: Any, horizon: Any) -> Any:
    steps = 0
    for _ in range(horizon):
        state, _ = step(state, 0)
        steps += 1
    return steps


@wrong(checks.longest_survival, "never come back to the other")
def ls_greedy(step: Any, state: Any, horizon: Any) -> Any:
    for count in range(1, horizon + 1):
        left, left_failed = step(state, 0)
        right, right_failed = step(state, 1)
        if left_failed and right_failed:
            return count
        state = right if left_failed else left
    return horizon


@wrong(checks.longest_survival, "returned True")
def ls_lost_or_not(step: Any, state: Any, horizon: Any) -> Any:
    return all(step(state, action)[1] for action in (0, 1))


@wrong(checks.longest_survival, "RecursionError")
def ls_endless(step: Any, state: Any, horizon: Any) -> Any:
    return max(
        1 if step(state, a)[1] else 1 + ls_endless(step, step(state, a)[0], horizon) for a in (0, 1)
    )


@wrong(checks.longest_survival, "both actions start from")
def ls_overwritten(step: Any, state: Any, horizon: Any) -> Any:
    if horizon == 0:
        return 0
    results = []
    for a in (0, 1):
        state, failed = step(state, a)
        results.append(1 + (0 if failed else ls_overwritten(step, state, horizon - 1)))
    return max(results)


@wrong(checks.longest_survival, "goes beyond `horizon`")
def ls_remembered(step: Any, state: Any, horizon: Any) -> Any:
    memo: dict[Any, int] = {}

    def go(s: Any, h: int) -> int:
        if h == 0:
            return 0
        if s in memo:
            return memo[s]
        memo[s] = max((1 if f else 1 + go(t, h - 1)) for t, f in (step(s, a) for a in (0, 1)))
        return memo[s]

    return go(state, horizon)


@wrong(checks.longest_survival, "the second action is left with less of `horizon`")
def ls_horizon_in_the_loop(step: Any, state: Any, horizon: Any) -> Any:
    best = 0
    for action in (0, 1):
        following, failed = step(state, action)
        if not failed and horizon > 1:
            horizon = horizon - 1
            best = max(best, 1 + ls_horizon_in_the_loop(step, following, horizon))
        else:
            best = max(best, 1)
    return best


@wrong(checks.longest_survival, "`return` in the first turn of your loop")
def ls_returns_at_once(step: Any, state: Any, horizon: Any) -> Any:
    for action in (0, 1):
        following, failed = step(state, action)
        if failed or horizon == 1:
            return 1
        return 1 + ls_returns_at_once(step, following, horizon - 1)
    return 0


@wrong(checks.longest_survival, "that of the last action tried")
def ls_no_max(step: Any, state: Any, horizon: Any) -> Any:
    best = 0
    for action in (0, 1):
        following, failed = step(state, action)
        best = 1 if failed or horizon == 1 else 1 + ls_no_max(step, following, horizon - 1)
    return best


@wrong(checks.longest_survival, "the other one may go on")
def ls_early_return(step: Any, state: Any, horizon: Any) -> Any:
    if horizon == 0:
        return 0
    best = 0
    for action in (0, 1):
        following, failed = step(state, action)
        if failed:
            return 1
        best = max(best, 1 + ls_early_return(step, following, horizon - 1))
    return best


@wrong(checks.longest_survival, "not from where the action led")
def ls_same_state(step: Any, state: Any, horizon: Any) -> Any:
    if horizon == 0:
        return 0
    outcomes = [step(state, action) for action in range(2)]
    return max(1 if f else 1 + ls_same_state(step, state, horizon - 1) for _, f in outcomes)


@wrong(checks.longest_survival, "leave less of `horizon`")
def ls_horizon_stays(step: Any, state: Any, horizon: Any) -> Any:
    best = 1
    for action in (0, 1):
        following, failed = step(state, action)
        if not failed and horizon > 1:
            best = max(best, 1 + ls_horizon_stays(step, following, horizon))
    return best


@wrong(checks.longest_survival, "one too low, whatever happens")
def ls_enumerated(step: Any, state: Any, horizon: Any) -> Any:
    most = 0
    for sequence in product((0, 1), repeat=horizon):
        s = state
        for k, action in enumerate(sequence):  # noqa: B007 (k is read behind the loop: the mistake)
            s, failed = step(s, action)
            if failed:
                break
        most = max(most, k)
    return most


@wrong(checks.longest_survival, "one too high, whatever happens")
def ls_counts_the_start(step: Any, state: Any, horizon: Any) -> Any:
    layer, depth = [state], 1
    while layer and depth <= horizon:
        outcomes = [step(s, action) for s in layer for action in (0, 1)]
        layer = [s for s, failed in outcomes if not failed]
        depth += 1
    return depth


@wrong(checks.longest_survival, "begin each with an empty memory")
def ls_default_memory(
    step: Any,
    state: Any,
    horizon: Any,
    memory: Any = {},  # noqa: B006 (shared by all calls: the mistake)
) -> Any:
    if horizon == 0:
        return 0
    key = f"{state} {horizon}"
    if key not in memory:
        outcomes = [step(state, action) for action in (0, 1)]
        memory[key] = 1 + max(
            0 if failed else ls_default_memory(step, s, horizon - 1) for s, failed in outcomes
        )
    return memory[key]


@wrong(checks.longest_survival, "you call `step` with the action -1")
def ls_left_and_right(step: Any, state: Any, horizon: Any) -> Any:
    if horizon == 0:
        return 0
    outcomes = [step(state, action) for action in (-1, 1)]
    return 1 + max(0 if f else ls_left_and_right(step, s, horizon - 1) for s, f in outcomes)


@wrong(checks.longest_survival, "you leave out states that you have met before")
def ls_breadth_first(step: Any, state: Any, horizon: Any) -> Any:
    frontier, met = {state}, {state}
    for taken in range(horizon):
        if not frontier:
            return taken
        moves = [step(s, action) for s in frontier for action in (0, 1)]
        frontier = {s for s, failed in moves if not failed} - met
        met |= frontier
    return horizon


@wrong(checks.longest_survival, "you add up what follows both actions")
def ls_adds_up(step: Any, state: Any, horizon: Any) -> Any:
    total = 0
    for action in (0, 1):
        following, failed = step(state, action)
        total += 1
        if not failed and horizon > 1:
            total += ls_adds_up(step, following, horizon - 1)
    return total


@wrong(checks.longest_survival, "only one sequence goes on")
def ls_as_many_of_each(step: Any, state: Any, horizon: Any) -> Any:
    longest = 0
    for actions in permutations(([0, 1] * horizon)[:horizon]):
        s = state
        for count, action in enumerate(actions, 1):
            s, failed = step(s, action)
            longest = max(longest, count)
            if failed:
                break
    return longest


@wrong(checks.longest_survival, "your answer is 1 wherever you start")
def ls_forgets_to_add(step: Any, state: Any, horizon: Any) -> Any:
    if horizon == 1:
        return 1
    outcomes = [step(state, action) for action in (0, 1)]
    return max(1 if f else ls_forgets_to_add(step, s, horizon - 1) for s, f in outcomes)


@wrong(checks.longest_survival, "where both actions hold")
def ls_overwrites(step: Any, state: Any, horizon: Any) -> Any:
    count = 1
    for action in range(2):
        following, failed = step(state, action)
        if failed or horizon == 1:
            continue
        count = ls_overwrites(step, following, horizon - 1) + 1
    return count
