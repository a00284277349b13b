"""Saved agents: what is written comes back; a file that is damaged or does not fit is refused."""

import dataclasses
import enum
import json
import math
import os
import stat
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dqn import checkpoint


@dataclasses.dataclass(frozen=True)
class Linear:
    start: float = 1.0
    end: float = 0.1


@dataclasses.dataclass(frozen=True)
class Decay:
    factor: float = 0.998


@dataclasses.dataclass(frozen=True)
class Config:
    hidden: tuple[int, ...] = (64, 64)
    gamma: float = 0.99
    double: bool = True
    target: str = "soft"
    clip: float | None = None
    epsilon: Linear | Decay = Linear()
    phases: tuple[Linear | Decay, ...] = ()


@dataclasses.dataclass(frozen=True)
class Newer(Config):
    n_step: int = 3


Tensors = dict[str, torch.Tensor]


def some_tensors() -> Tensors:
    weights = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    return {
        "weights": weights,
        "transposed": weights.T,  # not contiguous
        "target": weights,  # shares the memory of another
        "steps": torch.tensor(7),  # no axes
        "none": torch.zeros(0, 4),
        "half": torch.tensor([1.5], dtype=torch.bfloat16),
        "done": torch.tensor([True, False]),
        "rng": torch.Generator().get_state(),
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "agent.safetensors"


def same(first: Tensors, second: Tensors) -> bool:
    return first.keys() == second.keys() and all(
        first[name].dtype == second[name].dtype and torch.equal(first[name], second[name])
        for name in first
    )


# -- there and back


def test_everything_comes_back(path: Path) -> None:
    config = Config((), 1.0, False, "hard", math.inf, Decay(0.5), (Linear(), Decay()))
    tensors = some_tensors()
    checkpoint.write(path, tensors, config)
    assert same(checkpoint.read(path, tensors, config), tensors)
    loaded, loaded_config = checkpoint.read_all(path, Config)
    assert same(loaded, tensors)
    assert loaded_config == config
    assert isinstance(loaded_config.epsilon, Decay)


def test_parameters_of_a_network_are_plain_tensors_in_the_file(path: Path) -> None:
    network = torch.nn.Linear(3, 2)
    checkpoint.write(path, dict(network.named_parameters()), Config())
    loaded, _ = checkpoint.read_all(path, Config)
    assert not loaded["weight"].requires_grad
    assert torch.equal(loaded["weight"], network.weight)
    # Any reader of the format can open the file.
    assert safetensors.torch.load_file(path).keys() == {"weight", "bias"}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    config=st.builds(
        Config,
        hidden=st.lists(st.integers()).map(tuple),
        gamma=st.floats(allow_nan=False),
        target=st.text(st.characters(exclude_categories=["Cs"])),
        clip=st.none() | st.floats(allow_nan=False),
        epsilon=st.builds(Linear, st.floats(allow_nan=False)) | st.builds(Decay),
    )
)
def test_any_config_comes_back(path: Path, config: Config) -> None:
    checkpoint.write(path, {}, config)
    assert checkpoint.read_all(path, Config) == ({}, config)
    checkpoint.read(path, {}, config)


