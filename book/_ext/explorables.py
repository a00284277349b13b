"""Loads the scripts of explorables where a page shows one, and nowhere else.

Jupyter Book loads everything below `_static` on every page. The scripts are classic ones, deferred
and in order, because browsers refuse modules to pages opened from a folder (`file://`).
"""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

_FOLDER = "explorables/"
_FIGURE = re.compile(r'<figure data-explorable="([\w-]+)"')


def kinds(document: nodes.document) -> list[str]:
    """The kinds of explorables that a page shows."""
    raw = (node.astext() for node in document.findall(nodes.raw))
    return sorted({kind for text in raw for kind in _FIGURE.findall(text)})


def _load_nowhere(app: Sphinx, config: Config) -> None:
    for name in ("html_js_files", "html_css_files"):
        files = [file for file in config[name] if not str(file).startswith(_FOLDER)]
        config[name] = sorted(files, key=str)  # not in the order of the file system


def _load_where_shown(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], document: nodes.document
) -> None:
    shown = kinds(document) if document else []
    if not shown:
        return
    app.add_css_file(f"{_FOLDER}explorables.css")
    # The priorities are below MathJax's, which takes long.
    for priority, name in enumerate(["core", *shown], start=100):
        app.add_js_file(f"{_FOLDER}{name}.js", priority=priority, loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this."""
    app.connect("config-inited", _load_nowhere)
    app.connect("html-page-context", _load_where_shown)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
