"""What a notebook is made of."""

from nbformat import NotebookNode


def prose(notebook: NotebookNode) -> str:
    """All its Markdown."""
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def code(notebook: NotebookNode) -> list[str]:
    """The source of its code cells."""
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def blanks(notebook: NotebookNode) -> list[int]:
    """Which of its cells wait for an answer."""
    return [
        index
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and "# YOUR CODE HERE" in cell.source
    ]
