"""Named configs: the homework's agents and the 2015 paper's.

Chapters: `A network that learns online`, `Experience replay`, `Target networks`.
"""

from dataclasses import replace

from dqn.config import DQNConfig
from dqn.exploration import LinearSchedule, PerEpisodeDecay

__all__ = ["homework_online", "homework_prioritized", "homework_replay", "nature_2015", "plain_dqn"]


def homework_online() -> DQNConfig:
    """The homework's first agent: one network, no memory, one update on each transition.

    It bootstraps from the network it is updating, cuts the gradient there, and adds a tenth of the
    mean Q(S, A) of what it learns from to its loss.

    >>> homework_online().replay, homework_online().target
    ('off', 'off')
    """
    return DQNConfig(
        hidden=(128, 128),
        n_step=1,
        double=False,
        target="off",
        replay="off",
        batch_size=1,
        learning_starts=0,
        loss="squared",
        learning_rate=1e-4,
        max_grad_norm=None,
        q_penalty=0.1,
        num_envs=1,
        epsilon=PerEpisodeDecay(0.5, 0.998),
    )


def homework_replay() -> DQNConfig:
    """The homework's second agent: 4000 transitions, a batch of 32 every fourth step.

    The one difference: it learns from its first full batch on, where the homework began with a
    memory of a single transition.

    >>> homework_replay().capacity
    4000
    """
    return DQNConfig(
        hidden=(128, 128),
        n_step=1,
        double=False,
        target="off",
        replay="uniform",
        capacity=4_000,
        batch_size=32,
        learning_starts=32,
        train_every=4,
        loss="squared",
        learning_rate=1e-4,
        max_grad_norm=None,
        q_penalty=0.1,
        num_envs=1,
        epsilon=PerEpisodeDecay(0.5, 0.998),
    )


def homework_prioritized() -> DQNConfig:
    """The homework's third agent: a batch drawn by a softmax over losses, a memory kept sorted.

    >>> homework_prioritized().temperature
    1000.0
    """
    return replace(homework_replay(), replay="softmax")


def nature_2015() -> DQNConfig:
    """DQN with the numbers of Mnih et al. (2015), Extended Data Table 1, as printed for Atari.

    Fully connected layers stand in for the paper's convolutions. Steps are the agent's own, each
    of them four frames in the paper.

    >>> nature_2015().target_period
    10000
    """
    return DQNConfig(
        hidden=(512,),
        n_step=1,
        double=False,
        target="hard",
        target_period=10_000,
        replay="uniform",
        capacity=1_000_000,
        batch_size=32,
        learning_starts=50_000,
        train_every=4,
        loss="huber",
        optimizer="rmsprop",
        learning_rate=2.5e-4,
        max_grad_norm=None,
        num_envs=1,
        epsilon=LinearSchedule(1.0, 0.1, 1_000_000),
    )


def plain_dqn() -> DQNConfig:
    """The 2015 algorithm at the size of CartPole: one-step, single, a hard target, Huber's loss.

    >>> plain_dqn().double, plain_dqn().n_step
    (False, 1)
    """
    return DQNConfig(n_step=1, double=False, target="hard", target_period=250)
