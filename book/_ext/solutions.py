"""Solutions in the source of a cell: `### BEGIN SOLUTION` ... `### END SOLUTION`.

The lines between the two are the solution. The page and the solution notebook show them without
the markers; the student notebook has a blank in their place.
"""

import ast
import re
import symtable
from collections.abc import Iterable

_MARKER = re.compile(r"(?P<indent>\s*)#+\s*(?P<kind>BEGIN|END) SOLUTION\s*")


class SolutionError(ValueError):
    """Markers that do not pair, or a blank that would not be Python."""


def has_solution(source: str) -> bool:
    """Whether any line is a marker."""
    return any(_MARKER.fullmatch(line) for line in source.splitlines())


def reveal(source: str) -> str:
    """The cell as the page shows it: all lines but the markers."""
    return "\n".join(line for line in source.split("\n") if not _MARKER.fullmatch(line))


def blank(source: str, exercise: str) -> str:
    """The cell as a student gets it: each solution replaced by a blank that says what to do.

    Args:
        source: The cell with its solutions.
        exercise: The exercise's name and number, as in `Exercise 4.2`.

    Raises:
        SolutionError: If a region is nested in another, not closed or never opened, or if what
            is left is not Python.
    """
    tree = _parse(source, "the cell is not Python")
    lines: list[str] = []
    begin: int | None = None
    indent = ""
    for number, line in enumerate(source.splitlines(), start=1):
        marker = _MARKER.fullmatch(line)
        if marker is None:
            if begin is None:
                lines.append(line)
        elif marker["kind"] == "BEGIN":
            if begin is not None:
                raise SolutionError(f"BEGIN SOLUTION inside another, line {number} of the cell")
            begin, indent = number, marker["indent"]
        elif begin is None:
            raise SolutionError(f"END SOLUTION without a BEGIN, line {number} of the cell")
        else:
            subject = _subject(tree, begin, number, len(indent))
            message = f"{exercise}: write {subject} in place of this line, then run its cell again."
            lines += [
                f"{indent}# YOUR CODE HERE",
                f'{indent}raise NotImplementedError("{message}")',
            ]
            begin = None
    if begin is not None:
        raise SolutionError(f"BEGIN SOLUTION is not closed, line {begin} of the cell")
    blanked = "\n".join(lines)
    _parse(blanked, "a solution must be whole statements")
    return blanked


def _parse(source: str, problem: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise SolutionError(f"{problem}: {error}") from None


def _subject(tree: ast.Module, begin: int, end: int, indent: int) -> str:
    """What a region holds: the function it is the body of, else the names that it defines."""
    path: list[str] = []
    body, last = tree.body, end
    while body:
        starts = [min([n.lineno, *(d.lineno for d in _decorators(n))]) for n in body]
        position = sum(start <= begin for start in starts) - 1
        if position + 1 < len(body):  # comments up to the next statement belong to this one
            last = min(last, starts[position + 1] - 1)
        node = body[position] if position >= 0 else None
        if not isinstance(node, _DEFINITIONS) or node.col_offset >= indent or end > last:
            break
        path.append(node.name)
        body = node.body
    if path:
        return ".".join(path)
    names: dict[str, None] = {}
    for statement in tree.body:
        if begin < statement.lineno < end:
            if isinstance(statement, _DEFINITIONS):
                names[statement.name] = None
            else:
                names |= {
                    node.id: None
                    for node in ast.walk(statement)
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
                }
    return " and ".join(names) or "your code"


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _decorators(node: ast.stmt) -> list[ast.expr]:
    return node.decorator_list if isinstance(node, _DEFINITIONS) else []


def names_of(source: str) -> tuple[set[str], set[str]]:
    """The global names that a cell binds, and those that it reads.

    Empty for a cell that is not plain Python (one with a magic).
    """
    try:
        module = symtable.symtable(source, "cell", "exec")
    except SyntaxError:
        return set(), set()
    bound = {s.get_name() for s in module.get_symbols() if s.is_assigned() or s.is_imported()}
    bound |= {child.get_name() for child in module.get_children()}
    read: set[str] = set()
    tables = [module]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        read |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (table is module or symbol.is_global())
        }
    return bound, read


def lost_names(cells: Iterable[tuple[str, bool]]) -> set[str]:
    """Names that kept cells read and only left-out cells bind.

    Args:
        cells: Source of each cell in order, and whether the student notebook keeps it.
    """
    kept: set[str] = set()
    lost: set[str] = set()
    missing: set[str] = set()
    for source, keep in cells:
        bound, read = names_of(source)
        if keep:
            missing |= (read - bound - kept) & lost
            kept |= bound
        else:
            lost |= bound
    return missing
