"""Saved agents: named tensors and the configuration they belong to, in one safetensors file.

One file rather than two, because only one file can be replaced in one step: weights and the
configuration that explains them can't come apart. The configuration is JSON in the file's metadata,
so nothing in it is ever executed, and a checksum over both tells a damaged file from a whole one.
"""

import dataclasses
import enum
import hashlib
import json
import os
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

import safetensors
import safetensors.torch
import torch

from dqn._arguments import check_path
from dqn._files import write_atomically

__all__ = ["read", "read_all", "write"]

Config = TypeVar("Config")
_FORMAT = "dqn checkpoint 1"


def write(
    path: str | os.PathLike[str], tensors: Mapping[str, torch.Tensor], config: object
) -> None:
    """Save named tensors with their configuration; an existing file is replaced in one step.

    Args:
        path: The file, ``*.safetensors`` by custom.
        tensors: Any shapes and dtypes that the format knows, on any device; two names may share
            one tensor.
        config: A dataclass of numbers, strings, bools, ``None``, tuples and other dataclasses.

    Raises:
        TypeError: If a tensor isn't one, is sparse, quantized, without data or of complex
            numbers, or the configuration holds anything else.
        ValueError: If a tensor is named ``__metadata__``, which is the format's own.
        OSError: If the file can't be written; what was there is then still there.

    >>> import tempfile
    >>> @dataclasses.dataclass(frozen=True)
    ... class Settings:
    ...     hidden: tuple[int, ...] = (64, 64)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/agent.safetensors"
    ...     write(path, {"bias": torch.ones(2)}, Settings((8,)))
    ...     read_all(path, Settings)
    ({'bias': tensor([1., 1.])}, Settings(hidden=(8,)))
    """
    check_path("path", path)
    if not dataclasses.is_dataclass(config) or isinstance(config, type):
        raise TypeError(f"config must be a dataclass instance, got {config!r}")
    _check_tensors(tensors)
    copies = {}
    for name, tensor in tensors.items():
        if name == "__metadata__":
            raise ValueError(f"tensors must not be named as the format's own part, got {name!r}")
        if tensor.dtype.is_complex:
            raise TypeError(f"tensors must be of real numbers, got {name!r}: {tensor.dtype}")
        if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_meta:
            raise TypeError(f"tensors must be dense and hold their data, got {name!r}: {tensor!r}")
        # safetensors refuses views and shared storage; a checkpoint is small enough to copy.
        copies[name] = tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
    text = json.dumps(_to_json(config, "config"))
    metadata = {"format": _FORMAT, "config": text, "checksum": _checksum(copies, text)}
    # A single entry, since the library writes several in no fixed order.
    write_atomically(path, safetensors.torch.save(copies, {"dqn": json.dumps(metadata)}))


def read(
    path: str | os.PathLike[str], tensors: Mapping[str, torch.Tensor], config: object
) -> dict[str, torch.Tensor]:
    """Load a checkpoint that is to take the place of ``tensors``, once it is known to fit.

    Args:
        path: The file.
        tensors: What is to be replaced; names, shapes and dtypes must be those of the file. They
            are looked at, not changed, so a refused file changes nothing.
        config: The configuration the file must have been saved with.

    Returns:
        The file's tensors, on the CPU.

    Raises:
        TypeError: If ``path`` is none, or ``tensors`` holds anything but tensors.
        ValueError: If the file is damaged or anything differs, saying all that does.
        OSError: If the file can't be read.

    >>> import tempfile
    >>> @dataclasses.dataclass(frozen=True)
    ... class Settings:
    ...     gamma: float
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/agent.safetensors"
    ...     write(path, {"bias": torch.ones(2)}, Settings(0.99))
    ...     read(path, {"bias": torch.zeros(2)}, Settings(0.9))
    Traceback (most recent call last):
        ...
    ValueError: ...agent.safetensors does not fit: config.gamma is 0.99 in the file and 0.9 here
    """
    _check_tensors(tensors)
    saved, saved_config = _load(path)
    faults = _differences("config", saved_config, _to_json(config, "config"))
    faults += [f"the file has no tensor {name!r}" for name in tensors if name not in saved]
    faults += [f"the file has another tensor {name!r}" for name in saved if name not in tensors]
    for name in sorted(saved.keys() & tensors.keys()):
        here, there = tensors[name], saved[name]
        if here.shape != there.shape:
            faults.append(
                f"{name!r} has shape {list(there.shape)} in the file and {list(here.shape)} here"
            )
        elif here.dtype != there.dtype:
            faults.append(f"{name!r} has dtype {there.dtype} in the file and {here.dtype} here")
    if faults:
        raise ValueError(f"{path} does not fit: {'; '.join(faults)}")
    return saved


def read_all(
    path: str | os.PathLike[str], config_type: type[Config]
) -> tuple[dict[str, torch.Tensor], Config]:
    """Load a checkpoint with its configuration, to build from it what was saved.

    Args:
        path: The file.
        config_type: The dataclass that was saved.

    Returns:
        The tensors, on the CPU, and the configuration.

    Raises:
        TypeError: If ``path`` is none, or ``config_type`` is no dataclass.
        ValueError: If the file is damaged, isn't a checkpoint, or its configuration has other
            fields than ``config_type``.
        OSError: If the file can't be read.
    """
    if not (isinstance(config_type, type) and dataclasses.is_dataclass(config_type)):
        raise TypeError(f"config_type must be a dataclass, not an instance, got {config_type!r}")
    tensors, config = _load(path)
    return tensors, typing.cast(Config, _from_json(config, config_type, f"{path}: config"))


