"""A progress bar where a person waits, nothing where a page is built."""

import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import TypeVar, overload

from dqn._arguments import check_whole

__all__ = ["progress"]

Item = TypeVar("Item")


@overload
def progress(items: int, description: str) -> Iterator[int]: ...
@overload
def progress(
    items: Iterable[Item], description: str, total: int | None = None
) -> Iterator[Item]: ...
def progress(
    items: Iterable[object] | int, description: str, total: int | None = None
) -> Iterator[object]:
    """Pass ``items`` on, with a bar in Jupyter, Colab and terminals that goes when it is done.

    Nothing is shown when the output goes to a file or a pipe, or when the environment variable
    ``DQN_PROGRESS`` is ``off``, as it is while the book is built.

    Args:
        items: What to go through; a whole number counts from zero.
        description: What is going on, in a few words.
        total: Number of items, where they can't tell.

    Raises:
        TypeError: If ``items`` is neither a whole number nor something to go through,
            ``description`` is no text, or ``total`` no whole number.
        ValueError: If a number is below 0.

    >>> [2**i for i in progress(4, "doubling")]
    [1, 2, 4, 8]
    """
    source: Iterable[object] = (
        items if isinstance(items, Iterable) else range(check_whole("items", items, low=0))
    )
    if not isinstance(description, str):
        raise TypeError(f"description must be text, got {description!r}")
    if total is not None:
        check_whole("total", total, low=0)
    if os.environ.get("DQN_PROGRESS") == "off":
        return iter(source)
    with warnings.catch_warnings():
        # Without ipywidgets, tqdm warns and falls back to a bar in text, which is fine here.
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm  # type: ignore[import-untyped]
    # A notebook's stderr is no terminal, yet somebody looks at it.
    hidden = False if "ipykernel" in sys.modules else None  # None: hidden unless a terminal
    bar: Iterable[object] = tqdm(source, description, total, leave=False, disable=hidden)
    return iter(bar)
