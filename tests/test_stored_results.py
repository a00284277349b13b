"""Every result the book stores is still what its code would make."""

import re
from pathlib import Path

from dqn.results import check_fresh, load_result

BOOK = Path(__file__).parent.parent / "book"
STORED = sorted((BOOK / "results").glob("*.json"))
CHAPTERS = {page.name: page.read_text(encoding="utf-8") for page in sorted(BOOK.glob("*.md"))}


def test_stored_results_are_fresh() -> None:
    faults = []
    for path in STORED:
        try:
            check_fresh(path)
        except ValueError as error:
            faults.append(str(error))
    assert not faults, "\n".join(faults)


def test_stored_results_name_their_seeds() -> None:
    for path in STORED:
        assert load_result(path).provenance.seeds, f"{path.name} can't be repeated without"


def test_stored_results_are_shown_and_shown_results_are_stored() -> None:
    pages = [(BOOK.parent / "README.md").read_text(encoding="utf-8"), *CHAPTERS.values()]
    unused = [path.name for path in STORED if not any(path.name in text for text in pages)]
    assert not unused, "no chapter shows these"
    shown = {name for text in pages for name in re.findall(r'stored\("([^"]+)"\)', text)}
    assert shown, "no chapter shows a stored result"
    assert shown <= {path.name for path in STORED}, "book/results does not hold all that is shown"
