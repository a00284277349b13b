"""The classic mistakes, switched in one at a time: at least one test must notice each.

A copy of the package gets one line changed, and the test named beside it must then fail, by an
assertion of its own and not because the copy cannot be imported.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]


class Mutant(NamedTuple):
    """One mistake: in which module, which code becomes which, and which test notices."""

    module: str
    before: str
    after: str
    test: str


MUTANTS = {
    "a column of rewards broadcasts to (B, B)": Mutant(
        "losses",
        '    _check_shape("reward_t", reward_t, q_t.shape[:-1])\n',
        "",
        "test_losses.py::test_a_column_is_refused_instead_of_broadcast",
    ),
    "the maximum is taken over the batch": Mutant(
        "losses",
        "q_t.amax(-1)",
        "q_t.amax(-2)",
        "test_losses.py::test_q_learning_target_takes_the_best_action_of_each_row",
    ),
    "the two networks of Double DQN are swapped": Mutant(
        "losses",
        "best = q_t_selector.argmax(-1, keepdim=True)",
        "best = q_t_value.argmax(-1, keepdim=True)",
        "test_losses.py::test_double_q_target_selects_with_one_network_and_evaluates_with_the_other",
    ),
    "the target lets gradient through": Mutant(
        "losses",
        "(reward_t + discount_t * q_t.amax(-1)).detach()",
        "(reward_t + discount_t * q_t.amax(-1))",
        "test_losses.py::test_targets_carry_no_gradient",
    ),
    "the target is the online network under another name": Mutant(
        "agent",
        "self.online.clone()",
        "self.online",
        "test_agent.py::test_the_target_is_a_copy_unless_it_is_off",
    ),
    "truncation counts as a terminal state": Mutant(
        "replay",
        "discount = self.gamma * ~terminated",
        "discount = self.gamma * ~(terminated | truncated)",
        "test_replay.py::test_windows_against_brute_force",
    ),
    "truncation counts as a terminal state, in windows of several steps": Mutant(
        "replay",
        "* ~terminated[envs]",
        "* ~(terminated | truncated)[envs]",
        "test_replay.py::test_both_flags_by_hand",
    ),
    "bootstrapping when both flags are set": Mutant(
        "replay",
        "discount = self.gamma * ~terminated",
        "discount = self.gamma * ~(terminated & ~truncated)",
        "test_replay.py::test_windows_against_brute_force",
    ),
    "bootstrapping when both flags are set, in windows of several steps": Mutant(
        "replay",
        "* ~terminated[envs]",
        "* ~(terminated & ~truncated)[envs]",
        "test_replay.py::test_both_flags_by_hand",
    ),
    "n-step windows straddle two episodes": Mutant(
        "replay",
        "        self._length[ended] = 0\n",
        "",
        "test_replay.py::test_windows_against_brute_force",
    ),
    "the importance weights are squared": Mutant(
        "agent",
        "slope = batch.weights * (slope",
        "slope = batch.weights**2 * (slope",
        "test_agent.py::test_updates_agree_with_a_plain_learner",
    ),
    "the weighted error becomes the priority": Mutant(
        "agent",
        "buffer.update_priorities(sampled.slots, errors)",
        "buffer.update_priorities(sampled.slots, errors * sampled.weights)",
        "test_agent.py::test_priorities_come_from_the_unweighted_error",
    ),
    "alpha is applied twice": Mutant(
        "prioritized",
        "self.tree._set(slots, (errors + self.epsilon) ** self.alpha)",
        "self.tree._set(slots, (errors + self.epsilon) ** self.alpha**2)",
        "test_prioritized.py::test_priorities_by_definition",
    ),
    "beta is never annealed": Mutant(
        "agent",
        "beta = config.beta(self.steps)",
        "beta = config.beta(0)",
        "test_agent.py::test_beta_is_annealed_by_steps",
    ),
    "the tree's last leaf is never sampled": Mutant(
        "prioritized",
        "        nodes[k] = first + chosen\n",
        "        nodes[k] = min(first + chosen, max(len(values) - 2, 0))\n",
        "test_prioritized.py::test_every_leaf_is_reached_the_last_included",
    ),
    "the total is cut to a whole number": Mutant(
        "prioritized",
        "_uniform(batch_size, total, self.stratified, rng)",
        "_uniform(batch_size, int(total), self.stratified, rng)",
        "test_prioritized.py::test_chi_square",
    ),
    "every episode starts from the same seed": Mutant(
        "worlds",
        "self.envs[s][n].reset()",
        "self.envs[s][n].reset(seed=777)",
        "test_worlds.py::test_no_two_episodes_start_alike",
    ),
    "evaluation starts from the same seed": Mutant(
        "evaluation",
        "envs.reset(seed=int(rng.integers(2**31)))",
        "envs.reset(seed=777)",
        "test_evaluation.py::test_every_call_starts_somewhere_new_and_a_learner_alone_the_same",
    ),
    "only the episodes that end first are counted": Mutant(
        "evaluation",
        "            if not running.any():",
        "            if running.sum() <= running.size // 2:",
        "test_evaluation.py::test_long_episodes_are_not_cut_out_by_short_ones",
    ),
    "a soft target moves the wrong way round": Mutant(
        "agent",
        "self.target.lerp_(self.online, self.config.tau)",
        "self.target.lerp_(self.online, 1 - self.config.tau)",
        "test_agent.py::test_updates_agree_with_a_plain_learner",
    ),
    "one learner's gradient is clipped by all learners' length": Mutant(
        "agent",
        "gradient.norm(dim=1))",
        "gradient.norm().expand(len(gradient)))",
        "test_agent.py::test_updates_agree_with_a_plain_learner",
    ),
}


@pytest.mark.parametrize("mistake", MUTANTS)
def test_a_classic_mistake_is_noticed(mistake, tmp_path):
    mutant = MUTANTS[mistake]
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "dqn", tmp_path / "dqn", ignore=ignored)
    (tmp_path / "tests").mkdir()
    for test in (ROOT / "tests").glob("*.py"):
        shutil.copy(test, tmp_path / "tests")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    module = tmp_path / "dqn" / f"{mutant.module}.py"
    source = module.read_text()
    assert source.count(mutant.before) == 1, (
        "the mutant no longer fits the code: bring it up to date"
    )
    module.write_text(source.replace(mutant.before, mutant.after))

    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:xdist", f"tests/{mutant.test}"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1, result.stdout + result.stderr
    assert "1 failed" in result.stdout, result.stdout
