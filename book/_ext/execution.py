"""Chapters are executed side by side, each in a fresh kernel, and only when that changes something.

Jupyter Book executes chapters one by one while it reads them, and executes a chapter again only
when its cells change. Here, before the first page is read:

- the cache of outputs is chosen by a fingerprint of the package `dqn`, the stored results, the pins
  and Python, so that outputs are never older than the code that made them;
- the chapters about to be read that are not in it are executed, as many at a time as there are
  cores, the slowest first, and put there: Jupyter Book then finds them all;
- a chapter that raises, runs out of time, or leaves a cell out fails the build, which names it.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import fingerprint
import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from myst_nb.core.read import create_nb_reader
from nbclient import NotebookClient
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

__all__ = ["KERNEL_ENVIRONMENT", "cache_folder", "setup"]

_LOGGER = logging.getLogger(__name__)

KERNEL_ENVIRONMENT = {
    # Several kernels run at once: more than one thread each would have them fight for the cores.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    # Films are drawn without a screen, and bars and greetings are noise on a page.
    "SDL_VIDEODRIVER": "dummy",
    "SDL_AUDIODRIVER": "dummy",
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
    "DQN_PROGRESS": "off",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    # A kernel of this environment, even where the user has another of the same name.
    "JUPYTER_PREFER_ENV_PATH": "1",
}
_OLD_CACHES_KEPT = 4
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def _fail(complaint: str) -> NoReturn:
    """End the build. An exception of any other kind would bury the complaint under tracebacks."""
    _LOGGER.error("The book was not built.\n\n%s", complaint)
    raise SystemExit(1)


@dataclass
class _Chapter:
    name: str
    path: Path
    notebook: NotebookNode
    client: NotebookClient | None = None
    cell: int = 0
    seconds: float = 0.0

    def execute(self, timeout: int) -> None:
        """Execute the cells in a fresh kernel that sits in the chapter's folder."""

        def note_cell(cell: NotebookNode, cell_index: int) -> None:
            self.cell = cell_index

        _LOGGER.info("  %s: started", self.name)
        started = time.perf_counter()
        self.client = NotebookClient(
            self.notebook,
            timeout=timeout,
            startup_timeout=120,
            record_timing=False,  # times among the metadata would change the key of the outputs
            on_cell_execute=note_cell,
            coalesce_streams=True,
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": str(self.path.parent)}},
        )
        asyncio.run(self.client.async_execute())
        self.seconds = time.perf_counter() - started
        _check_outputs(self)

    def kill(self) -> None:
        """End the kernel at once, whatever it is doing."""
        manager = self.client.km if self.client else None
        pid = getattr(getattr(manager, "provisioner", None), "pid", None)
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def complaint(self, error: BaseException) -> str:
        """Say where the chapter failed, and how."""
        line = self.notebook.metadata.get("source_map", [0] * (self.cell + 1))[self.cell]
        return (
            f"{self.name} failed ({self.path}, line {line}, cell {self.cell + 1}):\n"
            f"{_COLOURS.sub('', str(error)) or type(error).__name__}"
        )


