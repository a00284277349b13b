"""A build with a fault ends with a non-zero status, names the page, and shows no page at all."""

from pathlib import Path

import pytest

from .tiny import FRONT_MATTER, TinyBook, wait_for

SAY = "import dqn; print('The answer is', dqn.ANSWER + 1)"


@pytest.fixture
def book(tmp_path: Path) -> TinyBook:
    return TinyBook(tmp_path)


def assert_nothing_to_read(book: TinyBook) -> None:
    assert book.pages() == {}
    assert [path.name for path in book.html.iterdir()] == ["BUILD-INCOMPLETE.txt"]


def test_chapters_that_cannot_be_executed_to_their_end(tmp_path: Path) -> None:
    book = TinyBook(tmp_path, timeout=3)
    book.write_chapter("fine", SAY)
    book.write_chapter("raises", SAY, "1 / 0")
    book.write_chapter("hangs", "import time; time.sleep(100)")
    book.write_chapter("dies", "import os; os._exit(1)")
    book.write_chapter("noisy", "import warnings; warnings.warn('look here')")
    book.write_chapter("forgets-to-raise", "#")
    path = book.book / "forgets-to-raise.md"
    path.write_text(path.read_text().replace("python3\n#", "python3\n:tags: [raises-exception]\n7"))
    book.write_chapter("skips", "#")
    path = book.book / "skips.md"
    path.write_text(path.read_text().replace("python3\n#", "python3\n:tags: [skip-execution]\n7"))

    status, output = book.build()

    assert status != 0
    assert "raises failed" in output
    assert "ZeroDivisionError: division by zero" in output
    assert "hangs failed" in output
    assert "A cell timed out" in output
    assert "dies failed" in output
    assert "Kernel died" in output
    assert "noisy failed" in output
    assert "UserWarning: look here" in output
    assert "forgets-to-raise failed" in output
    assert "raised nothing" in output
    assert "skips failed" in output
    assert "was not executed" in output
    assert "fine failed" not in output
    assert f"{book.book / 'raises.md'}, line 21, cell 4" in output
    assert_nothing_to_read(book)


def test_faults_of_pages_now_and_in_the_next_build(book: TinyBook) -> None:
    book.write("bad-reference", "# A\n\n{ref}`nowhere`\n")
    book.write("bad-function", "# B\n\n{func}`dqn.nothing`\n")
    book.write("bad-directive", "# C\n\n```{nonsense}\n```\n")
    book.write("bad-image", "# D\n\n![A picture](missing.png)\n")
    book.write("forgotten", "# E\n", in_toc=False)
    book.write("no-kernel", "# F\n\n```{code-cell} python3\n1\n```\n")
    off = FRONT_MATTER.replace("---\njupytext", "---\nmystnb:\n  execution_mode: 'off'\njupytext")
    book.write("switched-off", f"{off}# G\n\n```{{code-cell}} python3\n1\n```\n")

    status, output = book.build()

    assert status != 0
    pages = {path.stem for path in book.book.glob("*.md")} - {"intro"}
    complaints = [line for line in output.splitlines() if "WARNING" in line or "ERROR" in line]
    named = {page for page in pages if any(f"{page}.md" in line for line in complaints)}
    assert named == pages, output
    assert_nothing_to_read(book)

    # A second build reads nothing that it knows to be unchanged, and must not forget the faults.
    status, output = book.build()
    assert status != 0
    assert "bad-reference.md:3: WARNING" in output
    assert_nothing_to_read(book)


def test_killed_while_a_chapter_is_executed(book: TinyBook) -> None:
    book.write_chapter("slow", "open('../reached', 'w').close(); import time; time.sleep(50)")
    process = book.start()
    wait_for(book.root / "reached", process)
    process.kill()
    process.communicate()
    assert_nothing_to_read(book)

    book.write_chapter("slow", SAY)
    status, output = book.build()
    assert status == 0, output
    assert "The answer is 42" in book.pages()["slow.html"]


def test_killed_while_pages_are_written(book: TinyBook) -> None:
    book.write_chapter("alpha", SAY)
    book.write_chapter("beta", SAY, "2 + 2")
    assert book.build()[0] == 0
    whole = book.pages()
    assert "The answer is 42" in whole["alpha.html"]

    book.write_chapter("alpha", SAY, prose="Other prose.")
    paused = book.root / "paused"
    process = book.start(PAUSE_AT="beta", PAUSED=str(paused))
    wait_for(paused, process)
    assert_nothing_to_read(book)  # while it is built
    process.kill()
    process.communicate()
    assert_nothing_to_read(book)

    book.write_chapter("alpha", SAY)
    assert book.build()[0] == 0
    assert book.pages() == whole
    assert book.executions() == {"alpha": 1, "beta": 1}


def test_two_builds_at_once(book: TinyBook) -> None:
    wait = "import pathlib, time\nwhile not pathlib.Path('../go').exists(): time.sleep(0.02)"
    book.write_chapter("alpha", "open('../reached', 'w').close()", wait, SAY)
    first = book.start()
    wait_for(book.root / "reached", first)
    second = book.start()
    assert second.stdout is not None
    for line in second.stdout:
        if "Another build of this book is running" in line:
            break
    assert f"process {first.pid}" in line
    (book.root / "go").touch()
    for process in (first, second):
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
    assert "The answer is 42" in book.pages()["alpha.html"]
    assert book.executions() == {"alpha": 1}


def test_damaged_database(book: TinyBook) -> None:
    book.write_chapter("alpha", SAY)
    assert book.build()[0] == 0
    (cache,) = book.caches()
    for count, damage in enumerate((b"not a database", b""), start=2):
        (cache / "global.db").write_bytes(damage)
        book.write_chapter("alpha", SAY, prose=f"Edition {count}.")
        status, output = book.build()
        assert status == 0, output
        assert "The cache of executed chapters is damaged" in output
        assert f"Edition {count}." in book.pages()["alpha.html"]
        assert "The answer is 42" in book.pages()["alpha.html"]
        assert book.executions() == {"alpha": count}


def test_damaged_outputs(book: TinyBook) -> None:
    words = ("cut", "altered", "removed", "whole")
    for word in words:
        book.write_chapter(word, SAY, f"print({word!r})")
    assert book.build()[0] == 0
    (cache,) = book.caches()
    stored = {
        word: next(
            path
            for path in cache.glob("executed/*/base.ipynb")
            if f"print({word!r})" in path.read_text()
        )
        for word in words
    }
    stored["cut"].write_text(stored["cut"].read_text()[:-40])
    stored["altered"].write_text(stored["altered"].read_text().replace("is 42", "is 43"))
    stored["removed"].unlink()

    for word in words:
        book.write_chapter(word, SAY, f"print({word!r})", prose="Second edition.")
    status, output = book.build()
    assert status == 0, output
    for word in words:
        assert "Second edition." in book.pages()[f"{word}.html"]
        assert "The answer is 42" in book.pages()[f"{word}.html"]
        assert (f"The stored outputs of {word} are damaged" in output) == (word != "whole")
    assert book.executions() == {"cut": 2, "altered": 2, "removed": 2, "whole": 1}
