"""Clean notebooks for every page with code, made in the same build as the site.

When the pages are written, each chapter's resolved document becomes two notebooks beside them:
`notebooks/NN-chapter.ipynb`, in which the solutions are blanks, and
`notebooks/solutions/NN-chapter.ipynb`. All of them are made anew in each build, from what the
pages are made of, so none is ever stale or missing; what they hold depends on the sources, the
commit and the repository's address alone.
"""

from pathlib import Path
from typing import Any, cast

import launch_buttons
import nbformat
from docutils import nodes
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from notebook_writer import Cell, NotebookWriter
from page import NotebookError, Page
from repository import Repository, find_repository, find_site
from solutions import has_solution, reveal
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config

FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
"""Tags of cells whose code the page hides, and the notebook folds."""


def notebook_path(docname: str, *, solutions: bool = False) -> str:
    """Where a page's notebook lies in the site."""
    return f"notebooks/{'solutions/' if solutions else ''}{docname}.ipynb"


def read_notebook(app: Sphinx, docname: str) -> NotebookNode | None:
    """A page's source as a notebook, or None where the page has no code cell."""
    if "kernelspec" not in app.env.metadata[docname]:
        return None
    path = Path(app.env.doc2path(docname))
    text = path.read_text(encoding="utf-8")
    env = cast(Any, app.env)
    reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)
    notebook: NotebookNode | None = reader.read(text) if reader else None
    if notebook is None or all(cell.cell_type != "code" for cell in notebook.cells):
        return None
    return notebook


def install_cell(repository: Repository) -> str:
    """Source of the first cell."""
    if repository.url is None or repository.commit is None:
        return _NO_INSTALLATION
    # not "name @ URL": pip before 24.1 cannot read that where the URL has no host
    return _INSTALLATION.format(address=f"git+{repository.url}@{repository.commit}")


_INSTALLATION = """\
# Installs the book's package `dqn` where it is missing, as in Colab; elsewhere does nothing.
import importlib.util
import subprocess
import sys

if importlib.util.find_spec("dqn") is None:
    package = "{address}"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", package], check=True)
    importlib.invalidate_caches()"""

_NO_INSTALLATION = """\
# Makes sure that the book's package `dqn` is there.
import importlib.util

if importlib.util.find_spec("dqn") is None:
    raise ModuleNotFoundError(
        "The package `dqn` is missing. In your copy of the book's repository, run in a terminal: "
        "pip install -e ."
    )"""


def _notebook(app: Sphinx, docname: str, source: NotebookNode, *, student: bool) -> NotebookNode:
    repository = _repository(app)
    own_path = notebook_path(docname, solutions=not student)
    site = find_site(repository, app.config.html_baseurl)
    base = site or "../" * own_path.count("/")
    builder = cast(StandaloneHTMLBuilder, app.builder)
    document = app.env.get_and_resolve_doctree(docname, builder)
    body = NotebookWriter(Page(docname, builder, source, base, student)).write(document)

    exercises = any(has_solution(cell.source) for cell in source.cells)
    other_path = notebook_path(docname, solutions=student)
    other = repository.colab(other_path) or base + other_path
    words = [f"[This chapter as a page of the book]({base}{builder.get_target_uri(docname)})"]
    if exercises and student:
        words = [
            "Where a cell says `# YOUR CODE HERE`, put your code in place of the line below it; "
            "then run the cell, and the check that follows.",
            f"[The same notebook with solutions]({other}).",
            *words,
        ]
    elif exercises:
        words = [f"[The same notebook with blanks to fill in]({other}).", *words]
    cells = [
        Cell("code", install_cell(repository)),
        Cell("markdown", " ".join(words) + "."),
        *body,
    ]

    notebook: NotebookNode = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
        metadata={
            "colab": {"provenance": [], "toc_visible": True},
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        }
    )
    for index, cell in enumerate(cells):
        new = (
            nbformat.v4.new_markdown_cell if cell.kind == "markdown" else nbformat.v4.new_code_cell
        )
        metadata: dict[str, object] = {}
        if cell.tags:
            metadata["tags"] = cell.tags
        if FOLDED.intersection(cell.tags):  # Colab's word for it, and Jupyter's
            metadata |= {"cellView": "form", "jupyter": {"source_hidden": True}}
        made = new(cell.source, metadata=metadata, id=f"cell-{index:03d}")  # type: ignore[no-untyped-call]
        notebook.cells.append(made)
    nbformat.validate(notebook)
    return notebook


def _write_notebooks(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    written: dict[Path, str] = {}
    problems: list[str] = []
    for docname in sorted(app.env.found_docs):
        source = read_notebook(app, docname)
        if source is None:
            continue
        try:
            for student in (True, False):
                path = Path(app.outdir, notebook_path(docname, solutions=not student))
                notebook = _notebook(app, docname, source, student=student)
                written[path] = nbformat.writes(notebook) + "\n"  # type: ignore[no-untyped-call]
        except NotebookError as problem:
            problems.append(str(problem))
    if problems:
        raise NotebookError("\n".join(problems))
    for old in Path(app.outdir, "notebooks").rglob("*.ipynb"):
        if old not in written:
            old.unlink()
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _remove_markers(app: Sphinx, document: nodes.document, docname: str) -> None:
    """The page shows solutions without the markers around them."""
    for block in document.findall(nodes.literal_block):
        container = block.parent
        if container.get("nb_element") == "cell_code_source" and has_solution(block.astext()):
            text = reveal(block.astext())
            block.rawsource = text  # Sphinx highlights only what is unchanged
            block.children = []
            block += nodes.Text(text)


def _derive_repository(app: Sphinx, config: Config) -> None:
    repository = find_repository(Path(app.srcdir))
    # as a setting of Sphinx: when it changes, all pages with their buttons are written anew
    config.book_repository = repository.url
    config.book_commit = repository.commit


def _repository(app: Sphinx) -> Repository:
    return Repository(app.config.book_repository, app.config.book_commit)


def _replace_buttons(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    if doctree is None or "header_buttons" not in context:
        return
    paths = None
    if read_notebook(app, pagename) is not None:
        paths = (notebook_path(pagename), notebook_path(pagename, solutions=True))
    context["header_buttons"] = launch_buttons.replace(
        context["header_buttons"], paths, _repository(app), lambda path: context["pathto"](path, 1)
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this."""
    app.add_config_value("book_repository", None, "html", [str])
    app.add_config_value("book_commit", None, "", [str])
    app.connect("config-inited", _derive_repository)
    app.connect("doctree-resolved", _remove_markers)
    app.connect("html-page-context", _replace_buttons, priority=600)  # the theme's are at 501
    app.connect("build-finished", _write_notebooks, priority=300)  # before anything is published
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
