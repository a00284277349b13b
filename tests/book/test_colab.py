"""Every chapter as it runs in Colab: with answers to its end, with blanks to the first of them."""

import ast
import copy
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from nbformat import NotebookNode

from .cells import blanks, code
from .colab import Colab, read
from .pages import CHAPTERS
from .tiny import ROOT


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A bare repository of the files as they are now, and its commit."""
    root = tmp_path_factory.mktemp("repository")
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    for name in filter(None, listed):
        packaged = not name.startswith("book/") or name.startswith("book/results/")
        if (ROOT / name).is_file() and packaged:
            (root / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / "tree" / name)
    git: list[str | Path] = [
        "git",
        "-C",
        root / "tree",
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@example.org",
    ]
    for command in ("init", "add --all", "commit --message All", "clone --bare . ../bare.git"):
        subprocess.run([*git, *command.split()], check=True, capture_output=True, cwd=root / "tree")
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return root / "bare.git", commit.stdout.strip()


def in_colab(site: Path, name: str, bare: tuple[Path, str]) -> NotebookNode:
    """A notebook of the site whose first cell installs from the bare repository."""
    from notebooks import install_cell
    from repository import Repository

    notebook = read(site / "notebooks" / name)
    notebook.cells[0].source = install_cell(Repository(f"file://{bare[0]}", bare[1]))
    return notebook


def test_chapters_import_only_what_the_first_cell_installs(
    site: Path, bare: tuple[Path, str], tmp_path: Path
) -> None:
    notebook = in_colab(site, f"{CHAPTERS[0]}.ipynb", bare)
    imports: dict[str, None] = {}
    for chapter in CHAPTERS:
        for source in code(read(site / "notebooks" / "solutions" / f"{chapter}.ipynb"))[1:]:
            imports |= dict.fromkeys(
                ast.unparse(node)
                for node in ast.walk(ast.parse(re.sub(r"(?m)^\s*[%!].*", "pass", source)))
                if isinstance(node, ast.Import | ast.ImportFrom)
            )
    imported = copy.deepcopy(notebook.cells[0])
    imported.id, imported.source = "imports", "\n".join(imports)
    notebook.cells = [notebook.cells[0], imported]
    colab = Colab(tmp_path)
    assert colab.run(notebook) is None
    assert colab.installed() == ["dqn_book"]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_chapter_runs_in_colab(
    site: Path, bare: tuple[Path, str], tmp_path: Path, chapter: str
) -> None:
    colab = Colab(tmp_path)
    assert colab.run(in_colab(site, f"solutions/{chapter}.ipynb", bare), timeout=600) is None
    student = in_colab(site, f"{chapter}.ipynb", bare)
    stopped = colab.run(student, timeout=600)
    at = blanks(student)
    if not at:
        assert stopped is None
        return
    assert stopped is not None
    index, error = stopped
    assert index >= at[0]
    assert len(at) == 1 or index <= at[1]
    assert re.search(r"Exercise \d+\.\d+: write|there is still a blank", error)
