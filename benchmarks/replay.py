"""Replay memories side by side: CPU microseconds to draw a batch and write its new priorities.

Run as ``python benchmarks/replay.py``; peers that are not installed are left out of the table. All
of them hold the same full memory of CartPole-like transitions (four floats, one of two actions).
They take turns, a slice of about 20 ms each, so that a busy machine is unkind to all alike; the
figure is the median over the slices, in brackets the smallest.
"""

import argparse
import contextlib
import importlib.metadata
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"  # before NumPy is imported; two busy threads are slower than one

import numpy as np  # noqa: E402

from dqn import prioritized, replay  # noqa: E402
from dqn.prioritized import ProportionalSampler, RankBasedSampler  # noqa: E402 (NumPy has to wait)
from dqn.replay import ReplayBuffer, Transitions  # noqa: E402
from dqn.results import save_result  # noqa: E402
from dqn.softmax_replay import SoftmaxReplay  # noqa: E402

SEED = 0
BATCHES = (32, 256)
ALPHA, BETA = 0.6, 0.5
Step = Callable[[], object]
Row = dict[str, Any]
#: From a memory's size to a function of the batch size, and the bytes the memory takes if known.
Maker = Callable[[int], tuple[Callable[[int], Step], int | None]]


def data(size: int) -> tuple[Transitions, np.ndarray]:
    rng = np.random.default_rng(SEED)
    obs = rng.normal(size=(size, 4)).astype(np.float32)
    ones = np.ones(size, np.float32)
    return Transitions(obs, rng.integers(2, size=size), ones, ones, obs), rng.exponential(size=size)


def chunks(size: int) -> Iterator[slice]:
    return (slice(first, min(first + 10_000, size)) for first in range(0, size, 10_000))


def ours(size: int, sampler: Any = None) -> tuple[Callable[[int], Step], int | None]:
    transitions, errors = data(size)
    buffer = ReplayBuffer(size, (4,), num_actions=2, sampler=sampler)
    for part in chunks(size):
        slots = buffer.add(Transitions(*(field[part] for field in transitions)))
        buffer.update_priorities(slots, errors[part])
    rng = np.random.default_rng(SEED)

    def step_of(batch_size: int) -> Step:
        new = rng.exponential(size=batch_size).astype(np.float32)

        def step() -> None:
            batch = buffer.sample(batch_size, rng, beta=BETA)
            if sampler is not None:
                buffer.update_priorities(batch.slots, new)

        return step

    return step_of, buffer.nbytes


def ours_proportional(size: int) -> tuple[Callable[[int], Step], int | None]:
    return ours(size, ProportionalSampler(size, ALPHA))


def ours_rank_based(size: int) -> tuple[Callable[[int], Step], int | None]:
    return ours(size, RankBasedSampler(size, 0.7, sort_every=100))


def homework(size: int) -> tuple[Callable[[int], Step], int | None]:
    """Our vectorised stand-in: a lower bound for what the homework's lists cost."""
    transitions, errors = data(size)
    buffer = SoftmaxReplay(size, (4,), num_actions=2, sort_every=None)
    buffer.update_priorities(buffer.add(transitions), errors)
    rng = np.random.default_rng(SEED)

    def step_of(batch_size: int) -> Step:
        new = rng.exponential(size=batch_size)
        return lambda: buffer.update_priorities(buffer.sample(batch_size, rng).slots, new)

    return step_of, buffer.nbytes


def homework_lists(size: int) -> tuple[Callable[[int], Step], int | None]:
    """The homework's own way: a deque of tuples, a list of losses, a softmax over all of it."""
    from collections import deque

    transitions, errors = data(size)
    rows = zip(errors, *transitions, strict=True)
    memory = deque(rows, maxlen=size)
    rng = np.random.default_rng(SEED)
    calls = 0

    def step_of(batch_size: int) -> Step:
        new = rng.exponential(size=batch_size)

        def step() -> None:
            nonlocal memory, calls
            losses = np.array([row[0] for row in memory])
            shares = np.exp((losses - losses.max()) / 1000)
            indices = rng.choice(size, batch_size, p=shares / shares.sum())
            columns = [
                np.array(column) for column in zip(*(memory[i] for i in indices), strict=True)
            ]
            for k, i in enumerate(indices):
                memory[i] = (new[k], *(column[k] for column in columns[1:]))
            calls += 1
            if calls % 6 == 0:  # a sort every 25 steps, an update every 4
                memory = deque(sorted(memory, key=lambda row: row[0]), maxlen=size)

        return step

    return step_of, None


