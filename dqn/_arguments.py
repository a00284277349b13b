"""Checks of what a caller passes in: one sentence that names the argument, its value and the rule.

They are called before anything changes, so that a refused call leaves no trace.
"""

import math
import operator
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, SupportsIndex

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "check_actions",
    "check_array",
    "check_choice",
    "check_draw",
    "check_finite",
    "check_flag",
    "check_generator",
    "check_generators",
    "check_number",
    "check_numbers",
    "check_path",
    "check_row",
    "check_seeds",
    "check_slots",
    "check_summable",
    "check_whole",
    "check_widths",
    "keep_checked",
]


def check_whole(name: str, value: SupportsIndex, *, low: int = 1) -> int:
    """Return ``value`` as an ``int``, or say why it is not a whole number of at least ``low``.

    Args:
        name: The argument's name, as its caller knows it.
        value: Any integer, NumPy's included; a ``bool`` is not one here.
        low: The smallest value allowed.

    Raises:
        TypeError: If ``value`` is not an integer.
        ValueError: If ``value`` is smaller than ``low``.

    >>> check_whole("capacity", 8)
    8
    >>> check_whole("capacity", 0)
    Traceback (most recent call last):
        ...
    ValueError: capacity must be a whole number of at least 1, got 0
    """
    if type(value) is int and value >= low:
        return value  # without further questions: some are asked at each step
    if isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number of at least {low}, got {value!r}")
    try:
        whole = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number of at least {low}, got {value!r}") from None
    if whole < low:
        raise ValueError(f"{name} must be a whole number of at least {low}, got {value!r}")
    return whole


def check_number(
    name: str,
    value: float,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    open_low: bool = False,
    open_high: bool = False,
) -> float:
    """Return ``value`` as a ``float``, or say which interval it had to lie in.

    Args:
        name: The argument's name, as its caller knows it.
        value: A finite real number.
        low: The lower end of the interval.
        high: The upper end of the interval.
        open_low: Whether ``low`` itself is excluded.
        open_high: Whether ``high`` itself is excluded.

    Raises:
        TypeError: If ``value`` is not a real number.
        ValueError: If ``value`` is not finite or lies outside the interval.

    >>> check_number("alpha", 0.6, low=0)
    0.6
    >>> check_number("gamma", 1.5, low=0, high=1)
    Traceback (most recent call last):
        ...
    ValueError: gamma must be a number in [0, 1], got 1.5
    """
    if type(value) is float and low < value < high:
        return value  # without further questions: some are asked at each step
    # float() would take a bool, a text of digits, and arrays of either.
    wrong = isinstance(value, (bool, str, bytes, bytearray)) or (
        isinstance(value, (np.generic, np.ndarray)) and value.dtype.kind not in "iuf"
    )
    number, kind = math.nan, TypeError if wrong else ValueError
    if not wrong:
        try:
            number = float(value)
        except (TypeError, ValueError):
            kind = TypeError
        except OverflowError:
            number = math.inf
    inside = (number > low if open_low else number >= low) and (
        number < high if open_high else number <= high
    )
    if inside and math.isfinite(number):
        return number
    left = "(" if open_low or low == -math.inf else "["
    right = ")" if open_high or high == math.inf else "]"
    raise kind(f"{name} must be a number in {left}{low}, {high}{right}, got {value!r}")


def check_numbers(name: str, values: ArrayLike) -> None:
    """Raise unless an array of floating point numbers can be made of the values.

    Text is refused, although NumPy would read "1" as a number, and so are None, which it would take
    for NaN, complex numbers, of which it would keep a part, and masked ones, whose mask it would
    forget.

    Raises:
        TypeError: If they are something else, or rows of different lengths.

    >>> check_numbers("policy", [[0.5, 0.5]])
    >>> check_numbers("policy", [[0.5, 0.5], [1.0]])
    Traceback (most recent call last):
        ...
    TypeError: policy must be an array of numbers, got [[0.5, 0.5], [1.0]]
    """
    if type(values) is np.ndarray and values.dtype.kind in "biuf":
        return  # without further questions: some are asked of each batch
    _check_unmasked(name, values)
    try:
        array = np.asarray(values)
        kind: str = array.dtype.kind
        if kind == "O":  # such as fractions; of None NumPy would make a NaN
            array.astype(np.float64)
            if any(item is None or isinstance(item, (str, bytes)) for item in array.flat):
                kind = "?"
    except (TypeError, ValueError, OverflowError):
        kind = "?"
    if kind not in "biufO":
        raise TypeError(f"{name} must be an array of numbers, got {values!r}")


def check_array(name: str, array: object) -> None:
    """Raise unless it is an array of numbers already.

    Raises:
        TypeError: If it is anything else.

    >>> check_array("q_t", [0.5])
    Traceback (most recent call last):
        ...
    TypeError: q_t must be an array of numbers, got [0.5]
    """
    _check_unmasked(name, array)
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be an array of numbers, got {array!r}")