def _check_outputs(chapter: _Chapter) -> None:
    for index, cell in enumerate(chapter.notebook.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        chapter.cell = index
        if cell.execution_count is None:
            raise ValueError(f"this cell was not executed:\n{cell.source}")
        tags = cell.metadata.get("tags", [])
        noise = "".join(output.text for output in cell.outputs if output.get("name") == "stderr")
        if noise and "remove-stderr" not in tags:
            raise ValueError(f"this cell wrote to stderr:\n{noise[:2000]}")
        if "raises-exception" in tags and not any(
            output.output_type == "error" for output in cell.outputs
        ):
            raise ValueError(f"tagged raises-exception, this cell raised nothing:\n{cell.source}")


class _Outputs:
    """The outputs of executed chapters. What has been damaged is as good as not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache: JupyterCacheAbstract = get_cache(folder)
        try:
            self.cache.list_cache_records()
        except Exception as damage:
            self._start_again(damage)

    def _start_again(self, damage: Exception) -> None:
        _LOGGER.info("The cache of executed chapters is damaged (%s): thrown away.", damage)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.cache = get_cache(self.folder)

    def hold(self, chapter: _Chapter) -> bool:
        """Whether the chapter's outputs are here, and just as they were stored."""
        try:
            record = self.cache.match_cache_notebook(chapter.notebook)
        except KeyError:
            return False
        except Exception as damage:
            self._start_again(damage)
            return False
        try:
            stored = self.cache.get_cache_bundle(record.pk).nb
            intact = bool(record.data["contents"] == _contents(stored))
        except Exception:
            intact = False
        if not intact:
            _LOGGER.info("The stored outputs of %s are damaged: thrown away.", chapter.name)
        return intact

    def store(self, chapter: _Chapter) -> None:
        stripped, key = self.cache.create_hashed_notebook(chapter.notebook)
        shutil.rmtree(self.folder / "executed" / key, ignore_errors=True)
        self.cache.cache_notebook_bundle(
            CacheBundleIn(
                chapter.notebook,
                str(chapter.path),
                data={"execution_seconds": chapter.seconds, "contents": _contents(stripped)},
            ),
            check_validity=False,
            overwrite=True,
        )


def _contents(notebook: NotebookNode) -> str:
    text: str = nbformat.writes(notebook, nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    return fingerprint.of_text(text)


def cache_folder(caches: Path, root: Path) -> Path:
    """Return the folder of outputs that the code below ``root`` makes as it is now."""
    made_from = fingerprint.of_code(root, *map(str, KERNEL_ENVIRONMENT.items()))
    return caches / "outputs" / made_from


def _prepare(app: Sphinx, config: Config) -> None:
    root = Path(app.srcdir).parent
    caches = Path(app.outdir).parent / ".jupyter_cache"
    app.build_began = time.perf_counter()  # type: ignore[attr-defined]
    os.environ.update(KERNEL_ENVIRONMENT)
    # The user's own settings of IPython and of figures must not reach the pages.
    os.environ["IPYTHONDIR"] = str(caches / "ipython")
    os.environ.pop("MPLBACKEND", None)
    # Kernels and the API pages see the package beside the book, not another that is installed.
    sys.path.insert(0, str(root))
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    config.nb_execution_mode = "cache"
    config.nb_execution_cache_path = str(cache_folder(caches, root))


def _read_chapters(env: BuildEnvironment, docnames: Iterable[str]) -> list[_Chapter]:
    # MyST-NB keeps its settings on the environment.
    settings = (env.myst_config, env.mystnb_config)  # type: ignore[attr-defined]
    chapters = []
    for name in docnames:
        path = Path(env.doc2path(name))
        text = path.read_text("utf8")
        try:
            reader = create_nb_reader(str(path), *settings, text)
            notebook = reader.read(text) if reader else None
        except Exception as error:
            _fail(f"{name} could not be read ({path}): {error}")
        if notebook and any(cell.cell_type == "code" for cell in notebook.cells):
            chapters.append(_Chapter(name, path, notebook))
    return chapters


def _execute_chapters(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    chapters = _read_chapters(env, docnames)
    if not chapters:
        return
    outputs = _Outputs(Path(app.config.nb_execution_cache_path))
    waiting = [chapter for chapter in chapters if not outputs.hold(chapter)]
    os.utime(outputs.folder)
    if waiting:
        _execute_side_by_side(waiting, outputs, app.config.nb_execution_timeout)
        _remove_old_caches(outputs.folder.parent)
    app.executed_chapters = {chapter.name for chapter in waiting}  # type: ignore[attr-defined]


def _execute_side_by_side(waiting: list[_Chapter], outputs: _Outputs, timeout: int) -> None:
    history = _Durations(outputs.folder.parent.parent / "seconds.json")
    # The slowest first: a long chapter begun last would leave the other cores idle.
    waiting.sort(key=lambda chapter: -history.seconds.get(chapter.name, float("inf")))
    workers = max(2, _cores())
    _LOGGER.info("Executing %d chapters, %d at a time:", len(waiting), workers)
    with suppress(ImportError):  # it makes its list of fonts once; two kernels would both do it
        import matplotlib.font_manager  # noqa: F401
    complaints = []
    with ThreadPoolExecutor(workers) as pool:
        running = {pool.submit(chapter.execute, timeout): chapter for chapter in waiting}
        try:
            for count, finished in enumerate(as_completed(running), start=1):
                chapter = running[finished]
                error = finished.exception()
                if error is None:
                    outputs.store(chapter)
                    history.note(chapter)
                else:
                    complaints.append(chapter.complaint(error))
                    _LOGGER.info("%s", complaints[-1])  # now, not only when the others are done
                outcome = f"{chapter.seconds:.1f} s" if error is None else "FAILED"
                _LOGGER.info("  %s: %s (%d of %d)", chapter.name, outcome, count, len(waiting))
        except BaseException:  # an interrupt above all: do not wait for the cells to end
            pool.shutdown(wait=False, cancel_futures=True)
            for chapter in waiting:
                chapter.kill()
            raise
    if complaints:
        _fail("\n\n".join(complaints))


def _cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux; a container may own some of the cores only
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Durations:
    """How long each chapter took when it was last executed; losing this costs only time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seconds: dict[str, float] = {}
        with suppress(OSError, ValueError):
            self.seconds = dict(json.loads(path.read_text("utf8")))

    def note(self, chapter: _Chapter) -> None:
        self.seconds[chapter.name] = round(chapter.seconds, 1)
        self.path.write_text(json.dumps(self.seconds, indent=1), "utf8")


def _remove_old_caches(folder: Path) -> None:
    """Keep the caches used last, so that going back to a branch costs nothing."""
    by_use = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in by_use[1 + _OLD_CACHES_KEPT :]:
        shutil.rmtree(path, ignore_errors=True)


def _report(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None:
        return
    executed: set[str] = getattr(app, "executed_chapters", set())
    seconds = {
        name: data["exec_data"]["runtime"]
        for name, data in getattr(app.env, "nb_metadata", {}).items()
        if data.get("exec_data")
    }
    if not executed:
        _LOGGER.info("No chapter was executed: the outputs of all %d are up to date.", len(seconds))
        return
    _LOGGER.info("Seconds per chapter:")
    for name, value in sorted(seconds.items()):
        _LOGGER.info("%7.1f  %s%s", value, name, "" if name in executed else " (from the cache)")
    clock = time.perf_counter() - app.build_began  # type: ignore[attr-defined]
    _LOGGER.info("%7.1f  in all; this build took %.1f s by the clock", sum(seconds.values()), clock)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect this extension to Sphinx."""
    app.connect("config-inited", _prepare)
    app.connect("env-before-read-docs", _execute_chapters)
    app.connect("build-finished", _report)
    return {"parallel_read_safe": False, "parallel_write_safe": False}
