"""The API page leads back to the chapters, and its signatures can be read.

A docstring names a chapter by its title in backticks, as in "Chapter: `Target networks`". On the
page that becomes a link, once the book has a chapter of that title. NumPy's names for types, which
Python unfolds into a line each, are folded again. The fields of a named tuple, which its class
describes, are not listed once more as "alias for field number 0".
"""

import re
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike, DTypeLike
from sphinx.application import Sphinx
from sphinx.ext import autodoc
from sphinx.util.typing import stringify_annotation

__all__ = ["setup"]

# A title in single backticks, which has no role in front.
_QUOTED = re.compile(r"(?<![:`\w])`([^`<>]+)`(?!`)")
_ARRAY = re.compile(
    r"~?(?:numpy\.)?ndarray\[~?tuple\[~?(?:\w+\.)?Any, \.\.\.\], ~?(?:numpy\.)?dtype\["
)
_UNFOLDED = {
    stringify_annotation(ArrayLike, "smart"): "ArrayLike",
    stringify_annotation(DTypeLike, "smart"): "DTypeLike",
}


def _titles(app: Sphinx) -> dict[str, str]:
    """Return the pages by their titles, read from the first heading of their sources."""
    pages = {}
    for page in app.env.found_docs:
        text = Path(app.env.doc2path(page)).read_text("utf8")
        if heading := re.search(r"^# (.+)$", text, re.MULTILINE):
            pages[heading[1].strip()] = page
    return pages


def _link_chapters(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    pages = _titles(app)

    def link(match: re.Match[str]) -> str:
        page = pages.get(match[1])
        return f":doc:`{match[1]} </{page}>`" if page else match[0]

    lines[:] = [_QUOTED.sub(link, line) for line in lines]


def _fold(annotation: str | None) -> str | None:
    if annotation is None:
        return None
    for unfolded, name in _UNFOLDED.items():
        annotation = annotation.replace(unfolded, name)
    while match := _ARRAY.search(annotation):
        # One closing bracket goes with the part that is left out: the one of `ndarray`.
        depth, end = 1, match.end()
        while depth:
            depth += {"[": 1, "]": -1}.get(annotation[end], 0)
            end += 1
        inner = annotation[match.end() : end - 1]
        annotation = f"{annotation[: match.start()]}NDArray[{inner}{annotation[end:]}"
    return annotation


def _fold_signature(
    app: Sphinx,
    what: str,
    name: str,
    obj: object,
    options: object,
    signature: str | None,
    returns: str | None,
) -> tuple[str | None, str | None]:
    return _fold(signature), _fold(returns)


def _fold_attribute(annotation: Any, *args: Any, **kwargs: Any) -> str:
    return _fold(stringify_annotation(annotation, *args, **kwargs)) or ""


def _skip_fields(
    app: Sphinx, what: str, name: str, obj: object, skip: bool, options: object
) -> bool | None:
    return True if type(obj).__name__ == "_tuplegetter" else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect this extension to Sphinx."""
    app.connect("autodoc-process-docstring", _link_chapters)
    app.connect("autodoc-process-signature", _fold_signature)
    app.connect("autodoc-skip-member", _skip_fields)
    # Autodoc has no event for the type of an attribute.
    autodoc.stringify_annotation = _fold_attribute  # type: ignore[attr-defined]
    return {"parallel_read_safe": True, "parallel_write_safe": True}