def _check_tensors(tensors: Mapping[str, torch.Tensor]) -> None:
    if not isinstance(tensors, Mapping):
        raise TypeError(f"tensors must map names to tensors, got {tensors!r}")
    for name, tensor in tensors.items():
        if not isinstance(name, str) or not isinstance(tensor, torch.Tensor):
            raise TypeError(f"tensors must map names to tensors, got {name!r}: {type(tensor)}")


def _load(path: str | os.PathLike[str]) -> tuple[dict[str, torch.Tensor], Any]:
    content = check_path("path", path).read_bytes()
    try:
        tensors = safetensors.torch.load(content)
        # The layout: the header's length in 8 bytes, the header in JSON, the tensors.
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    except (safetensors.SafetensorError, ValueError, RuntimeError, KeyError) as error:
        raise ValueError(f"{path} is not a safetensors file, or is damaged: {error}") from error
    try:
        metadata = json.loads(header["__metadata__"]["dqn"])
        text, checksum = metadata["config"], metadata["checksum"]
        known = metadata["format"] == _FORMAT
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise ValueError(f"{path} holds tensors, but was not written by dqn.checkpoint")
    if checksum != _checksum(tensors, text):
        raise ValueError(f"{path} is damaged: its content does not match its checksum")
    return tensors, json.loads(text)


def _checksum(tensors: Mapping[str, torch.Tensor], text: str) -> str:
    digest = hashlib.sha256(text.encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name}|{tensor.dtype}|{list(tensor.shape)}|".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _to_json(value: object, name: str) -> Any:
    """Return the JSON form of a configuration; a dataclass keeps its name, a tuple is a list."""
    if isinstance(value, (bool, int, float, str)) and isinstance(value, enum.Enum):
        raise TypeError(
            f"{name} must be a plain value, an Enum would come back as one, got {value!r}"
        )
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, tuple):
        return [_to_json(item, f"{name}[{i}]") for i, item in enumerate(value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            field.name: _to_json(getattr(value, field.name), f"{name}.{field.name}")
            for field in dataclasses.fields(value)
        }
        return {"class": type(value).__name__, "fields": fields}
    raise TypeError(
        f"{name} must be a number, a string, a bool, None, a tuple or a dataclass, got {value!r}"
    )


def _from_json(value: Any, hint: Any, name: str) -> object:
    if isinstance(value, list):
        arguments = [argument for argument in _flat(hint) if argument is not Ellipsis]
        return tuple(_from_json(item, arguments, f"{name}[{i}]") for i, item in enumerate(value))
    if not isinstance(value, dict):
        return value
    known = {
        kind.__name__: kind
        for kind in _flat(hint)
        if isinstance(kind, type) and dataclasses.is_dataclass(kind)
    }
    if value["class"] not in known:
        raise ValueError(f"{name} is a {value['class']}, expected {' or '.join(known) or hint}")
    kind = known[value["class"]]
    hints = typing.get_type_hints(kind)
    expected = {field.name for field in dataclasses.fields(kind)}
    if expected != value["fields"].keys():
        odd = sorted(expected ^ value["fields"].keys())
        raise ValueError(f"{name} was saved by another version: fields {', '.join(odd)} differ")
    fields = {
        field: _from_json(item, hints[field], f"{name}.{field}")
        for field, item in value["fields"].items()
    }
    return kind(**fields)


def _flat(hint: Any) -> list[Any]:
    """Every type named in an annotation: ``Linear | tuple[Step, ...]`` gives Linear and Step."""
    if isinstance(hint, list) or typing.get_origin(hint) in (typing.Union, types.UnionType, tuple):
        parts = hint if isinstance(hint, list) else typing.get_args(hint)
        return [kind for part in parts for kind in _flat(part)]
    return [hint]


def _differences(name: str, there: Any, here: Any) -> list[str]:
    if isinstance(there, dict) and isinstance(here, dict) and there["class"] == here["class"]:
        old, new = there["fields"], here["fields"]
        faults = []
        for field in old | new:
            if field not in new or field not in old:
                side = "the file" if field in old else "this version"
                faults.append(f"{name}.{field} is known to {side} only")
            else:
                faults += _differences(f"{name}.{field}", old[field], new[field])
        return faults
    if isinstance(there, list) and isinstance(here, list) and len(there) == len(here):
        pairs = enumerate(zip(there, here, strict=True))
        return [fault for i, pair in pairs for fault in _differences(f"{name}[{i}]", *pair)]
    # NaN is the one value that differs from itself, and True equals 1.
    equal = there == here or (there != there and here != here)
    if equal and isinstance(there, bool) == isinstance(here, bool):
        return []
    return [f"{name} is {_short(there)} in the file and {_short(here)} here"]


def _short(value: Any) -> str:
    if isinstance(value, dict):
        fields = ", ".join(f"{name}={_short(item)}" for name, item in value["fields"].items())
        return f"{value['class']}({fields})"
    return repr(value)
