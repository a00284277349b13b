"""Checkers of the sum tree, in the chapter `Prioritized replay II: how`."""

from typing import Any

import numpy as np

from dqn.checks import _references as right
from dqn.checks._calling import Call, Outcome, as_whole
from dqn.checks._machinery import Case, Exercise, Mistake, check
from dqn.checks.prioritized import HOW, Array, numpy_array

# --- sum_tree_build -------------------------------------------------------------------------------


def _observe_tree(call: Call, leaves: Array) -> Outcome:
    tree = numpy_array(call(leaves))
    return {"the tree from its root, node 1, on": tree[1:] if tree.ndim else tree}


def _top_down(leaves: Array) -> Array:
    tree = np.concatenate([np.zeros(len(leaves)), leaves])
    for node in range(1, len(leaves)):
        tree[node] = tree[2 * node] + tree[2 * node + 1]
    return tree


def _tree_of(combine: Any, last: int = 0, skipped: int = 0) -> Any:
    def build(leaves: Array) -> Array:
        tree = np.concatenate([np.zeros(len(leaves)), leaves])
        for node in range(len(leaves) - 1 - skipped, last, -1):
            tree[node] = combine(tree[2 * node], tree[2 * node + 1])
        return tree

    return build


def _root_at_zero(leaves: Array) -> Array:
    tree: Array = np.roll(right.sum_tree_build(leaves), -1)
    return tree


def _added(leaves: Array) -> Array:
    tree: Array = np.zeros(len(leaves)) + leaves
    for node in range(len(leaves) - 1, 0, -1):
        tree[node] = tree[2 * node] + tree[2 * node + 1]
    return tree


def _levels_upwards(leaves: Array) -> Array:
    levels = [leaves]
    while len(levels[-1]) > 1:
        levels.append(levels[-1][::2] + levels[-1][1::2])
    return np.concatenate([*levels, [0.0]])


def _half_by_half(leaves: Array) -> Array:
    levels = [leaves]
    while len(levels[0]) > 1:
        half = len(levels[0]) // 2
        levels.insert(0, levels[0][:half] + levels[0][half:])
    return np.concatenate([[0.0], *levels])


def _shifted_children(by: int) -> Any:
    def build(leaves: Array) -> Array:
        tree = np.concatenate([np.zeros(len(leaves)), leaves, [0.0]])
        for node in range(len(leaves) - 1, 0, -1):
            tree[node] = tree[2 * node + by] + tree[2 * node + 1 + by]
        return tree[:-1]

    return build


def _running_sums(leaves: Array) -> Array:
    result: Array = np.concatenate([[0.0], np.cumsum(leaves)[: len(leaves) - 1], leaves])
    return result


_LEAVES = (
    ("a single leaf", [3.0]),
    ("two leaves", [1.0, 2.0]),
    ("four leaves", [3.0, 1.0, 0.0, 4.0]),
    ("eight leaves", [0.5, 2.0, 0.0, 1.0, 4.0, 0.25, 3.0, 8.0]),
)

