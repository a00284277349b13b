"""Wrong answers to the exercises of :mod:`dqn.checks.sum_tree`."""

# ruff: noqa: ARG001 - a student need not use every argument

from typing import Any

import numpy as np
import torch

from dqn import checks
from tests.checks.wrong import wrong

# --- sum_tree_build -------------------------------------------------------------------------------


@wrong(checks.sum_tree_build, "start at the leaves")
def tb_forwards(leaves: Any) -> Any:
    n = len(leaves)
    tree = [0.0] * n + list(leaves)
    for i in range(1, n):
        tree[i] = tree[2 * i] + tree[2 * i + 1]
    return np.array(tree)


@wrong(checks.sum_tree_build, "your loop ends one too early")
def tb_no_root(leaves: Any) -> Any:
    n = len(leaves)
    tree = np.append(np.zeros(n), leaves)
    for i in reversed(range(2, n)):
        tree[i] = tree[2 * i : 2 * i + 2].sum()
    return tree


@wrong(checks.sum_tree_build, "it should hold their sum")
def tb_max(leaves: Any) -> Any:
    n = len(leaves)
    tree = np.append(np.zeros(n), leaves)
    for i in range(n - 1, 0, -1):
        tree[i] = tree[2 * i : 2 * i + 2].max()
    return tree


@wrong(checks.sum_tree_build, "expected (")
def tb_root_zero(leaves: Any) -> Any:
    n = len(leaves)
    tree = np.append(np.zeros(n - 1), leaves)
    for i in range(n - 2, -1, -1):
        tree[i] = tree[2 * i + 1] + tree[2 * i + 2]
    return tree


@wrong(checks.sum_tree_build, "still 0")
def tb_leaves_only(leaves: Any) -> Any:
    tree = np.zeros(2 * len(leaves))
    tree[len(leaves) :] = leaves
    return tree


@wrong(checks.sum_tree_build, "returned a list; it should return an array")
def tb_list(leaves: Any) -> Any:
    return [0.0, sum(leaves), *leaves]


# --- sum_tree_find --------------------------------------------------------------------------------


def walk(tree: Any, mass: Any) -> int:
    node, n = 1, len(tree) // 2
    while node < n:
        node *= 2
        if mass >= tree[node]:
            mass -= tree[node]
            node += 1
    return node - n


@wrong(checks.sum_tree_find, "you keep the whole mass")
def tf_keeps_mass(tree: Any, mass: Any) -> Any:
    i, n = 1, len(tree) // 2
    while i < n:
        i = 2 * i if mass < tree[2 * i] else 2 * i + 1
    return i - n


@wrong(checks.sum_tree_find, "a leaf of priority 0 can be drawn")
def tf_boundary(tree: Any, mass: Any) -> Any:
    i, n = 1, len(tree) // 2
    while i < n:
        i *= 2
        if mass > tree[i]:
            mass -= tree[i]
            i += 1
    return i - n


@wrong(checks.sum_tree_find, "the number of the node")
def tf_node(tree: Any, mass: Any) -> Any:
    i, n = 1, len(tree) // 2
    while i < n:
        i *= 2
        if mass >= tree[i]:
            mass, i = mass - tree[i], i + 1
    return i


@wrong(checks.sum_tree_find, "it is the left one that has been passed")
def tf_right(tree: Any, mass: Any) -> Any:
    i, n = 1, len(tree) // 2
    while i < n:
        if mass < tree[2 * i]:
            i = 2 * i
        else:
            i = 2 * i + 1
            mass -= tree[i]
    return i - n


@wrong(checks.sum_tree_find, "had not come back")
def tf_hangs(tree: Any, mass: Any) -> Any:
    i = 0
    while i < len(tree) // 2:
        i = 2 * i
    return i


