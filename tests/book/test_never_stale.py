"""Outputs are as new as the code that made them, and nothing is executed without need."""

import os

import pytest

from .tiny import TinyBook

# Each chapter waits for the other: it can only end if both are executed at the same time.
MEET = """
import pathlib, time
pathlib.Path("../NAME-is-here").touch()
end = time.monotonic() + 60
while not pathlib.Path("../OTHER-is-here").exists():
    assert time.monotonic() < end, "the other chapter was not executed at the same time"
    time.sleep(0.02)
"""
SAY = """
import os, dqn
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
print("The answer is", dqn.ANSWER + 1)
print("Threads:", [os.environ.get(name) for name in THREADS])
print("Process", os.getpid(), "knows", "secret" in globals())
secret = 1
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> TinyBook:
    book = TinyBook(tmp_path_factory.mktemp("tiny"))
    book.write_chapter("alpha", MEET.replace("NAME", "alpha").replace("OTHER", "beta"), SAY)
    book.write_chapter("beta", MEET.replace("NAME", "beta").replace("OTHER", "alpha"), SAY + "\n")
    book.write("listing", "# Listing\n\n```{literalinclude} ../dqn/__init__.py\n```\n")
    status, output = book.build(OMP_NUM_THREADS="7", MPLBACKEND="Agg")
    assert status == 0, output
    assert "Seconds per chapter" in output
    assert book.executions() == {"alpha": 1, "beta": 1}
    return book


def test_kernels_have_one_thread_each_whatever_the_caller_has_set(book: TinyBook) -> None:
    for name in ("alpha", "beta"):
        assert "Threads: ['1', '1', '1']" in book.pages()[f"{name}.html"].replace("&#39;", "'")


def test_each_chapter_has_a_fresh_kernel_of_its_own(book: TinyBook) -> None:
    pages = book.pages()
    lines = [
        next(line for line in pages[f"{name}.html"].splitlines() if line.startswith("Process "))
        for name in ("alpha", "beta")
    ]
    assert all(line.endswith("knows False") for line in lines)
    assert lines[0] != lines[1]


def test_what_a_second_build_executes(book: TinyBook) -> None:
    """One story in six builds; a build takes seconds."""
    before = book.pages()

    def build() -> None:
        status, output = book.build()
        assert status == 0, output

    # Nothing has changed: nothing is executed, and the pages are the same.
    build()
    assert book.executions() == {"alpha": 1, "beta": 1}
    assert book.pages() == before

    # Prose only, with a modification time in the past, as an unpacked archive would have it.
    path = book.book / "alpha.md"
    path.write_text(path.read_text().replace("Prose.", "Better prose."))
    os.utime(path, (0, 0))
    build()
    assert book.executions() == {"alpha": 1, "beta": 1}
    assert "Better prose." in book.pages()["alpha.html"]

    # One line of the package: every chapter, and the listing of that line.
    (book.root / "dqn" / "__init__.py").write_text("ANSWER = 99\n")
    build()
    assert book.executions() == {"alpha": 2, "beta": 2}
    for name in ("alpha", "beta"):
        assert "The answer is 100" in book.pages()[f"{name}.html"]
    assert "99" in book.pages()["listing.html"]

    # The pins.
    (book.root / "requirements.txt").write_text("numpy==0.0.1\n")
    build()
    assert book.executions() == {"alpha": 3, "beta": 3}

    # A stored result that chapters may read.
    (book.book / "results").mkdir()
    (book.book / "results" / "table.json").write_text("[1]")
    build()
    assert book.executions() == {"alpha": 4, "beta": 4}

    # Back to the code of two builds ago: its outputs are still there.
    (book.root / "requirements.txt").write_text("numpy==0.0.0\n")
    (book.book / "results" / "table.json").unlink()
    build()
    assert book.executions() == {"alpha": 4, "beta": 4}


def test_a_label_that_has_gone_fails_the_pages_that_point_to_it(book: TinyBook) -> None:
    """The page with the link is not edited, only the page that lost the label."""
    book.write("target", "# Target\n\n(here)=\n## Here\n")
    book.write("source", "# Source\n\n{ref}`here`\n")
    assert book.build()[0] == 0
    assert 'href="target.html#here"' in book.pages()["source.html"]
    book.write("target", "# Target\n\n## Here\n")
    status, output = book.build()
    assert status != 0
    assert "source.md:3: WARNING: undefined label: 'here'" in output
    assert book.pages() == {}


def test_a_removed_chapter_leaves_no_page(book: TinyBook) -> None:
    book.write("target", "# Target\n")
    book.write("source", "# Source\n")
    book.write("passing", "# Passing\n")
    assert book.build()[0] == 0
    assert "passing.html" in book.pages()
    (book.book / "passing.md").unlink()
    book.chapters.remove("passing")
    book.write("intro", "# A tiny book\n")
    assert book.build()[0] == 0
    assert "passing.html" not in book.pages()
    assert "alpha.html" in book.pages()