def cpprb(size: int) -> tuple[Callable[[int], Step], int | None]:
    from cpprb import PrioritizedReplayBuffer  # type: ignore[import-not-found]

    transitions, errors = data(size)
    fields = {
        "obs": {"shape": 4},
        "act": {"dtype": np.int32},
        "rew": {},
        "next_obs": {"shape": 4},
        "done": {},
    }
    buffer = PrioritizedReplayBuffer(size, fields, alpha=ALPHA)
    for part in chunks(size):
        columns = (column[part] for column in transitions)
        buffer.add(**dict(zip(("obs", "act", "rew", "done", "next_obs"), columns, strict=True)))
        buffer.update_priorities(np.arange(part.start, part.stop), errors[part])

    def step_of(batch_size: int) -> Step:
        new = errors[:batch_size].copy()

        def step() -> None:
            batch = buffer.sample(batch_size, BETA)
            buffer.update_priorities(batch["indexes"], new)

        return step

    return step_of, None


def tianshou(size: int) -> tuple[Callable[[int], Step], int | None]:
    from tianshou.data import Batch, PrioritizedReplayBuffer  # type: ignore[import-not-found]

    transitions, errors = data(size)
    buffer = PrioritizedReplayBuffer(size, alpha=ALPHA, beta=BETA)
    obs_tm1, action, reward, discount, obs_t = transitions

    def row(i: int) -> Any:
        return Batch(
            obs=obs_tm1[i],
            act=action[i],
            rew=reward[i],
            terminated=bool(discount[i] == 0),
            truncated=False,
            obs_next=obs_t[i],
            info={},
        )

    # It takes one transition at a time, half a minute per million: three make its arrays, the
    # others are written into them.
    for i in range(3):
        buffer.add(row(i))
    meta = buffer._meta
    meta.obs[:], meta.act[:], meta.rew[:], meta.obs_next[:] = obs_tm1, action, reward, obs_t
    meta.terminated[:] = meta.truncated[:] = meta.done[:] = False
    buffer._size = size
    for part in chunks(size):
        buffer.update_weight(np.arange(part.start, part.stop), errors[part])

    def step_of(batch_size: int) -> Step:
        new = errors[:batch_size].copy()

        def step() -> None:
            _, indices = buffer.sample(batch_size)
            buffer.update_weight(indices, new)

        return step

    return step_of, None


def torchrl(size: int) -> tuple[Callable[[int], Step], int | None]:
    import torch
    from tensordict import TensorDict  # type: ignore[import-not-found]
    from torchrl.data import (  # type: ignore[import-not-found]
        LazyTensorStorage,
        TensorDictPrioritizedReplayBuffer,
    )

    torch.set_num_threads(1)
    transitions, errors = data(size)
    names = ("obs", "action", "reward", "discount", "next_obs")
    buffer = TensorDictPrioritizedReplayBuffer(
        alpha=ALPHA, beta=BETA, storage=LazyTensorStorage(size), batch_size=32
    )
    for part in chunks(size):
        columns = [torch.as_tensor(column[part]) for column in transitions]
        index = buffer.extend(
            TensorDict(dict(zip(names, columns, strict=True)), batch_size=[len(columns[0])])
        )
        buffer.update_priority(index, torch.as_tensor(errors[part], dtype=torch.float32))

    def step_of(batch_size: int) -> Step:
        new = torch.as_tensor(errors[:batch_size], dtype=torch.float32)

        def step() -> None:
            batch = buffer.sample(batch_size)
            buffer.update_priority(batch["index"], new)

        return step

    return step_of, None


def stable_baselines3(size: int) -> tuple[Callable[[int], Step], int | None]:
    import gymnasium as gym
    import torch
    from stable_baselines3.common.buffers import ReplayBuffer as Peer

    torch.set_num_threads(1)
    transitions, _ = data(size)
    box = gym.spaces.Box(-np.inf, np.inf, (4,), np.float32)
    buffer = Peer(size, box, gym.spaces.Discrete(2), device="cpu")
    buffer.observations[:, 0], buffer.next_observations[:, 0] = (
        transitions.obs_tm1,
        transitions.obs_t,
    )
    buffer.actions[:, 0, 0], buffer.rewards[:, 0] = transitions.action_tm1, transitions.reward_t
    buffer.full = True
    nbytes = sum(value.nbytes for value in vars(buffer).values() if isinstance(value, np.ndarray))
    return lambda batch_size: lambda: buffer.sample(batch_size), nbytes


PRIORITIZED: dict[str, Maker] = {
    "dqn, proportional": ours_proportional,
    "dqn, rank-based, sorted every 100": ours_rank_based,
    "cpprb": cpprb,
    "tianshou": tianshou,
    "torchrl": torchrl,
    "homework, vectorised, never sorted": homework,
    "homework": homework_lists,
}
UNIFORM: dict[str, Maker] = {"dqn, uniform": ours, "stable-baselines3, uniform": stable_baselines3}
#: Rows left out above so many transitions: they would take minutes to fill or to time. The softmax
#: over ten million would besides empty the processor's caches before each turn of the others.
LARGEST = {
    "homework": 100_000,
    "homework, vectorised, never sorted": 1_000_000,
    "tianshou": 1_000_000,
    "torchrl": 1_000_000,
}
#: What is also timed in all its sizes side by side, and the largest of these.
GROWING = {"dqn, proportional": 10_000_000, "cpprb": 10_000_000, "homework": 1_000_000}


