"""A build shows all of its pages or none, and every warning fails it.

Sphinx writes pages one after another into the folder that people read, carries on after a warning,
and forgets the warnings of pages that it does not read again. Here instead:

- Pages are written into a working folder beside the visible one, which takes its name only when the
  build has succeeded. Until then, and for good if the build fails or is killed, the visible folder
  holds one file that says so.
- Any warning fails the build (Sphinx's ``-W --keep-going``, whoever starts it).
- An unfinished working folder is thrown away by the next build, and so is a finished one when
  anything but the text of a page has changed. Otherwise only edited pages are read again; all are
  written again, so that their links to each other are checked.
- Builds of one book wait for each other.
"""

import fcntl
import os
import shutil
from collections.abc import Iterable
from logging import LogRecord, getLogger
from pathlib import Path
from typing import IO, Any

import fingerprint
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

__all__ = ["made_from", "setup"]

_LOGGER = logging.getLogger(__name__)
_NOTICE = "BUILD-INCOMPLETE.txt"
_STAMP = ".made-from"
_FIRST, _LAST = 0, 10_000  # places in the queue of an event's listeners; 500 is the usual one


class _Build:
    """The folders of one build, and its lock."""

    def __init__(self, app: Sphinx) -> None:
        self.visible = Path(app.outdir)
        self.working = self.visible.with_name(f".{self.visible.name}")
        self.leftovers = [
            self.visible,
            self.working,
            Path(app.doctreedir),
            self.visible.with_name("jupyter_execute"),
        ]
        self.lock: IO[str] | None = None
        self.made_from = ""
        self.pages_changed = False
        self.warnings: list[str] = []

    def collect_warnings(self) -> None:
        """Note all warnings that Sphinx prints from now on, with the page and line that it adds."""

        def note(record: LogRecord) -> bool:
            self.warnings.append(record.getMessage().strip())
            return True

        for handler in getLogger(logging.NAMESPACE).handlers:
            if isinstance(handler, logging.WarningStreamHandler):
                handler.addFilter(note)  # behind the filters that drop what is not to be printed

    def acquire(self) -> None:
        """Wait until no other build uses these folders."""
        self.visible.parent.mkdir(parents=True, exist_ok=True)
        # The operating system frees the lock when its owner ends, however that comes about.
        self.lock = self.visible.with_name(".lock").open("a+")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.lock.seek(0)
            owner = self.lock.read().strip() or "unknown"
            _LOGGER.info("Another build of this book is running (process %s): waiting.", owner)
            fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.lock.truncate(0)
        self.lock.write(f"{os.getpid()}\n")
        self.lock.flush()

    def release(self) -> None:
        """Let the next build begin."""
        if self.lock:
            self.lock.close()
            self.lock = None

    def begin(self, made_from: str) -> None:
        """Hide the pages, and keep them to work on if they are whole and of the same making."""
        self.made_from = made_from
        stamp = self.visible / _STAMP
        if stamp.exists() and stamp.read_text("utf8") == made_from:
            shutil.rmtree(self.working, ignore_errors=True)
            self.visible.rename(self.working)
            (self.working / _STAMP).unlink()
        else:
            for folder in self.leftovers:
                shutil.rmtree(folder, ignore_errors=True)
        self.visible.mkdir(exist_ok=True)
        (self.visible / _NOTICE).write_text(
            "This book is being built, or its last build did not end well.\n"
            "What was wrong is said where the build was started; the next good build brings the"
            " pages back.\n",
            "utf8",
        )

    def show(self) -> None:
        """Put the finished pages where they are looked for."""
        (self.working / _STAMP).write_text(self.made_from, "utf8")
        shutil.rmtree(self.visible)
        self.working.rename(self.visible)


def made_from(book: Path) -> str:
    """Return a fingerprint of all that pages are made from, the text of each page excepted."""
    files = list(fingerprint.sources(book))
    return fingerprint.of_text(
        fingerprint.of_code(book.parent),
        fingerprint.of_files([path for path in files if path.suffix != ".md"], book),
        *sorted(path.relative_to(book).as_posix() for path in files if path.suffix == ".md"),
    )


def _begin(app: Sphinx, config: Config) -> None:
    build: _Build = app.book_build  # type: ignore[attr-defined]
    build.acquire()
    build.begin(made_from(Path(app.srcdir)))
    app.outdir = type(app.outdir)(build.working)
    build.working.mkdir(exist_ok=True)


def _edited_pages(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Find edits that left a page's modification time in the past, as unpacking or copying does."""
    before: dict[str, str] = getattr(env, "page_fingerprints", {})
    now = {
        page: fingerprint.of_text(Path(env.doc2path(page)).read_text("utf8"))
        for page in env.found_docs
    }
    env.page_fingerprints = now  # type: ignore[attr-defined]  # kept with the environment
    return [page for page in now if before.get(page) != now[page]]


def _note_changes(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    app.book_build.pages_changed = bool(docnames)  # type: ignore[attr-defined]


def _write_every_page(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """A page may link to a label that has just left another one: resolve all links again."""
    return list(env.found_docs) if app.book_build.pages_changed else []  # type: ignore[attr-defined]


def _require_outputs(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of a page with code cells that were not executed."""
    page = app.env.docname
    cells = doctree.findall(
        lambda node: isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"
    )
    execution = getattr(app.env, "nb_metadata", {}).get(page, {}).get("exec_data")
    if any(cells) and not (execution and execution["succeeded"]):
        _LOGGER.warning("the code of this page was not executed", location=page)


def _finish(app: Sphinx, exception: Exception | None) -> None:
    build: _Build = app.book_build  # type: ignore[attr-defined]
    if exception is None and not build.warnings:
        build.show()
        app.outdir = type(app.outdir)(build.visible)
    elif exception is None:
        app.statuscode = 1
        _LOGGER.info("The book was not built. Every warning fails the build:")
        for warning in dict.fromkeys(build.warnings):
            _LOGGER.info("- %s", warning)
    build.release()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect this extension to Sphinx."""
    app.book_build = build = _Build(app)  # type: ignore[attr-defined]  # lives as long as the app
    build.collect_warnings()
    app.connect("config-inited", _begin, priority=_FIRST)
    app.connect("env-get-outdated", _edited_pages)
    app.connect("env-before-read-docs", _note_changes, priority=_FIRST)
    app.connect("doctree-read", _require_outputs)
    app.connect("env-updated", _write_every_page)
    app.connect("build-finished", _finish, priority=_LAST)
    return {"parallel_read_safe": False, "parallel_write_safe": False}
