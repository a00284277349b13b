"""Wrong answers to the exercise of :mod:`dqn.checks.homework_sort`."""

from collections import deque
from typing import Any

import numpy as np

from dqn import checks
from tests.checks.wrong import wrong

# --- sort_replay_buffer ---------------------------------------------------------------------------


@wrong(checks.sort_replay_buffer, "pushes out the one with the most to teach")
def so_descending(buf: Any) -> Any:
    return deque(sorted(buf, key=lambda t: -t[0]), maxlen=buf.maxlen)


@wrong(checks.sort_replay_buffer, "grow without end")
def so_no_maxlen(buf: Any) -> Any:
    return deque(sorted(buf, key=lambda t: t[0]))


@wrong(checks.sort_replay_buffer, "two equal losses break it")
def so_whole_tuples(buf: Any) -> Any:
    out: deque[Any] = deque(maxlen=buf.maxlen)
    out.extend(sorted(buf))
    return out


@wrong(checks.sort_replay_buffer, "returned None: return the sorted buffer")
def so_none(buf: Any) -> Any:
    items = sorted(buf, key=lambda t: t[0])
    buf.clear()
    buf.extend(items)


@wrong(checks.sort_replay_buffer, "returned a list")
def so_list(buf: Any) -> Any:
    return sorted(buf, key=lambda t: t[0])


@wrong(checks.sort_replay_buffer, "the same order as before")
def so_rebinds(buf: Any) -> Any:
    ordered = deque(sorted(buf, key=lambda t: t[0]), maxlen=buf.maxlen)
    del ordered
    return buf


@wrong(checks.sort_replay_buffer, "your function changes")
def srb_in_place(replay_buffer: Any) -> Any:
    ordered = sorted(replay_buffer, key=lambda stored: stored[0])
    replay_buffer.clear()
    replay_buffer.extend(ordered)
    return replay_buffer


@wrong(checks.sort_replay_buffer, "returned a NumPy array")
def srb_array(buf: Any) -> Any:
    items = np.empty(len(buf), dtype=object)
    items[:] = sorted(buf, key=lambda stored: stored[0])
    return items


@wrong(checks.sort_replay_buffer, "is not right")
def srb_as_text(buf: Any) -> Any:
    return deque(sorted(buf, key=lambda t: str(t[0])), maxlen=buf.maxlen)


@wrong(checks.sort_replay_buffer, "4, expected 3")
def srb_quicksort_with_the_equal_on_both_sides(replay_buffer: Any) -> Any:
    def quick(rows: Any) -> Any:
        if not rows:
            return []
        pivot, *rest = rows
        before = [row for row in rest if row[0] <= pivot[0]]
        after = [row for row in rest if row[0] >= pivot[0]]
        return [*quick(before), pivot, *quick(after)]

    return deque(quick(list(replay_buffer)), maxlen=replay_buffer.maxlen)


@wrong(checks.sort_replay_buffer, "a dictionary has one value for each key")
def srb_by_a_dictionary(replay_buffer: Any) -> Any:
    found = {}
    for loss, *rest in replay_buffer:
        found[loss] = (loss, *rest)
    ordered = [row for _, row in sorted(found.items(), key=lambda pair: pair[0])]
    return deque(ordered, maxlen=replay_buffer.maxlen)