def slices(steps: dict[str, Step], rounds: int) -> dict[str, list[float]]:
    """Time the steps in turn; return the CPU microseconds per call of each slice."""
    calls = {}
    for name, step in steps.items():
        for _ in range(20 if name != "homework" else 2):
            step()
        begin = time.process_time()
        step()
        calls[name] = max(1, int(0.02 / max(time.process_time() - begin, 1e-6)))
    result: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            begin = time.process_time()
            for _ in range(calls[name]):
                step()
            result[name].append(1e6 * (time.process_time() - begin) / calls[name])
    return result


def versions() -> dict[str, str]:
    found = {}
    for name in ("cpprb", "tianshou", "torchrl", "tensordict", "stable-baselines3"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def machine() -> str:
    cpu = Path("/proc/cpuinfo")
    names = (
        [line for line in cpu.read_text().splitlines() if "model name" in line]
        if cpu.exists()
        else []
    )
    model = names[0].split(":", 1)[1].strip() if names else platform.processor()
    return f"{model}, {os.cpu_count()} cores, {platform.system()}"


def make(
    wanted: dict[str, Maker], size: int, absent: dict[str, str]
) -> dict[str, tuple[Callable[[int], Step], int | None]]:
    """Fill each memory; a peer that is not installed, or does not load, is noted in ``absent``."""
    made = {}
    for name, maker in wanted.items():
        try:
            made[name] = maker(size)
        except Exception as error:
            if name.startswith(("dqn", "homework")):
                raise
            absent[name] = f"{type(error).__name__}: {error}"
    return made


def row_of(name: str, size: int, batch: int, times: list[float], nbytes: int | None) -> Row:
    """Print a row of the table, and return it."""
    each = None if nbytes is None else round(nbytes / size, 1)
    row = {
        "transitions": size,
        "batch": batch,
        "memory": name,
        "median_us": round(statistics.median(times), 1),
        "min_us": round(min(times), 1),
        "bytes": each,
    }
    print(
        f"{size:>12} {batch:>5} {name:<36} {row['median_us']:>8} "
        f"({row['min_us']:>8}) {'' if each is None else each:>6}",
        flush=True,
    )
    return row


def side_by_side(size: int, rounds: int, absent: dict[str, str]) -> Iterator[Row]:
    """All memories of one size, in turn."""
    wanted = {
        name: maker
        for name, maker in {**PRIORITIZED, **UNIFORM}.items()
        if size <= LARGEST.get(name, size)
    }
    made = make(wanted, size, absent)
    for batch in BATCHES:
        steps = {name: step_of(batch) for name, (step_of, _) in made.items()}
        for name, times in slices(steps, rounds).items():
            yield row_of(name, size, batch, times, made[name][1])


def growth(sizes: list[int], rounds: int, absent: dict[str, str]) -> Iterator[Row]:
    """One kind of memory in all sizes, in turn: minutes apart, a machine is not the same."""
    for name, largest in GROWING.items():
        made = {
            size: make({name: PRIORITIZED[name]}, size, absent).get(name)
            for size in sizes
            if size <= largest
        }
        for batch in BATCHES:
            steps = {str(size): of[0](batch) for size, of in made.items() if of is not None}
            for size, times in slices(steps, rounds).items():
                yield row_of(name, int(size), batch, times, None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=float, nargs="+", default=[1e4, 1e5, 1e6, 1e7])
    parser.add_argument("--rounds", type=int, default=50, help="slices per row")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("replay.json"))
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes]

    absent: dict[str, str] = {}
    print(
        f"{'transitions':>12} {'batch':>5} {'memory':<36} {'median':>8} {'(min)':>10} {'bytes':>6}"
    )
    rows = [row for size in sizes for row in side_by_side(size, arguments.rounds, absent)]
    print("the same memory in all sizes:")
    grown = list(growth(sizes, arguments.rounds, absent))
    for name, reason in absent.items():
        print(f"left out: {name} ({reason})")
    save_result(
        arguments.output,
        {
            "what": "CPU microseconds to draw a batch and, if prioritized, to write its priorities",
            "rounds": arguments.rounds,
            "peers": versions(),
            "processor": machine(),
            "rows": rows,
            "growth": grown,
            "left out": absent,
        },
        command="python benchmarks/replay.py",
        seeds=[SEED],
        code=[prioritized, replay, __file__],
    )
    print(f"written to {arguments.output}")


if __name__ == "__main__":
    main()
