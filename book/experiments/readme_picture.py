"""Draw the picture at the top of the README: ten learners on CartPole, and what they learned.

Command: ``python book/experiments/readme_picture.py`` writes ``book/_static/readme.png``, and the
curves in it to ``book/results/readme_picture.json``, so that a test notices when they are stale.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from dqn import plots, training
from dqn.config import DQNConfig
from dqn.results import save_result
from dqn.worlds import make_env

SEEDS = range(10)
BOOK = Path(__file__).parents[1]
PICTURE = BOOK / "_static" / "readme.png"
RESULT = BOOK / "results" / "readme_picture.json"
COMMAND = "python book/experiments/readme_picture.py"


def main() -> None:
    """Train, play one episode, draw, and store what is drawn."""
    agent, history = training.train(DQNConfig(), "CartPole-v1", SEEDS, 15_000, evaluate_every=500)
    env = make_env("CartPole-v1", render_mode="rgb_array")
    policy = agent.policy(0)
    obs, _ = env.reset(seed=0)
    frames = []
    for _ in range(100):
        frames.append(env.render())
        obs, *_ = env.step(policy(obs))
    plots.use_style()
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), width_ratios=(3, 2))
    curves = {f"Double DQN, {agent.config.n_step}-step returns": history.scores}
    plots.learning_curves(left, history.steps, curves, rng=np.random.default_rng(0))
    left.set(
        title="Ten seeds, all shown",
        xlabel="environment steps",
        ylabel="return of the greedy policy",
    )
    right.imshow(np.min(np.stack(frames[::25]), axis=0)[120:330])
    right.set_axis_off()
    right.set_title("Two seconds of the first")
    figure.savefig(PICTURE, dpi=130)
    data = {"steps": np.array(history.steps), "scores": history.scores}
    save_result(RESULT, data, command=COMMAND, seeds=SEEDS, code=[training, __file__])


if __name__ == "__main__":
    main()
