"""Checkers of the exercises: ``checks.td_loss(my_function)``.

A checker calls your function on small cases. If all is right it prints a line; if not it raises
:class:`Wrong`, which says what went wrong and shows the smallest case that fails.
"""

from dqn.checks import (
    acceptance,
    beyond,
    collapse,
    endings,
    experiments,
    gallery,
    homework,
    homework_sort,
    homework_step,
    linear,
    loop,
    online,
    online_loss,
    prioritized,
    replay,
    ring,
    sum_tree,
    tables,
    targets,
    verdict,
)
from dqn.checks._machinery import Exercise, Mistake, Wrong
from dqn.checks.acceptance import accepted_at
from dqn.checks.beyond import dueling_values, n_step_backup
from dqn.checks.collapse import longest_survival
from dqn.checks.endings import bootstrap_mask, n_step_transition
from dqn.checks.experiments import (
    bootstrap_interval,
    interquartile_mean,
    probability_of_improvement,
)
from dqn.checks.gallery import chi_square, known_answers
from dqn.checks.homework import (
    sample_prioritized_batch,
    softmax,
    update_batch,
)
from dqn.checks.homework_sort import sort_replay_buffer
from dqn.checks.homework_step import prioritized_step
from dqn.checks.linear import semi_gradient_step
from dqn.checks.loop import discounted_return, play_episode
from dqn.checks.online import create_network, select_action_eps_greedy
from dqn.checks.online_loss import td_loss, td_target
from dqn.checks.prioritized import (
    greedy_index,
    importance_weights,
    proportional_probabilities,
)
from dqn.checks.replay import sample_batch, store
from dqn.checks.ring import ring_slots
from dqn.checks.sum_tree import sum_tree_build, sum_tree_find
from dqn.checks.tables import bellman_optimality_backup, q_learning_update, sarsa_update
from dqn.checks.targets import double_q_target, td_loss_with_target, update_target
from dqn.checks.verdict import misplaced_share

__all__ = [
    "Exercise",
    "Mistake",
    "Wrong",
    "accepted_at",
    "bellman_optimality_backup",
    "bootstrap_interval",
    "bootstrap_mask",
    "catalogue",
    "chi_square",
    "create_network",
    "discounted_return",
    "double_q_target",
    "dueling_values",
    "greedy_index",
    "importance_weights",
    "interquartile_mean",
    "known_answers",
    "longest_survival",
    "misplaced_share",
    "n_step_backup",
    "n_step_transition",
    "play_episode",
    "prioritized_step",
    "probability_of_improvement",
    "proportional_probabilities",
    "q_learning_update",
    "ring_slots",
    "sample_batch",
    "sample_prioritized_batch",
    "sarsa_update",
    "select_action_eps_greedy",
    "semi_gradient_step",
    "softmax",
    "sort_replay_buffer",
    "store",
    "sum_tree_build",
    "sum_tree_find",
    "td_loss",
    "td_loss_with_target",
    "td_target",
    "update_batch",
    "update_target",
]

_EXERCISES: tuple[Exercise, ...] = (
    *loop.EXERCISES,
    *tables.EXERCISES,
    *linear.EXERCISES,
    *online.EXERCISES,
    *online_loss.EXERCISES,
    *replay.EXERCISES,
    *ring.EXERCISES,
    targets.UPDATE_TARGET,
    targets.TD_LOSS_WITH_TARGET,
    *endings.EXERCISES,
    targets.DOUBLE_Q_TARGET,
    *prioritized.EXERCISES,
    *sum_tree.EXERCISES,
    *homework.EXERCISES,
    *homework_sort.EXERCISES,
    *homework_step.EXERCISES,
    *verdict.EXERCISES,
    *experiments.EXERCISES,
    *acceptance.EXERCISES,
    *gallery.EXERCISES,
    *collapse.EXERCISES,
    *beyond.EXERCISES,
)


def catalogue() -> list[tuple[Exercise, tuple[Mistake, ...]]]:
    """Return every exercise, in the order of the book, with the wrong answers it recognises.

    >>> exercise, mistakes = catalogue()[0]
    >>> exercise.chapter, exercise.name, mistakes[0].name
    ('The loop', 'discounted_return', 'no discount')
    """
    return [(exercise, exercise.mistakes) for exercise in _EXERCISES]
