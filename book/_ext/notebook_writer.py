"""The cells of a notebook, in the order of the page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from docutils import nodes
from markdown_writer import MarkdownWriter
from page import Page
from solutions import SolutionError, blank, has_solution, lost_names, reveal


@dataclass
class Cell:
    """A cell of the notebook to be: `markdown` or `code`."""

    kind: str
    source: str
    tags: list[str] = field(default_factory=list)


class NotebookWriter:
    """Walks a page's resolved document and collects the cells of a notebook."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._markdown = MarkdownWriter(page)
        self._cells: list[Cell] = []
        self._blocks: list[str] = []  # of the Markdown cell that is being written
        self._level = 0  # depth of the section
        self._exercise = ""  # the exercise that is being solved; empty outside solutions
        self._code: list[tuple[str, bool]] = []  # sources of the code cells, and if they are kept
        self._waiting = [i for i, cell in enumerate(page.source.cells) if cell.cell_type == "code"]

    def write(self, document: nodes.document) -> list[Cell]:
        """The cells of the page.

        Raises:
            NotebookError: If a node is unknown, solution markers do not pair, or the student
                notebook would lack something that a later cell needs.
        """
        self._flow(document.children)
        self._unseen_cells(before=len(self.page.source.cells))
        self._end_markdown()
        if self.page.student and (lost := lost_names(self._code)):
            self.page.fail(
                f"{', '.join(sorted(lost))}: defined only in a cell that the student notebook "
                "leaves out, but needed by a later cell; define it between solution markers, or "
                "outside the solution"
            )
        return self._cells

    def _flow(self, children: Iterable[nodes.Node]) -> None:
        """Write children among which code cells may stand."""
        prose: list[nodes.Node] = []
        for child in children:
            if self.page.leaves_out(child):
                continue
            writer = self._writer(child)
            if writer is None:
                prose.append(child)
                continue
            self._add_markdown(self._markdown.blocks(prose))
            prose = []
            assert isinstance(child, nodes.Element)
            writer(child)
        self._add_markdown(self._markdown.blocks(prose))

    def _writer(self, node: nodes.Node) -> Callable[[nodes.Element], None] | None:
        if isinstance(node, nodes.Element) and node.get("nb_element") == "cell_code":
            return self._code_cell
        return {
            "section": self._section,
            "title": self._title,
            "exercise_node": self._task,
            "exercise_enumerable_node": self._task,
            "solution_node": self._solution,
        }.get(node.__class__.__name__)

    # -- prose

    def _add_markdown(self, text: str) -> None:
        if text and not (self.page.student and self._exercise):  # else it explains a solution
            self._blocks.append(text)

    def _end_markdown(self) -> None:
        if self._blocks:
            self._cells.append(Cell("markdown", "\n\n".join(self._blocks)))
            self._blocks = []

    def _section(self, node: nodes.Element) -> None:
        self._end_markdown()
        self._level += 1
        self._flow(node.children)
        self._level -= 1

    def _title(self, node: nodes.Element) -> None:
        self._heading(self._level, self.page.section_number(node) + self._words(node))

    def _heading(self, level: int, text: str) -> None:
        self._add_markdown(f"{'#' * min(max(level, 1), 6)} {text}")

    def _words(self, node: nodes.Node) -> str:
        return self._markdown.inline(node.children)

    # -- exercises

    def _task(self, node: nodes.Element) -> None:
        title, *content = node.children
        name = ""
        if node.__class__.__name__ == "exercise_enumerable_node":
            name = self.page.exercise_name(node["label"])
        self._end_markdown()
        self._heading(self._level + 1, name + self._words(title))
        for part in content:
            self._flow(part.children)

    def _solution(self, node: nodes.Element) -> None:
        title, *content = node.children
        self._end_markdown()
        before = len(self._cells)
        self._exercise = self.page.exercise_name(node["target_label"])
        self._add_markdown(f"**{self._words(title)}**")
        for part in content:
            self._flow(part.children)
        self._exercise = ""
        if self.page.student and len(self._cells) == before:  # nothing to program
            self._cells.append(Cell("markdown", "*Write your answer here.*"))

    # -- code

    def _code_cell(self, node: nodes.Element) -> None:
        self._unseen_cells(before=node["cell_index"])
        self._waiting.remove(node["cell_index"])
        self._add_code(node["cell_index"], self._exercise)

    def _unseen_cells(self, before: int) -> None:
        """Add the cells that the page does not show at all."""
        while self._waiting and self._waiting[0] < before:
            self._add_code(self._waiting.pop(0), "")

    def _add_code(self, index: int, exercise: str) -> None:
        cell = self.page.source.cells[index]
        tags = list(cell.metadata.get("tags", []))
        source, keep = cell.source, True
        if has_solution(source):
            if not exercise:
                self.page.fail(f"cell {index + 1} has solution markers outside of a solution")
            try:
                blanked = blank(source, exercise)
            except SolutionError as error:
                self.page.fail(f"{exercise}: {error}")
            source = blanked if self.page.student else reveal(source)
        elif self.page.student:
            keep = not exercise and "answer" not in tags
        self._code.append((source, keep))
        if keep:
            self._end_markdown()
            self._cells.append(Cell("code", source, tags))