def test_same_content_same_bytes(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    checkpoint.write(path, some_tensors(), Config())
    checkpoint.write(other, some_tensors(), Config())
    assert path.read_bytes() == other.read_bytes()


def test_the_file_is_independent_of_later_changes(path: Path) -> None:
    tensor = torch.zeros(3)
    checkpoint.write(path, {"w": tensor}, Config())
    tensor += 1
    assert checkpoint.read(path, {"w": tensor}, Config())["w"].tolist() == [0, 0, 0]
    assert tensor.tolist() == [1, 1, 1]


# -- refused, and nothing overwritten


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": torch.zeros(3, 2)}, r"'weights' has shape \[2, 3\] in the file and \[3, 2\]"),
        ({"steps": torch.zeros(1, dtype=torch.int64)}, r"'steps' has shape \[\]"),
        ({"weights": torch.zeros(2, 3, dtype=torch.float64)}, "'weights' has dtype torch.float32"),
        ({"another": torch.zeros(1)}, "the file has no tensor 'another'"),
        ({"target": None}, "the file has another tensor 'target'"),
    ],
)
def test_refuses_tensors_that_differ(
    path: Path, change: dict[str, torch.Tensor | None], message: str
) -> None:
    checkpoint.write(path, some_tensors(), Config())
    changed = some_tensors() | change
    expected = {name: tensor for name, tensor in changed.items() if tensor is not None}
    before = {name: tensor.clone() for name, tensor in expected.items()}
    with pytest.raises(ValueError, match=message):
        checkpoint.read(path, expected, Config())
    assert same(before, expected)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (Config(gamma=0.9), "config.gamma is 0.99 in the file and 0.9 here"),
        (Config(hidden=(64,)), r"config.hidden is \[64, 64\] in the file and \[64\] here"),
        (Config(epsilon=Linear(0.5)), "config.epsilon.start is 1.0 in the file and 0.5 here"),
        (Config(epsilon=Decay()), r"config.epsilon is Linear\(start=1.0, end=0.1\) in the file"),
        (Config(clip=1.0), "config.clip is None in the file and 1.0 here"),
        (Config(double=1), "config.double is True in the file and 1 here"),  # type: ignore[arg-type]
        (Config(hidden=(64, True)), r"config.hidden\[1\] is 64 in the file and True here"),
        (Newer(), "config is Config"),
        (Config(double=False, target="hard"), r"double is True .*; config.target is 'soft'"),
    ],
)
def test_refuses_a_config_that_differs(path: Path, config: Config, message: str) -> None:
    checkpoint.write(path, {}, Config())
    with pytest.raises(ValueError, match=message):
        checkpoint.read(path, {}, config)


def test_refuses_a_config_of_another_version(path: Path) -> None:
    def version(*fields: tuple[str, type, Any]) -> Any:
        return dataclasses.make_dataclass("Config", fields, frozen=True)

    old, new = version(("gamma", float, 0.9)), version(("gamma", float, 0.9), ("tau", float, 1.0))
    checkpoint.write(path, {}, old())
    with pytest.raises(ValueError, match=r"config\.tau is known to this version only"):
        checkpoint.read(path, {}, new())
    with pytest.raises(ValueError, match="another version: fields tau differ"):
        checkpoint.read_all(path, new)
    with pytest.raises(TypeError, match="config_type must be a dataclass, not an instance"):
        checkpoint.read_all(path, old())
    with pytest.raises(ValueError, match="is a Config, expected Linear"):
        checkpoint.read_all(path, Linear)


def test_a_damaged_file_is_told_from_a_whole_one(path: Path) -> None:
    tensors = {"w": torch.arange(4.0)}
    checkpoint.write(path, tensors, Config())
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=path.name):
            checkpoint.read(path, tensors, Config())
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        with pytest.raises(ValueError, match=path.name):
            checkpoint.read(path, tensors, Config())
    path.write_bytes(whole + b"x")
    with pytest.raises(ValueError, match=path.name):
        checkpoint.read(path, tensors, Config())


@pytest.mark.parametrize("metadata", [None, {"dqn": "{"}, {"dqn": "[]"}, {"other": "1"}])
def test_a_foreign_file_is_refused(path: Path, metadata: dict[str, str] | None) -> None:
    safetensors.torch.save_file({"w": torch.zeros(1)}, path, metadata)
    with pytest.raises(ValueError, match=r"not written by dqn\.checkpoint"):
        checkpoint.read(path, {"w": torch.zeros(1)}, Config())