@wrong(checks.sum_tree_find, "the running sum that counts")
def tf_first_larger(tree: Any, mass: Any) -> Any:
    leaves = list(tree[len(tree) // 2 :])
    return next((i for i, leaf in enumerate(leaves) if leaf > mass), 0)


@wrong(checks.sum_tree_build, "your function returned a tensor")
def stb_tensor(leaves: Any) -> Any:
    nodes = [0.0] * len(leaves) + list(leaves)
    for i in range(len(leaves) - 1, 0, -1):
        nodes[i] = nodes[2 * i] + nodes[2 * i + 1]
    return torch.tensor(nodes)


@wrong(checks.sum_tree_find, "you cut it to a whole number")
def stf_whole_mass(tree: Any, mass: Any) -> Any:
    return walk(tree, int(mass))


@wrong(checks.sum_tree_find, "leaves are counted from 0")
def stf_from_one(tree: Any, mass: Any) -> Any:
    return walk(tree, mass) + 1


@wrong(checks.sum_tree_build, "your leaves come first")
def stb_upside_down(leaves: Any) -> Any:
    tree, level = list(leaves), list(leaves)
    while len(level) > 1:
        level = [level[i] + level[i + 1] for i in range(0, len(level), 2)]
        tree += level
    return np.array([*tree, 0.0])


@wrong(checks.sum_tree_build, "your leaves come first")
def stb_leaves_in_front(leaves: Any) -> Any:
    tree = np.zeros(2 * len(leaves))
    tree[: len(leaves)] = leaves
    return tree


@wrong(checks.sum_tree_build, "one place too early")
def stb_children_too_early(leaves: Any) -> Any:
    n = len(leaves)
    tree = np.append(np.zeros(n), leaves)
    for i in range(n - 1, 0, -1):
        tree[i] = tree[2 * i - 1 : 2 * i + 1].sum()
    return tree


@wrong(checks.sum_tree_build, "neighbours")
def stb_folded(leaves: Any) -> Any:
    rows = [np.array(leaves)]
    while len(rows[-1]) > 1:
        rows.append(rows[-1].reshape(2, -1).sum(axis=0))
    return np.concatenate([[0.0], *rows[::-1]])


@wrong(checks.sum_tree_build, "your loop begins one too late")
def stb_begins_late(leaves: Any) -> Any:
    n = len(leaves)
    tree = np.append(np.zeros(n), leaves)
    for i in range(n - 2, 0, -1):
        tree[i] = tree[2 * i] + tree[2 * i + 1]
    return tree


@wrong(checks.sum_tree_build, "look at its dtype")
def stb_whole_numbers(leaves: Any) -> Any:
    n = len(leaves)
    tree = np.zeros(2 * n, dtype=int)
    tree[n:] = leaves
    for i in range(n - 1, 0, -1):
        tree[i] = tree[2 * i] + tree[2 * i + 1]
    return tree


@wrong(checks.sum_tree_find, "one too small")
def stf_one_too_small(tree: Any, mass: Any) -> Any:
    ends = np.cumsum(tree[len(tree) // 2 :])
    return int(np.searchsorted(ends, mass, side="right")) - 1


@wrong(checks.sum_tree_find, "a level above the leaves")
def stf_too_short(tree: Any, mass: Any) -> Any:
    node, n = 1, len(tree) // 2
    while 2 * node < n:
        node *= 2
        if mass >= tree[node]:
            mass -= tree[node]
            node += 1
    return node - n


@wrong(checks.sum_tree_find, "your walk starts at node 0")
def stf_root_at_zero(tree: Any, mass: Any) -> Any:
    node, inner = 0, len(tree) // 2 - 1
    while node < inner:
        left = 2 * node + 1
        node, mass = (left, mass) if mass < tree[left] else (left + 1, mass - tree[left])
    return node - inner


@wrong(checks.sum_tree_find, "something stands in node 0")
def find_begins_at_node_zero(tree: Any, mass: Any) -> Any:
    node, half = 0, len(tree) // 2
    while node < half:
        node *= 2
        if mass >= tree[node]:
            mass -= tree[node]
            node += 1
    return node - half


@wrong(checks.sum_tree_build, "your tree has 2 H - 1 nodes")
def tb_a_node_less(leaves: Any) -> Any:
    inner = len(leaves) - 1
    tree = np.concatenate([np.zeros(inner), leaves])
    for i in range(inner - 1, -1, -1):
        tree[i] = tree[2 * i + 1] + tree[2 * i + 2]
    return tree


@wrong(checks.sum_tree_build, "does not join")
def tb_added(leaves: Any) -> Any:
    tree = [0] * len(leaves) + leaves
    for i in reversed(range(1, len(leaves))):
        tree[i] = sum(tree[2 * i + k] for k in (0, 1))
    return tree
