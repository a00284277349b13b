"""A book of a few lines, built by the same configuration and extensions as the real one."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
JUPYTER_BOOK = Path(sys.executable).with_name("jupyter-book")

FRONT_MATTER = """\
---
jupytext:
  text_representation:
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
---
"""

# Holds a build while it writes a page, so that a test can look at it or end it there.
PAUSE = """
import os, time
from pathlib import Path

def pause(app, pagename, *rest):
    if pagename == os.environ.get("PAUSE_AT"):
        Path(os.environ["PAUSED"]).touch()
        time.sleep(60)

def setup(app):
    app.connect("html-page-context", pause)
    return {}
"""


class TinyBook:
    """A book in a folder of its own, with a package `dqn` of one line."""

    def __init__(self, root: Path, *, timeout: int = 60) -> None:
        self.root = root
        self.book = root / "book"
        self.html = self.book / "_build" / "html"
        for folder in ("_ext", "_static"):
            shutil.copytree(
                ROOT / "book" / folder,
                self.book / folder,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
        (self.book / "_ext" / "pause.py").write_text(PAUSE)
        (root / "dqn").mkdir()
        (root / "dqn" / "__init__.py").write_text("ANSWER = 41\n")
        (root / "requirements.txt").write_text("numpy==0.0.0\n")
        config: dict[str, Any] = yaml.safe_load((ROOT / "_config.yml").read_text())
        config["execute"]["timeout"] = timeout
        # It has no citations; and 24 MB of MathJax in each site would only take time.
        del config["bibtex_bibfiles"]
        sphinx = config["sphinx"]["config"]
        for name in [name for name in sphinx if name.startswith("bibtex_")]:
            del sphinx[name]
        unused = ("sphinxcontrib.bibtex", "sphinx-mathjax-offline")
        sphinx["extensions"] = [name for name in sphinx["extensions"] if name not in unused]
        sphinx["extensions"].append("pause")
        (root / "_config.yml").write_text(yaml.safe_dump(config))
        (self.book / "_config.yml").symlink_to("../_config.yml")
        (self.book / "_toc.yml").symlink_to("../_toc.yml")
        self.chapters: list[str] = []
        self.write("intro", "# A tiny book\n")

    def write(self, name: str, text: str, *, in_toc: bool = True) -> None:
        (self.book / f"{name}.md").write_text(text)
        if in_toc and name not in ("intro", *self.chapters):
            self.chapters.append(name)
        toc = {
            "format": "jb-book",
            "root": "intro",
            "chapters": [{"file": c} for c in self.chapters],
        }
        if not self.chapters:
            del toc["chapters"]
        (self.root / "_toc.yml").write_text(yaml.safe_dump(toc))

    def write_chapter(self, name: str, *cells: str, prose: str = "Prose.") -> None:
        """Write a chapter whose every execution leaves a line in a file."""
        count = f"with open('../executions.txt', 'a') as log: log.write('{name}\\n')"
        blocks = "".join(f"\n```{{code-cell}} python3\n{cell}\n```\n" for cell in (count, *cells))
        self.write(name, f"{FRONT_MATTER}# Chapter {name}\n\n{prose}\n{blocks}")

    def executions(self) -> dict[str, int]:
        """Return how often each chapter has been executed so far."""
        log = self.root / "executions.txt"
        names = log.read_text().split() if log.exists() else []
        return {name: names.count(name) for name in set(names)}

    def caches(self) -> list[Path]:
        """Return the folders of stored outputs, one for each state of the code."""
        return list((self.book / "_build" / ".jupyter_cache" / "outputs").iterdir())

    def start(self, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [JUPYTER_BOOK, "build", "book"],
            cwd=self.root,
            # Pages say when they were built: two builds may lie on two sides of a minute.
            env={**os.environ, "SOURCE_DATE_EPOCH": "0", **environment},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def build(self, **environment: str) -> tuple[int, str]:
        """Build as a reader of the README would; return the exit status and all that was said."""
        with self.start(**environment) as process:
            output, _ = process.communicate(timeout=300)
        return process.returncode, re.sub(r"\x1b\[[0-9;]*m", "", output)

    def pages(self) -> dict[str, str]:
        """Return all pages that somebody can see now."""
        return {
            path.relative_to(self.html).as_posix(): path.read_text()
            for path in self.html.rglob("*.html")
        }


def wait_for(path: Path, process: subprocess.Popen[str], seconds: float = 120) -> None:
    """Wait until ``path`` exists, as long as ``process`` lives."""
    end = time.monotonic() + seconds
    while not path.exists():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < end, f"{path.name} did not appear"
        time.sleep(0.02)
