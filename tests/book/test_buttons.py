"""Where the repository and its site are, and whether each button leads to a notebook."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from repository import Repository, find_repository

from tests.book.colab import read
from tests.book.pages import CHAPTERS
from tests.book.small_book import SmallBook
from tests.book.tiny import FRONT_MATTER

COLAB = "https://colab.research.google.com/github/"
CHAPTER = (
    FRONT_MATTER
    + r"""
# Halving

```{exercise-start}
:label: ex-half
```
Halve a number.
```{exercise-end}
```

```{solution-start} ex-half
:class: dropdown
```
```{code-cell} ipython3
### BEGIN SOLUTION
half = 0.5
### END SOLUTION
```
```{solution-end}
```
"""
)


def buttons(site: Path, page: str) -> dict[str, str]:
    """Links in a page's header by what they are called."""
    html = (site / page).read_text("utf-8")
    header = html[html.index("article-header-buttons") :].partition("</header>")[0]
    links = re.findall(r'<a href="([^"]*)"[^>]*class="btn[^"]* btn-([\w-]+)-button', header)
    return {label: href for href, label in links}


@pytest.fixture
def no_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BOOK_REPOSITORY", "BOOK_URL", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "remote", ["git@github.com:made-up/the.book.git", "https://github.com/made-up/the.book"]
)
def test_every_button_leads_to_a_notebook(tmp_path: Path, remote: str) -> None:
    small = SmallBook(tmp_path / "book", {"01-chapter": CHAPTER}, remote=remote)
    assert small.build()[0] == 0
    links = buttons(small.site, "01-chapter.html")
    assert set(links) == {
        "launch-colab",
        "launch-colab-solutions",
        "download-notebook",
        "download-solutions",
    }
    branch = f"{COLAB}made-up/the.book/blob/gh-pages/"
    for label, name in (("colab", "01-chapter"), ("colab-solutions", "solutions/01-chapter")):
        link = links[f"launch-{label}"]
        assert link == f"{branch}notebooks/{name}.ipynb"
        assert (small.site / link.removeprefix(branch)).is_file()
    assert (small.site / links["download-notebook"]).samefile(
        small.site / links["launch-colab"].removeprefix(branch)
    )
    assert (small.site / links["download-solutions"]).is_file()
    # the notebooks refer to each other in the same way
    student = (small.site / "notebooks/01-chapter.ipynb").read_text("utf-8")
    solutions = (small.site / "notebooks/solutions/01-chapter.ipynb").read_text("utf-8")
    assert links["launch-colab-solutions"] in student
    assert links["launch-colab"] in solutions
    assert f"git+https://github.com/made-up/the.book@{small.git('rev-parse', 'HEAD')}" in student

    for page in ("index.html", "reference.html"):
        assert not any("colab" in name or "notebook" in name for name in buttons(small.site, page))


def test_without_a_place_on_github_only_the_download_appears(tmp_path: Path) -> None:
    small = SmallBook(
        tmp_path / "book", {"01-chapter": CHAPTER}, remote="https://example.org/a/b.git"
    )
    assert small.build()[0] == 0
    links = buttons(small.site, "01-chapter.html")
    assert set(links) == {"download-notebook", "download-solutions"}
    assert all((small.site / link).is_file() for link in links.values())
    assert "colab.research" not in (small.site / "01-chapter.html").read_text("utf-8")
    assert "colab.research" not in (small.site / links["download-notebook"]).read_text("utf-8")

    # the first cell cannot install, but says what to do
    notebook = read(small.site / links["download-notebook"])
    alone = [sys.executable, "-I", "-S", "-c", notebook.cells[0].source]
    said = subprocess.run(alone, capture_output=True, text=True, check=False).stderr
    assert "ModuleNotFoundError: The package `dqn` is missing." in said
    assert "pip install -e ." in said
    # links stay within the site
    for path in links.values():
        text = "".join(cell.source for cell in read(small.site / path).cells)
        inside = re.findall(r"\]\(([^)#]*)", text)
        assert len(inside) >= 2
        assert all(((small.site / path).parent / link).resolve().is_file() for link in inside)

    # a move to GitHub is noticed, although no page was touched
    small.git("remote", "set-url", "origin", "https://github.com/made-up/book.git")
    assert small.build()[0] == 0
    assert buttons(small.site, "01-chapter.html")["launch-colab"].startswith(
        f"{COLAB}made-up/book/"
    )


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_buttons_of_the_real_book_lead_to_files(site: Path, chapter: str) -> None:
    links = buttons(site, f"{chapter}.html")
    assert "download-notebook" in links
    for link in links.values():
        path = urlsplit(link).path.partition("/gh-pages/")[2] or urljoin("", link)
        assert (site / path).is_file(), link


# -- where the repository is


@pytest.mark.usefixtures("no_hints")
@pytest.mark.parametrize(
    ("remote", "github"),
    [
        ("https://github.com/made-up/book.git", "made-up/book"),
        ("https://github.com/made-up/book", "made-up/book"),
        ("https://github.com/made-up/book/", "made-up/book"),
        ("https://user:secret@github.com/made-up/book.git", "made-up/book"),
        ("git@github.com:made-up/book.git", "made-up/book"),
        ("ssh://git@github.com/made-up/the.book.git", "made-up/the.book"),
        ("ssh://git@github.com:22/made-up/book", "made-up/book"),
        ("https://gitlab.com/made-up/book.git", None),
        ("https://github.com.example.org/made-up/book", None),
        ("/srv/git/book.git", None),
    ],
)
def test_address_from_the_remote(tmp_path: Path, remote: str, github: str | None) -> None:
    small = SmallBook(tmp_path / "book", {}, remote=remote)
    found = find_repository(small.book)
    assert found.github == github
    assert found.url == (github and f"https://github.com/{github}")
    assert found.commit == small.git("rev-parse", "HEAD")


@pytest.mark.usefixtures("no_hints")
def test_the_environment_comes_before_the_remote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = SmallBook(tmp_path / "book", {}, remote="git@github.com:from/remote.git")
    assert find_repository(small.book).github == "from/remote"
    monkeypatch.setenv("GITHUB_REPOSITORY", "from/actions")
    assert find_repository(small.book).github == "from/remote"  # half a hint is none
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    assert find_repository(small.book).github == "from/actions"
    monkeypatch.setenv("BOOK_REPOSITORY", "file:///srv/book.git")
    assert find_repository(small.book).url == "file:///srv/book.git"
    assert find_repository(small.book).github is None


@pytest.mark.usefixtures("no_hints")
def test_outside_git_nothing_is_known(tmp_path: Path) -> None:
    assert find_repository(tmp_path) == Repository(None, None)


def test_the_address_of_the_published_site() -> None:
    assert Repository("https://github.com/Made-Up/Book").pages == "https://made-up.github.io/Book/"
    assert (
        Repository("https://github.com/made-up/made-up.github.io").pages
        == "https://made-up.github.io/"
    )
    assert Repository("file:///srv/book.git").pages is None