SUM_TREE_BUILD = Exercise(
    name="sum_tree_build",
    chapter=HOW,
    arguments=("leaves",),
    reference=right.sum_tree_build,
    observe=_observe_tree,
    cases=tuple(Case(title, (np.array(leaves),)) for title, leaves in _LEAVES),
    mistakes=(
        Mistake(
            "parents before their children",
            "nodes are added up before their children are known: start at the leaves.",
            _top_down,
        ),
        Mistake(
            "maximum instead of sum",
            "a node holds the larger of its children; it should hold their sum.",
            _tree_of(max),
        ),
        Mistake(
            "mean instead of sum",
            "a node holds the mean of its children; it should hold their sum.",
            _tree_of(lambda a, b: (a + b) / 2),
        ),
        Mistake(
            "the root is missing",
            "the root, node 1, is not filled: your loop ends one too early.",
            _tree_of(lambda a, b: a + b, last=1),
        ),
        Mistake(
            "only the leaves",
            "the nodes above the leaves are still 0.",
            lambda leaves: np.concatenate([np.zeros(len(leaves)), leaves]),
        ),
        Mistake(
            "the root at 0",
            "your root is node 0: it should be node 1, so that the children of node i are 2 i and "
            "2 i + 1.",
            _root_at_zero,
        ),
        Mistake(
            "the root at 0, and a node less",
            "your tree has 2 H - 1 nodes, from a root at 0: there should be 2 H. The root is node "
            "1, and node 0 is left alone.",
            lambda leaves: right.sum_tree_build(leaves)[1:],
        ),
        Mistake(
            "added instead of joined",
            "your tree begins with H nodes: with an array, `+` adds number to number, and does not "
            "join one to the other.",
            _added,
        ),
        Mistake(
            "leaves first, the root last",
            "your leaves come first; they belong at the end, after all their parents.",
            _levels_upwards,
        ),
        Mistake(
            "leaves first, without sums",
            "your leaves come first; they belong at the end, after all their parents.",
            lambda leaves: np.concatenate([leaves, np.zeros(len(leaves))]),
        ),
        Mistake(
            "children of another layout",
            "the children of a node are looked for one place too far: the root is node 1 here.",
            _shifted_children(1),
        ),
        Mistake(
            "children too early",
            "the children of a node are looked for one place too early.",
            _shifted_children(-1),
        ),
        Mistake(
            "halves are added",
            "you add the second half of a level to its first; the children of a node are "
            "neighbours.",
            _half_by_half,
        ),
        Mistake(
            "the last parent is missing",
            "the last node before the leaves is not filled: your loop begins one too late.",
            _tree_of(lambda a, b: a + b, skipped=1),
        ),
        Mistake(
            "whole numbers",
            "your tree holds whole numbers only, so that fractions are cut off: look at its dtype.",
            lambda leaves: right.sum_tree_build(leaves.astype(int)),
        ),
        Mistake(
            "running sums",
            "the upper half holds running sums of the leaves; a node should hold the sum of its "
            "two children.",
            _running_sums,
        ),
    ),
)


# --- sum_tree_find --------------------------------------------------------------------------------


def _observe_found(call: Call, tree: Array, *masses: float) -> Outcome:
    return {"the leaf": as_whole(call(tree, *masses))}


def _descent(
    tree: Array, mass: float, *, subtract: bool = True, equal_left: bool = False,
    swapped: bool = False, right_sum: bool = False, node_number: bool = False,
) -> int:  # fmt: skip
    node, first = 1, len(tree) // 2
    while node < first:
        left = tree[2 * node]
        go_left = mass <= left if equal_left else mass < left
        if not (go_left ^ swapped):
            if subtract:
                mass -= tree[2 * node + 1] if right_sum else left
            node = 2 * node + 1
        else:
            node = 2 * node
    return node if node_number else node - first