def _check_unmasked(name: str, values: object) -> None:
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError(f"{name} must not be masked: a mask would be lost, got {values!r}")


def check_path(name: str, path: str | os.PathLike[str]) -> Path:
    """Return ``path`` as a ``Path``, or say that it is none.

    Raises:
        TypeError: If it is neither text nor a path.

    >>> check_path("path", None)
    Traceback (most recent call last):
        ...
    TypeError: path must be the path of a file, got None
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{name} must be the path of a file, got {path!r}")
    return Path(path)


def check_flag(name: str, value: bool) -> bool:
    """Return ``value`` as a ``bool``, or say that it is none.

    Raises:
        TypeError: If ``value`` is neither a Python nor a NumPy boolean.

    >>> check_flag("double", True)
    True
    >>> check_flag("double", "no")
    Traceback (most recent call last):
        ...
    TypeError: double must be True or False, got 'no'
    """
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def check_row(name: str, values: object, *, low: int = 1) -> None:
    """Raise unless ``values`` can be gone through, and is no text; what it holds is not looked at.

    Raises:
        TypeError: If it is text or a single thing.

    >>> check_row("obs_shape", 4, low=0)
    Traceback (most recent call last):
        ...
    TypeError: obs_shape must be a sequence of whole numbers of at least 0, got 4
    """
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise TypeError(
            f"{name} must be a sequence of whole numbers of at least {low}, got {values!r}"
        )


def check_widths(name: str, values: Iterable[SupportsIndex]) -> tuple[int, ...]:
    """Return the widths of layers as a tuple of ``int``, or say what is wrong with them.

    Raises:
        TypeError: If ``values`` is a string or no sequence, or one of them is not an integer.
        ValueError: If one of them is smaller than 1.

    >>> check_widths("hidden", [64, 64])
    (64, 64)
    >>> check_widths("hidden", 64)
    Traceback (most recent call last):
        ...
    TypeError: hidden must be a sequence of whole numbers of at least 1, got 64
    """
    check_row(name, values)
    return tuple(check_whole(name, value) for value in values)


def check_seeds(seeds: Iterable[SupportsIndex]) -> tuple[int, ...]:
    """Return the seeds as a tuple of ``int``, or say what is wrong with them.

    Raises:
        TypeError: If there is no sequence, or one of them is not an integer.
        ValueError: If there are none, or one of them is negative.

    >>> check_seeds(np.arange(2))
    (0, 1)
    >>> check_seeds(3)
    Traceback (most recent call last):
        ...
    TypeError: seeds must be a sequence of whole numbers of at least 0, got 3
    """
    check_row("seeds", seeds, low=0)
    checked = tuple(check_whole("seeds", seed, low=0) for seed in seeds)
    if not checked:
        raise ValueError("seeds must hold at least one seed, got none")
    return checked


def check_generator(name: str, rng: np.random.Generator) -> np.random.Generator:
    """Return ``rng``, or say that it is no generator of its own stream.

    Raises:
        TypeError: If it is anything else, such as the module ``numpy.random``.

    >>> check_generator("rng", np.random)
    Traceback (most recent call last):
        ...
    TypeError: rng must be a numpy.random.Generator, got <module 'numpy.random' from ...>
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"{name} must be a numpy.random.Generator, got {rng!r}")
    return rng


def check_generators(name: str, rngs: Sequence[np.random.Generator]) -> None:
    """Raise unless this is a sequence of generators, which can be gone through more than once.

    Raises:
        TypeError: If it is none, or holds anything else.

    >>> check_generators("rngs", [0])
    Traceback (most recent call last):
        ...
    TypeError: rngs must be a sequence of numpy.random.Generator, got [0]
    """
    generators = isinstance(rngs, Sequence) and all(
        isinstance(rng, np.random.Generator) for rng in rngs
    )
    if not generators:
        raise TypeError(f"{name} must be a sequence of numpy.random.Generator, got {rngs!r}")


def check_draw(batch_size: int, size: int, rng: np.random.Generator, beta: float) -> None:
    """Raise unless a sampler can draw a batch with these arguments.

    Raises:
        TypeError: If a size is no whole number, ``rng`` no generator or ``beta`` no number.
        ValueError: If a size is below 1, or ``beta`` is outside [0, 1].

    >>> check_draw(0, 4, np.random.default_rng(0), 1.0)
    Traceback (most recent call last):
        ...
    ValueError: batch_size must be a whole number of at least 1, got 0
    """
    check_whole("batch_size", batch_size)
    check_whole("size", size)
    check_generator("rng", rng)
    check_number("beta", beta, low=0, high=1)


