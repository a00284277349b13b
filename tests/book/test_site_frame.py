"""What the frame of each page says of where the page came from."""

import subprocess
from pathlib import Path
from types import SimpleNamespace


def _git(folder: Path, *command: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    run = ["git", "-C", str(folder), *who, *command]
    return subprocess.run(run, check=True, capture_output=True, text=True).stdout.strip()


def test_footer_names_the_commit_and_whether_files_have_changed_since(tmp_path: Path) -> None:
    from site_frame import _note_source

    book = tmp_path / "book"
    (book / "_build").mkdir(parents=True)
    (book / "page.md").write_text("As committed.\n")
    (tmp_path / "code.py").write_text("x = 1\n")
    (tmp_path / ".gitignore").write_text("_build/\n")
    _git(tmp_path, "init")
    _git(tmp_path, "add", "--all")
    _git(tmp_path, "commit", "--message", "All")
    commit = _git(tmp_path, "rev-parse", "HEAD")

    def source() -> str:
        config = SimpleNamespace(book_commit=commit, book_source="")
        _note_source(SimpleNamespace(srcdir=book), config)  # type: ignore[arg-type]
        return str(config.book_source)

    assert source() == commit[:10]
    (book / "_build" / "page.html").write_text("what a build makes is no edit")
    assert source() == commit[:10]
    (tmp_path / "code.py").write_text("x = 2\n")
    assert source() == f"{commit[:10]} and later edits"
