"""Each chapter is executed alone, from its first cell to its last, in a fresh kernel.

That is how the build executes it (``book/_ext/execution.py``; the tests of a tiny book show that
its kernels share nothing), so the record that the build leaves is looked at here instead of
executing everything a second time.
"""

from pathlib import Path

import execution
import pytest
from jupyter_cache import get_cache
from myst_nb.core.read import myst_nb_reader_plugin
from nbformat import NotebookNode

from .pages import CHAPTERS
from .tiny import ROOT


@pytest.fixture(params=CHAPTERS)
def executed(request: pytest.FixtureRequest, site: Path) -> NotebookNode:
    cache = get_cache(execution.cache_folder(site.parent / ".jupyter_cache", ROOT))
    source = myst_nb_reader_plugin(str(ROOT / "book" / f"{request.param}.md"))
    record = cache.match_cache_notebook(source)
    notebook: NotebookNode = cache.get_cache_bundle(record.pk).nb
    return notebook


def test_cells_are_executed_in_order_in_a_fresh_kernel(executed: NotebookNode) -> None:
    cells = [cell for cell in executed.cells if cell.cell_type == "code" and cell.source.strip()]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


def test_cells_print_no_warnings_and_raise_only_where_they_say_so(executed: NotebookNode) -> None:
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                assert "remove-stderr" in cell.metadata.get("tags", []), output.text
            if output.output_type == "error":
                assert "raises-exception" in cell.metadata.get("tags", [])
