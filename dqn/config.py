"""Every choice that makes one DQN differ from another, a documented field each.

Chapters: `A network that learns online` to `Beyond`; each turns one or two of these switches.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from dqn._arguments import (
    check_choice,
    check_flag,
    check_number,
    check_whole,
    check_widths,
    keep_checked,
)
from dqn.exploration import LinearSchedule, PerEpisodeDecay, check_schedule

__all__ = ["DQNConfig"]

Replay = Literal["off", "uniform", "proportional", "rank", "softmax", "softmax_mended"]
Target = Literal["off", "hard", "soft"]
Loss = Literal["huber", "squared"]
Optimizer = Literal["adam", "rmsprop"]


@dataclass(frozen=True)
class DQNConfig:
    """One switch per idea, so that an ablation changes one field (``dataclasses.replace``).

    The defaults are a Double DQN with five-step returns that learns CartPole within a minute.
    Steps are environment steps of one learner; updates are its gradient steps. Constant schedules
    are written ``LinearSchedule(0.1, 0.1, 1)``. What each field means stands below it in the
    source, and on the page *The agent* of the reference; ``help()`` leaves it out.

    Raises:
        TypeError: If a field has the wrong type.
        ValueError: If a field lies outside its range.

    >>> DQNConfig(gamma=1.5)
    Traceback (most recent call last):
        ...
    ValueError: gamma must be a number in [0, 1], got 1.5
    """

    hidden: tuple[int, ...] = (64, 64)
    """Widths of the hidden layers; empty for a linear function."""
    dueling: bool = False
    """Split the output into a state value and advantages (Wang et al. 2016)."""
    filters: int = 0
    """Filters of 3 x 3 pixels before the dense layers; 0 for none."""

    gamma: float = 0.99
    """Discount per step."""
    n_step: int = 5
    """Rewards summed before bootstrapping; 1 is the classic target."""
    double: bool = True
    """Choose the next action with the online network, judge it with the target network. With
    target off the two are one, and it changes nothing."""
    target: Target = "soft"
    """Where the bootstrap comes from, which may be the online network (off), a copy made every
    ``target_period`` updates (hard), or a moving average that follows by ``tau`` (soft)."""
    target_period: int = 500
    """Updates between hard copies."""
    tau: float = 0.005
    """Share of the online network that a soft target takes over at each update."""

    replay: Replay = "uniform"
    """Learn from the newest transitions only (off), or from a memory sampled uniformly, in
    proportion to the error, by the error's rank, or by the homework's softmax over losses (for one
    environment: ``num_envs`` must be 1), as written or mended."""
    capacity: int = 50_000
    """Transitions the memory holds, no fewer than a batch; the oldest leave first. Without effect
    where replay is off."""
    batch_size: int = 128
    """Transitions per update; without replay it is what one step brings."""
    learning_starts: int = 500
    """Steps before the first update; without replay there are none."""
    train_every: int = 1
    """Steps between updates. Without replay there is one after each step of all ``num_envs``
    environments together, on the windows that it completed."""
    frames: bool = False
    """Whether observations are stacks of frames, newest last, of which the memory keeps each frame
    once. The first axis must be the stack, as ``FrameStackObservation`` makes it."""
    combined: bool = False
    """Put the newest transition into every batch (Zhang & Sutton 2017)."""
    alpha: float = 0.6
    """How strongly priorities shape sampling; 0 is uniform. The paper has 0.6 for proportional and
    0.7 for rank-based replay. The rest is fixed, epsilon at 1e-6, stratified batches, weights
    divided by the batch's largest, and ranks sorted every 100 updates."""
    beta: LinearSchedule = LinearSchedule(0.4, 1.0, 100_000)
    """How fully importance weights correct for it; 1 is fully. Counted in steps."""
    temperature: float = 1000.0
    """Of the homework's softmax; 1000 makes it next to uniform."""

    loss: Loss = "huber"
    """Squared error, or Huber's, whose gradient saturates at an error of one."""
    optimizer: Optimizer = "adam"
    """Adam, or the 2015 paper's centred RMSProp."""
    learning_rate: float = 4e-3
    """Step size of the optimiser."""
    max_grad_norm: float | None = 1.0
    """Longer gradients are scaled down to this length; None leaves them."""
    q_penalty: float = 0.0
    """Weight of the batch's mean Q(S, A), importance weights included, which is added to the loss.
    It is the homework's "regularizer", which pushes these estimates down, whatever their sign."""

    num_envs: int = 8
    """Environments that one learner steps together."""
    epsilon: LinearSchedule | PerEpisodeDecay = LinearSchedule(1.0, 0.05, 2_000)
    """Probability of a random action."""

    def __post_init__(self) -> None:
        checked: dict[str, Any] = {"hidden": check_widths("hidden", self.hidden)}
        for name in ("dueling", "double", "frames", "combined"):
            checked[name] = check_flag(name, getattr(self, name))
        for name in (
            "n_step",
            "target_period",
            "capacity",
            "batch_size",
            "train_every",
            "num_envs",
        ):
            checked[name] = check_whole(name, getattr(self, name))
        for name in ("learning_starts", "filters"):
            checked[name] = check_whole(name, getattr(self, name), low=0)
        checked["gamma"] = check_number("gamma", self.gamma, low=0, high=1)
        checked["tau"] = check_number("tau", self.tau, low=0, high=1, open_low=True)
        for name in ("alpha", "q_penalty"):
            checked[name] = check_number(name, getattr(self, name), low=0)
        for name in ("temperature", "learning_rate", "max_grad_norm"):
            if name != "max_grad_norm" or self.max_grad_norm is not None:
                checked[name] = check_number(name, getattr(self, name), low=0, open_low=True)
        for name, kind in (
            ("target", Target),
            ("replay", Replay),
            ("loss", Loss),
            ("optimizer", Optimizer),
        ):
            check_choice(name, getattr(self, name), get_args(kind))
        if self.replay != "off" and self.capacity < self.batch_size:
            raise ValueError(
                f"capacity must be at least batch_size, {self.batch_size}, or nothing would ever "
                f"be learned, got {self.capacity}"
            )
        if self.frames and self.replay in ("off", "softmax", "softmax_mended"):
            raise ValueError(f"frames must be False with {self.replay!r} replay, got {self.frames}")
        if self.combined and (self.replay == "off" or "softmax" in self.replay):
            raise ValueError(f"combined must be False with {self.replay!r} replay, got True")
        if "softmax" in self.replay and self.num_envs != 1:
            raise ValueError(f"num_envs must be 1 with {self.replay!r} replay, got {self.num_envs}")
        check_schedule("beta", self.beta)
        if not isinstance(self.epsilon, PerEpisodeDecay):  # that one checks itself
            check_schedule("epsilon", self.epsilon, or_else=" or a PerEpisodeDecay")
        keep_checked(self, **checked)