def test_a_missing_file_is_an_os_error(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        checkpoint.read(path, {}, Config())


# -- writing is all or nothing


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    checkpoint.write(path, {"w": torch.zeros(2)}, Config())

    def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(os if step == "fsync" else Path, step, fail)
        with pytest.raises(OSError, match="disk full"):
            checkpoint.write(path, {"w": torch.ones(2)}, Config())
    assert checkpoint.read_all(path, Config)[0]["w"].tolist() == [0, 0]
    assert list(path.parent.iterdir()) == [path]


def test_the_new_file_is_whole_before_it_takes_the_name(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, seen = Path.replace, []

    def watch(source: Path, target: Path) -> Path:
        assert source.parent == target.parent  # across file systems it would not be one step
        seen.append(checkpoint.read_all(source, Config)[0]["w"].tolist())
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", watch)
    checkpoint.write(path, {"w": torch.ones(2)}, Config())
    assert seen == [[1, 1]]


def test_others_may_read_the_file_if_they_may_read_new_files(path: Path) -> None:
    ordinary = path.with_name("ordinary")
    ordinary.touch()
    checkpoint.write(path, {}, Config())
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)


@pytest.mark.parametrize(
    ("tensors", "config", "message"),
    [
        ({"w": [1.0]}, Config(), "tensors must map names to tensors"),
        ({"w": torch.eye(2).to_sparse()}, Config(), "tensors must be dense .* got 'w'"),
        ({"w": torch.ones(1, device="meta")}, Config(), "tensors must be dense .* got 'w'"),
        ({1: torch.zeros(1)}, Config(), "tensors must map names to tensors"),
        ({}, {"gamma": 1}, "config must be a dataclass instance"),
        ({}, Config, "config must be a dataclass instance"),
        ({}, Config(hidden=[64]), r"config.hidden must be .* got \[64\]"),  # type: ignore[arg-type]
        ({}, Config(phases=(Linear(object()),)), r"config.phases\[0\].start must be"),  # type: ignore[arg-type]
    ],
)
def test_bad_arguments_write_nothing(
    path: Path, tensors: Any, config: object, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        checkpoint.write(path, tensors, config)
    assert not path.exists()


@pytest.mark.parametrize("tensors", [None, {"w": None}])
def test_reading_names_what_it_cannot_take(path: Path, tensors: Any) -> None:
    checkpoint.write(path, {"w": torch.ones(2)}, Config())
    with pytest.raises(TypeError, match="tensors must map names to tensors, got"):
        checkpoint.read(path, tensors, Config())


def test_a_path_is_asked_for_by_its_name() -> None:
    nowhere: Any = None
    for call in (
        lambda: checkpoint.write(nowhere, {}, Config()),
        lambda: checkpoint.read(nowhere, {}, Config()),
        lambda: checkpoint.read_all(nowhere, Config),
    ):
        with pytest.raises(TypeError, match="path must be the path of a file, got None"):
            call()


def test_config_in_the_file_is_json_that_people_can_read(path: Path) -> None:
    checkpoint.write(path, {}, Config())
    with safetensors.safe_open(path, "pt") as file:
        metadata = json.loads(file.metadata()["dqn"])
    assert json.loads(metadata["config"])["fields"]["gamma"] == 0.99


@dataclasses.dataclass(frozen=True)
class Named:
    kind: Any = None


class Colour(enum.StrEnum):
    RED = "red"


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    path, good = tmp_path / "agent.safetensors", {"w": torch.ones(2)}
    checkpoint.write(path, good, Named())
    before = path.read_bytes()
    wrong: list[tuple[Any, Any, type[Exception]]] = [
        ({"w": torch.ones(2), "__metadata__": torch.ones(2)}, Named(), ValueError),
        ({"w": torch.ones(2, dtype=torch.complex64)}, Named(), TypeError),
        (good, Named(Colour.RED), TypeError),
        ([torch.ones(2)], Named(), TypeError),
    ]
    for tensors, config, error in wrong:
        with pytest.raises(error, match="must"):
            checkpoint.write(path, tensors, config)
        assert path.read_bytes() == before
