"""Checkers of the chapters `Prioritized replay I: why` and `Prioritized replay II: how`.

The homework's own functions are in :mod:`dqn.checks.homework`.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dqn.checks import _references as right
from dqn.checks._calling import Call, Complaint, Outcome, as_array, as_whole, returned_probabilities
from dqn.checks._machinery import Case, Exercise, Mistake, check

WHY = "Prioritized replay I: why"
HOW = "Prioritized replay II: how"

Array = NDArray[Any]


# --- greedy_index ---------------------------------------------------------------------------------


def _observe_index(call: Call, *arguments: Any) -> Outcome:
    return {"the index": as_whole(call(*arguments))}


GREEDY_INDEX = Exercise(
    name="greedy_index",
    chapter=WHY,
    arguments=("td_errors",),
    reference=right.greedy_index,
    observe=_observe_index,
    cases=(
        Case("a single transition", (np.array([-0.5]),)),
        Case("two errors, the larger one first", (np.array([2.0, 1.0]),)),
        Case("a large negative error", (np.array([1.0, -3.0, 2.0]),)),
        Case("every error is negative", (np.array([-1.0, -0.2, -4.0, -2.0]),)),
        Case("one error is 0", (np.array([0.3, 0.0, -0.1, 0.7, 0.2, -0.4]),)),
        Case("small errors, the largest last", (np.array([0.3, 0.2, -0.4, 0.1, 0.45]),)),
    ),
    mistakes=(
        Mistake(
            "the sign counts",
            "you looked for the largest error, sign included: a large negative error is just as "
            "much of a surprise.",
            lambda errors: int(errors.argmax()),
        ),
        Mistake(
            "the smallest error",
            "you took the transition with the smallest error: that is the one with the least to "
            "teach.",
            lambda errors: int(np.abs(errors).argmin()),
        ),
        Mistake(
            "the most negative",
            "you took the most negative error: a large positive one counts as much.",
            lambda errors: int(errors.argmin()),
        ),
        Mistake("always the first", "your index is always 0.", lambda _errors: 0),
        Mistake(
            "counted from 1",
            "your index is one too large: you count from 1.",
            lambda errors: int(np.abs(errors).argmax()) + 1,
        ),
        Mistake(
            "always the last",
            "your index is always the last one.",
            lambda errors: len(errors) - 1,
        ),
        Mistake(
            "a whole ranking",
            "your function returned an array; a single index is wanted.",
            lambda errors: np.argsort(-np.abs(errors)),
        ),
    ),
)


# --- proportional_probabilities -------------------------------------------------------------------


def _normalized(powers: Array) -> Array:
    result: Array = powers / powers.sum()
    return result


PROPORTIONAL_PROBABILITIES = Exercise(
    name="proportional_probabilities",
    chapter=HOW,
    arguments=("td_errors", "alpha", "epsilon"),
    reference=right.proportional_probabilities,
    observe=returned_probabilities,
    cases=(
        Case("a single transition", (np.array([2.0]), 0.6, 0.01)),
        Case("alpha = 1, epsilon = 0", (np.array([1.0, 3.0]), 1.0, 0.0)),
        Case("alpha = 0: all alike", (np.array([1.0, 3.0, 0.5]), 0.0, 0.1)),
        Case("a negative error", (np.array([1.0, -2.0, 0.5]), 1.0, 0.1)),
        Case("an error of 0", (np.array([0.0, 4.0, 1.0]), 0.5, 0.5)),
        Case("six transitions", (np.array([0.1, -5.0, 2.0, 0.0, -0.3, 7.0]), 0.7, 0.2)),
    ),
    mistakes=(
        Mistake(
            "the sign counts",
            "a negative error gets less than a positive one of the same size: both surprise alike.",
            lambda errors, alpha, epsilon: _normalized((errors.clip(0) + epsilon) ** alpha),
        ),
        Mistake(
            "negative errors break it",
            "a negative error makes a negative probability, or none at all: both signs surprise "
            "alike.",
            lambda errors, alpha, epsilon: _normalized((errors + epsilon) ** alpha),
        ),
        Mistake(
            "the sign is dropped too late",
            "the sign is dropped after epsilon is added, so a negative error loses what a positive "
            "one gains.",
            lambda errors, alpha, epsilon: _normalized(np.abs(errors + epsilon) ** alpha),
        ),
        Mistake(
            "by rank",
            "your priorities are ranks; the proportional variant is asked for, where the size of "
            "an error counts.",
            lambda errors, alpha, _epsilon: _normalized(
                (1.0 + (-np.abs(errors)).argsort().argsort()) ** -alpha
            ),
        ),
        Mistake(
            "alpha has no effect",
            "alpha has no effect on your probabilities.",
            lambda errors, _alpha, epsilon: _normalized(np.abs(errors) + epsilon),
        ),
        Mistake(
            "epsilon is missing",
            "epsilon has no effect, so a transition whose error is 0 would never be drawn again.",
            lambda errors, alpha, _epsilon: _normalized(np.abs(errors) ** alpha),
        ),
        Mistake(
            "the larger of error and epsilon",
            "you take the larger of error and epsilon; every error gets epsilon on top.",
            lambda errors, alpha, epsilon: _normalized(
                np.maximum(np.abs(errors), epsilon) ** alpha
            ),
        ),
        Mistake(
            "epsilon after the power",
            "epsilon is added after the power; it belongs to the priority, before it.",
            lambda errors, alpha, epsilon: _normalized(np.abs(errors) ** alpha + epsilon),
        ),
        Mistake(
            "squared errors",
            "your priorities are squared errors: then alpha counts twice.",
            lambda errors, alpha, epsilon: _normalized((errors**2 + epsilon) ** alpha),
        ),
        Mistake(
            "not normalized",
            "your probabilities do not add up to one.",
            lambda errors, alpha, epsilon: (np.abs(errors) + epsilon) ** alpha,
        ),
        Mistake(
            "normalized by the largest",
            "you divided by the largest priority: then they do not add up to one.",
            lambda errors, alpha, epsilon: (
                ((np.abs(errors) + epsilon) ** alpha) / ((np.abs(errors) + epsilon) ** alpha).max()
            ),
        ),
        Mistake(
            "normalized before the power",
            "you normalized before taking the power: afterwards they no longer add up to one.",
            lambda errors, alpha, epsilon: _normalized(np.abs(errors) + epsilon) ** alpha,
        ),
        Mistake(
            "a softmax",
            "you took a softmax: probabilities should be proportional to a power of the priority.",
            lambda errors, alpha, epsilon: right.softmax(alpha * (np.abs(errors) + epsilon), 1.0),
        ),
        Mistake(
            "alpha as a factor",
            "alpha multiplies your priorities, and the normalization removes it again; it is a "
            "power.",
            lambda errors, alpha, epsilon: _normalized(alpha * (np.abs(errors) + epsilon)),
        ),
        Mistake(
            "1/alpha",
            "your power is the inverse of alpha: a larger alpha should prioritize more.",
            lambda errors, alpha, epsilon: _normalized(
                (np.abs(errors) + epsilon) ** (1 / alpha if alpha else 0.0)
            ),
        ),
    ),
)


# --- importance_weights ---------------------------------------------------------------------------


def _numpy_array(value: Any) -> Array:
    if isinstance(value, torch.Tensor):
        raise Complaint(
            "your function returned a tensor. What comes next takes a NumPy array, which "
            "`.numpy()` makes of it."
        )
    return as_array(value)


def _observe_weights(call: Call, *arguments: Any) -> Outcome:
    return {"the result": _numpy_array(call(*arguments))}


def _at_most_one(weights: Array) -> Array:
    result: Array = weights / weights.max()
    return result


IMPORTANCE_WEIGHTS = Exercise(
    name="importance_weights",
    chapter=HOW,
    arguments=("probabilities", "size", "beta"),
    reference=right.importance_weights,
    observe=_observe_weights,
    cases=(
        Case("a single transition", (np.array([0.3]), 5, 0.5)),
        Case("beta = 0: no correction", (np.array([0.5, 0.1]), 4, 0.0)),
        Case("beta = 1: the full correction", (np.array([0.5, 0.1]), 4, 1.0)),
        Case("beta = 0.4", (np.array([0.2, 0.4, 0.05]), 6, 0.4)),
        Case("five of a hundred", (np.array([0.02, 0.001, 0.3, 0.01, 0.02]), 100, 0.7)),
    ),
    mistakes=(
        Mistake(
            "not normalized",
            "the largest of your weights is not 1: divide by it, so that weights only ever scale "
            "a step down.",
            lambda p, size, beta: (size * p) ** -beta,
        ),
        Mistake(
            "not normalized, and without the size",
            "the largest of your weights is not 1: divide by it, so that weights only ever scale "
            "a step down.",
            lambda p, _size, beta: p**-beta,
        ),
        Mistake(
            "the wrong way round",
            "the transitions that are drawn most get the largest weights: it is the other way "
            "round.",
            lambda p, size, beta: _at_most_one((size * p) ** beta),
        ),
        Mistake(
            "beta has no effect",
            "beta has no effect on your weights.",
            lambda p, _size, _beta: _at_most_one(1 / p),
        ),
        Mistake(
            "1 - beta",
            "beta is the wrong way round: at beta = 1 the correction is complete, at 0 there is "
            "none.",
            lambda p, _size, beta: _at_most_one(p ** (beta - 1)),
        ),
        Mistake(
            "they add up to one",
            "your weights add up to one: divide by the largest instead.",
            lambda p, _size, beta: _normalized(p**-beta),
        ),
        Mistake(
            "their mean is one",
            "the mean of your weights is one: divide by the largest instead.",
            lambda p, _size, beta: p**-beta / (p**-beta).mean(),
        ),
        Mistake(
            "normalized by the smallest",
            "you divided by the smallest weight: then none is below 1, and steps are scaled up.",
            lambda p, _size, beta: p**-beta / (p**-beta).min(),
        ),
        Mistake(
            "beta as a factor",
            "beta multiplies; it is a power.",
            lambda p, _size, beta: beta * _at_most_one(1 / p),
        ),
        Mistake(
            "all ones",
            "your weights are all 1, whatever beta is.",
            lambda p, _size, _beta: np.ones(p.shape),
        ),
    ),
)


# --- sum_tree_build -------------------------------------------------------------------------------


def _observe_tree(call: Call, leaves: Array) -> Outcome:
    tree = _numpy_array(call(leaves))
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

EXERCISES = (
    GREEDY_INDEX,
    PROPORTIONAL_PROBABILITIES,
    IMPORTANCE_WEIGHTS,
    SUM_TREE_BUILD,
    SUM_TREE_FIND,
)


def greedy_index(function: Any) -> None:
    """Check ``greedy_index(td_errors) -> int``: which transition surprises most.

    ``td_errors`` is a NumPy array [N] of either sign.

    Raises:
        Wrong: If another transition is chosen, saying why.

    Chapter: `Prioritized replay I: why`.

    >>> greedy_index(lambda td_errors: int(td_errors.argmax()))
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ greedy_index: you looked for the largest error, sign included...
    """
    check(GREEDY_INDEX, function)


def proportional_probabilities(function: Any) -> None:
    """Check ``proportional_probabilities(td_errors, alpha, epsilon)``.

    ``td_errors`` is a NumPy array [N] of either sign; the result [N] adds up to one.

    Raises:
        Wrong: If a probability is not right, saying why.

    Chapter: `Prioritized replay II: how`.

    >>> proportional_probabilities(lambda td_errors, alpha, epsilon: abs(td_errors) ** alpha)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ proportional_probabilities: your probabilities add up to 1.516, not to...
    """
    check(PROPORTIONAL_PROBABILITIES, function)


def importance_weights(function: Any) -> None:
    """Check ``importance_weights(probabilities, size, beta)``.

    ``probabilities`` is a NumPy array [B], those of the drawn transitions among ``size``; the
    result [B] is scaled so that its largest entry is 1.

    Raises:
        Wrong: If a weight is not right, saying why.

    Chapter: `Prioritized replay II: how`.

    >>> importance_weights(lambda probabilities, size, beta: (size * probabilities) ** beta)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ importance_weights: the result of the case below is not right...
    """
    check(IMPORTANCE_WEIGHTS, function)


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
