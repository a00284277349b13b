"""What the frame of each page says of where the page came from."""

from pathlib import Path
from types import SimpleNamespace

from .small_book import SmallBook


def test_footer_names_the_commit_and_whether_files_have_changed_since(tmp_path: Path) -> None:
    from site_frame import _note_source

    small = SmallBook(tmp_path, {})
    (tmp_path / "code.py").write_text("x = 1\n")
    small.commit()
    commit = small.git("rev-parse", "HEAD")

    def source() -> str:
        config = SimpleNamespace(book_commit=commit, book_source="")
        # Of Sphinx's application and settings nothing else is read.
        _note_source(SimpleNamespace(srcdir=small.book), config)  # type: ignore[arg-type]
        return str(config.book_source)

    assert source() == commit[:10]
    (small.book / "_build").mkdir()
    small.write("_build/page.html", "what a build makes is no edit")
    assert source() == commit[:10]
    (tmp_path / "code.py").write_text("x = 2\n")
    assert source() == f"{commit[:10]} and later edits"