def _from_node_zero(tree: Array, mass: float) -> int:
    """The walk of a tree whose root is node 0."""
    node = 0
    while 2 * node + 2 < len(tree):
        node = 2 * node + 1
        if mass >= tree[node]:
            mass -= tree[node]
            node += 1
    return node - (len(tree) // 2 - 1)


def _found(title: str, leaves: list[float], mass: float, unused: float = 0.0) -> Case:
    tree = right.sum_tree_build(np.array(leaves))
    tree[0] = unused
    return Case(title, (tree, mass))


_FOUR = [3.0, 1.0, 2.0, 4.0]
_EIGHT = [0.0, 2.0, 0.0, 1.0, 4.0, 0.25, 3.0, 8.0]

SUM_TREE_FIND = Exercise(
    name="sum_tree_find",
    chapter=HOW,
    arguments=("tree", "mass"),
    reference=right.sum_tree_find,
    observe=_observe_found,
    cases=(
        _found("a single leaf", [3.0], 1.0),
        _found("two leaves, in the first", [1.0, 2.0], 0.5),
        _found("two leaves, in the second", [1.0, 2.0], 2.5),
        *(_found("four leaves", _FOUR, mass) for mass in (0.5, 3.5, 5.5, 9.5)),
        _found("exactly at the end of the first leaf", _FOUR, 3.0),
        _found("exactly in the middle", _FOUR, 4.0),
        _found("mass 0 and a first leaf of 0", _EIGHT, 0.0),
        _found("four small leaves", [0.5, 0.25, 0.25, 1.0], 0.6),
        *(_found("eight leaves", _EIGHT, mass) for mass in (1.5, 2.5, 6.5, 7.1, 9.0, 12.5)),
        _found("something stands in node 0", _FOUR, 3.5, unused=-1.0),
    ),
    mistakes=(
        Mistake(
            "the mass is not reduced",
            "going right, you keep the whole mass: what lies to the left has been passed already.",
            lambda tree, mass: _descent(tree, mass, subtract=False),
        ),
        Mistake(
            "at the boundary, left",
            "a mass exactly at a boundary goes left: then a leaf of priority 0 can be drawn.",
            lambda tree, mass: _descent(tree, mass, equal_left=True),
        ),
        Mistake(
            "left and right exchanged",
            "you go right where you should go left.",
            lambda tree, mass: _descent(tree, mass, swapped=True),
        ),
        Mistake(
            "the wrong child is subtracted",
            "going right, you subtract the sum of the right child: it is the left one that has "
            "been passed.",
            lambda tree, mass: _descent(tree, mass, right_sum=True),
        ),
        Mistake(
            "a node's number",
            "your function returns the number of the node; the leaf is counted from the first leaf "
            "on.",
            lambda tree, mass: _descent(tree, mass, node_number=True),
        ),
        Mistake(
            "counted from 1",
            "your number is one too large: leaves are counted from 0.",
            lambda tree, mass: right.sum_tree_find(tree, mass) + 1,
        ),
        Mistake(
            "one too small",
            "your number is one too small.",
            lambda tree, mass: right.sum_tree_find(tree, mass) - 1,
        ),
        Mistake(
            "the walk is too short",
            "your walk ends a level above the leaves.",
            lambda tree, mass: max(_descent(tree, mass, node_number=True) // 2, 1) - len(tree) // 2,
        ),
        Mistake(
            "the root at 0",
            "your walk starts at node 0; the root is node 1, and the children of node i are 2 i "
            "and 2 i + 1.",
            _from_node_zero,
        ),
        Mistake(
            "the mass is cut to a whole number",
            "the mass is a fraction, and you cut it to a whole number.",
            lambda tree, mass: right.sum_tree_find(tree, int(mass)),
        ),
        Mistake(
            "always the largest leaf",
            "your function always finds the largest leaf, whatever the mass is.",
            lambda tree, _mass: int(tree[len(tree) // 2 :].argmax()),
        ),
        Mistake(
            "one leaf too far",
            "your function finds the leaf after the one wanted.",
            lambda tree, mass: min(right.sum_tree_find(tree, mass) + 1, len(tree) // 2 - 1),
        ),
        Mistake(
            "a share of the leaves' number",
            "your function finds a leaf by the mass's share of the total, as if all leaves were "
            "equal.",
            lambda tree, mass: int(mass / tree[1] * (len(tree) // 2)),
        ),
        Mistake(
            "the first leaf as large as the mass",
            "your function looks for one leaf that is larger than the mass; it is the running sum "
            "that counts.",
            lambda tree, mass: int((tree[len(tree) // 2 :] > mass).argmax()),
        ),
    ),
)


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (SUM_TREE_BUILD, SUM_TREE_FIND)


def sum_tree_build(function: Any) -> None:
    """Check ``sum_tree_build(leaves)``, which returns a tree's 2 n nodes as an array.

    ``leaves`` is a NumPy array of n values, n a power of two. The root is node 1, the children of
    node i are 2 i and 2 i + 1, the leaves are the last n nodes; node 0 is not used.

    Raises:
        Wrong: If a node is not right, saying why.

    Chapter: `Prioritized replay II: how`.

    >>> sum_tree_build(lambda leaves: leaves)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ sum_tree_build: a shape is not right in the case below...
    """
    check(SUM_TREE_BUILD, function)


def sum_tree_find(function: Any) -> None:
    """Check ``sum_tree_find(tree, mass) -> int``: the first leaf whose running sum exceeds it.

    ``tree`` is what :func:`sum_tree_build` asks for; ``mass`` is in [0, total). Leaves are counted
    from 0.

    Raises:
        Wrong: If another leaf is found, saying why.

    Chapter: `Prioritized replay II: how`.

    >>> sum_tree_find(lambda tree, mass: 0)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ sum_tree_find: the result of the case below is not right...
    """
    check(SUM_TREE_FIND, function)
