"""Wrong answers as students write them, written without a look at the checkers' own lists.

Each comes with a piece of what its checker should answer: rejected, and for its own reason. Every
module of checkers has one here; :mod:`tests.checks.test_wrong_answers` asks about all of them.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import torch.nn.functional as F

Answer = TypeVar("Answer", bound=Callable[..., Any])
WRONG: list[tuple[Any, Any, str]] = []


def wrong(checker: Any, reason: str) -> Callable[[Answer], Answer]:
    """Note down a wrong answer and what should be said about it."""

    def note(function: Answer) -> Answer:
        WRONG.append((checker, function, reason))
        return function

    return note


def batch_loss(q: Any, next_q: Any, a: Any, r: Any, d: Any, g: Any) -> Any:
    """A right loss, to be spoilt."""
    target = r + g * next_q.max(1)[0] * (1 - d.float())
    return F.mse_loss(q.gather(1, a[:, None])[:, 0], target)


def columns(rows: Any) -> Any:
    """Transitions, a row each, as five arrays."""
    return tuple(np.array([row[i] for row in rows]) for i in range(5))