def keep_checked(instance: object, **checked: object) -> None:
    """Give a frozen dataclass the values that its checks have returned.

    NumPy's numbers become Python's, so that a config prints and is stored as what it means.
    """
    for name, value in checked.items():
        object.__setattr__(instance, name, value)


def check_summable(name: str, values: NDArray[Any], count: int) -> None:
    """Raise unless ``count`` of such numbers can be added up as a float32.

    Raises:
        TypeError: If they are no real numbers.
        ValueError: If one is not finite, or too large.

    >>> check_summable("reward_t", np.array([3e38]), 1)
    >>> check_summable("reward_t", np.array([3e38]), 2)
    Traceback (most recent call last):
        ...
    ValueError: reward_t must be finite, and at most 1.7e+38 in size, got array([3.e+38])
    """
    if values.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be real numbers, got {values.dtype}")
    largest = float(np.finfo(np.float32).max) / count
    if not (abs(values) <= largest).all():
        raise ValueError(
            f"{name} must be finite, and at most {largest:.3g} in size, got {values!r}"
        )


def check_actions(
    actions: ArrayLike, count: int | None, first: int = 0, *, name: str = "action_tm1"
) -> None:
    """Raise unless all actions are among the ``count`` from ``first`` on (None: no last one).

    Raises:
        TypeError: If they are no whole numbers.
        ValueError: If one is unknown.

    >>> check_actions([-1, 1], 3, first=-1)
    >>> check_actions([-1, 2], 3, first=-1)
    Traceback (most recent call last):
        ...
    ValueError: action_tm1 must be in -1 .. 1, got [-1, 2]
    """
    numbers = np.asarray(actions)
    if numbers.size:
        if numbers.dtype.kind not in "iu":
            raise TypeError(f"{name} must be whole numbers, got {numbers.dtype}")
        if numbers.min() < first or (count is not None and numbers.max() >= first + count):
            last = "" if count is None else first + count - 1
            raise ValueError(f"{name} must be in {first} .. {last}, got {actions!r}")


def check_finite(name: str, values: NDArray[Any]) -> None:
    """Raise unless all numbers are finite.

    Raises:
        ValueError: If one is not.

    >>> check_finite("td_errors", np.array([1.0, np.nan]))
    Traceback (most recent call last):
        ...
    ValueError: td_errors must be finite, got array([ 1., nan])
    """
    compiled = values.dtype in (np.float32, np.float64)
    if not (_all_finite(values.ravel()) if compiled else np.isfinite(values).all()):
        raise ValueError(f"{name} must be finite, got {values!r}")


def check_slots(slots: NDArray[Any], size: int, errors: ArrayLike | None = None) -> None:
    """Raise unless these are slots ``[k]`` of a memory that holds ``size``, one for each error.

    Raises:
        TypeError: If they are no array of whole numbers.
        ValueError: If a shape is wrong, or a slot is out of range.

    >>> check_slots(np.array([0, 2]), 3)
    >>> check_slots(np.array([0, 3]), 3)
    Traceback (most recent call last):
        ...
    ValueError: slots must be in 0 .. 2, got array([0, 3])
    """
    if slots.ndim != 1 or (errors is not None and slots.shape != np.shape(errors)):
        shapes = f"{slots.shape}" if errors is None else f"{slots.shape} and {np.shape(errors)}"
        raise ValueError(f"slots must have shape [k], and td_errors the same, got {shapes}")
    if slots.size and slots.dtype.kind not in "iu":
        raise TypeError(f"slots must be whole numbers, got {slots!r}")
    if slots.size and not _all_in_range(slots.astype(np.int64, copy=False), size):
        allowed = f"in 0 .. {size - 1}" if size else "none, as nothing is stored"
        raise ValueError(f"slots must be {allowed}, got {slots!r}")


# Compiled to machine code when they are first called, as each batch of prioritized replay asks
# them: of an array this small NumPy's min, max and all take several times as long.


@njit()
def _all_finite(values: NDArray[Any]) -> bool:
    for value in values:  # noqa: SIM110 - all() would have to be compiled, too
        if not np.isfinite(value):
            return False
    return True


@njit()
def _all_in_range(slots: NDArray[np.int64], size: int) -> bool:
    for slot in slots:  # noqa: SIM110 - as above
        if not 0 <= slot < size:
            return False
    return True


def check_choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """Return ``value``, or list the allowed ones.

    Raises:
        ValueError: If ``value`` is not among ``allowed``.

    >>> check_choice("loss", "huber", ("huber", "squared"))
    'huber'
    >>> check_choice("loss", "l1", ("huber", "squared"))
    Traceback (most recent call last):
        ...
    ValueError: loss must be one of 'huber', 'squared', got 'l1'
    """
    if not isinstance(value, str) or value not in allowed:  # an array would compare one by one
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")
    return value
