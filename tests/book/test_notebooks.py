"""The notebooks of a book of a few lines: every construct, the blanks, and the first cell."""

import base64
import re
import shutil
import tomllib
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from packaging.requirements import Requirement
from solutions import SolutionError, blank, has_solution, lost_names, names_of, reveal

from tests.book.cells import blanks, code, prose
from tests.book.colab import SHIPPED, Colab, read
from tests.book.pages import CHAPTERS
from tests.book.small_book import EVERY_CONSTRUCT, PIXEL, REFERENCE, SmallBook
from tests.book.tiny import FRONT_MATTER, ROOT

REMOTE = "https://github.com/made-up/book"
SITE = "https://made-up.github.io/book/"
STUDENT, SOLUTIONS = "notebooks/01-chapter.ipynb", "notebooks/solutions/01-chapter.ipynb"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> SmallBook:
    small = SmallBook(tmp_path_factory.mktemp("small") / "book", {"01-chapter": EVERY_CONSTRUCT})
    status, said = small.build(BOOK_REPOSITORY=REMOTE)
    assert status == 0, said
    return small


def leftovers(markdown: str) -> list[str]:
    """What only MyST understands, outside of code."""
    text = re.sub(r"(?ms)^[> ]*(`{3,})[^\n`]*\n.*?^[> ]*\1$", "", markdown)  # fenced blocks
    roles = re.findall(r"\{[\w:.+-]+\}`", text)
    text = re.sub(r"(`+).+?\1", "code", text)  # code in a line
    patterns = [
        r"^\s*:::.*",  # directives
        r"^[> ]*`{3,}\s*\{.*",
        r"^[> ]*:[\w-]+:.*",  # options
        r"^\([\w-]+\)=",  # targets
        r"\[\^\w+\]",  # footnotes
        r"^%.*",  # comments
        r"^\+\+\+",
        r"^\$\$ \([\w-]+\)",  # labels
        r"\{[a-z][\w:-]*\}",
        r"\[\]\(",
        r"\{\{",
    ]
    mathless = re.sub(r"\$\$.*?\$\$|(?<!\\)\$[^$\n]*\$", "", text)
    return roles + [found for p in patterns for found in re.findall(f"(?m){p}", mathless)]


# -- the small book


def test_one_build_makes_valid_notebooks(book: SmallBook) -> None:
    notebooks = book.notebooks()
    assert [name for name in notebooks if name.startswith("notebooks/")] == [STUDENT, SOLUTIONS]
    for name in (STUDENT, SOLUTIONS):
        notebook = read(book.site / name)
        nbformat.validate(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        ids = [cell.id for cell in notebook.cells]
        assert len(set(ids)) == len(ids)
        assert all(cell.get("outputs", []) == [] for cell in notebook.cells)


@pytest.mark.parametrize("name", [STUDENT, SOLUTIONS])
def test_nothing_of_the_source_language_is_left(book: SmallBook, name: str) -> None:
    assert leftovers(prose(read(book.site / name))) == []


def test_the_scan_for_leftovers_finds_them() -> None:
    assert len(leftovers(EVERY_CONSTRUCT)) > 60


def test_every_code_cell_is_kept_in_order(book: SmallBook) -> None:
    cells = re.findall(r"(?ms)^```\{code-cell\} ipython3\n(?::.*?\n)?(.*?)\n```$", EVERY_CONSTRUCT)
    assert code(read(book.site / SOLUTIONS))[1:] == [reveal(cell.strip("\n")) for cell in cells]
    for cell, kept in zip(cells, code(read(book.site / STUDENT))[1:], strict=True):
        assert kept == cell or "YOUR CODE HERE" in kept


def test_hidden_cells_are_folded(book: SmallBook) -> None:
    cells = {cell.source: cell for cell in read(book.site / STUDENT).cells}
    for source in ("hidden = 1", "visible = hidden + 1", "last = epsilon_greedy([1, 0])"):
        metadata = cells[source].metadata
        assert metadata["cellView"] == "form"
        assert metadata["jupyter"] == {"source_hidden": True}
    assert "cellView" not in cells["given = 1"].metadata


@pytest.mark.parametrize(
    "expected",
    [
        "# 1. A *chapter* with `code` and $x_1$",
        "## 1.1. Boxes",
        r"$$ \begin{split}\delta_t = r_t + \gamma \max_a Q(s_t, a) \\ - Q(s, a)\end{split} "
        r"\tag{1.1} $$",
        r"$$ c = d \tag{1.2} $$",
        r"$$ \begin{aligned} u &= v \\ w &= x \end{aligned} $$",
        f"[(1.1)]({SITE}01-chapter.html#equation-eq-td)",
        f"[words]({SITE}reference.html#sec-far)",
        f"[Fig. 1.1]({SITE}01-chapter.html#fig-cart)",
        f"[Table 1.1]({SITE}01-chapter.html#tab-one)",
        f"[Listing 1.1]({SITE}01-chapter.html#listing-given)",
        f"[Reference]({SITE}reference.html)",
        f"[Far]({SITE}reference.html#sec-far)",
        f"[TD error]({SITE}reference.html#term-TD-error)",
        f"[`q_learning()`]({SITE}reference.html#q_learning)",
        f"[Exercise 1.1]({SITE}01-chapter.html#ex-greedy)",
        f"[that exercise]({SITE}01-chapter.html#ex-greedy)",
        f"[1992]({SITE}reference.html#id",
        "[link](https://example.org/a_%28b%29)",
        "A footnote<sup>1</sup>.",
        "<sup>1</sup> The note’s **text**.",
        r"<sub>low</sub> <sup>high</sup>, snake_case, \_underscored\_, a \$5 price, a \[bracket\], "
        r"2 \* 3, a &lt; b",
        "**badge**",
        "> **Note**\n>\n> A note with a list:\n>\n> - one\n> - two\n>   - nested\n>\n"
        "> $$ y = x \\tag{1.3} $$",
        "> **A title with $x$**\n>\n> Nested:\n>\n> > **Warning**\n> >\n> > Careful.",
        "1. first\n\n   still first\n\n2. second",
        "**Listing 1.1** Given code\n\n```python\ndef given():\n    return 1\n```",
        "> **In the margin**\n>\n> Side text.",
        "> **Beside**\n>\n> Sidebar text.",
        "**Card title**\n\nCard body",
        "Second **card**",
        "**With a sign**\n\nIn a dropdown.\n\nWithout a title.",
        "A $$ z $$ in a line.",
        "**One**\n\nTab one\n\n**Two**\n\nTab two",
        "[Press](https://example.org)",
        r"![A cart \[with\] a pole](data:image/png;base64,",
        "**Fig. 1.1** The **cart** of",
        "A legend.",
        "![inline alt](data:image/png;base64,",
        "**Table 1.1** A caption\n\n| name | value | $a_b$ |\n| :--- | ---: | --- |\n"
        "| one | 1 | `x\\|y` |",
        "| A | B |\n| --- | --- |\n| - x<br>- y | z |",
        "- **Term**\n\n  Definition",
        "> A quote of two lines.",
        "> — Author",
        "```python\nstatic = 1\n```",
        '**Listing 1.2** Block\n\n```python\nx = "```"\n```',
        "**A rubric**",
        "> **See also**\n>\n> Other things",
        "- **local term**\n\n  A local definition.",
        "> **A topic**\n>\n> Topical.",
        "Toggled.",
        "<details><summary>More</summary>",
        f'<div class="explorable"><a href="{SITE}reference.html">fallback</a></div>',
        "### Exercise 1.1 (Epsilon-greedy)",
        "### Exercise 1.2",
    ],
)
def test_each_construct_becomes_plain_markdown(book: SmallBook, expected: str) -> None:
    for name in (STUDENT, SOLUTIONS):
        assert expected in prose(read(book.site / name))


def test_images_are_embedded_whole(book: SmallBook) -> None:
    embedded = re.findall(r"\(data:image/png;base64,(.*?)\)", prose(read(book.site / STUDENT)))
    assert len(embedded) == 3
    assert all(base64.b64decode(data) == PIXEL for data in embedded)


def test_links_into_the_site_lead_somewhere(book: SmallBook) -> None:
    links = set(re.findall(rf"{SITE}([^)\"\s]*)", prose(read(book.site / SOLUTIONS))))
    assert len(links) > 12
    for link in links:
        path, _, anchor = unquote(link).partition("#")
        page = book.site / path
        assert page.is_file(), link
        if anchor:
            assert re.search(rf'id="{re.escape(anchor)}"', page.read_text("utf-8")), link


def test_the_student_does_not_get_the_answers(book: SmallBook) -> None:
    student, solutions = (book.site / name for name in (STUDENT, SOLUTIONS))
    assert "forbidden" not in student.read_text("utf-8")
    assert "The package’s own" not in student.read_text("utf-8")  # an empty dropdown
    text = solutions.read_text("utf-8")
    for part in ("*forbidden* explanation", "forbidden box", "max(q_values)  # forbidden"):
        assert part in text
    assert "**The package’s own**\n\n```python\ndef answer()" in prose(read(solutions))
    assert "YOUR CODE HERE" not in text
    assert "*Write your answer here.*" in student.read_text("utf-8")


def test_a_blank_says_what_to_do(book: SmallBook) -> None:
    (cell,) = [source for source in code(read(book.site / STUDENT)) if "YOUR CODE" in source]
    assert cell == (
        "def epsilon_greedy(q_values):\n"
        '    """Greedy."""\n'
        "    # YOUR CODE HERE\n"
        '    raise NotImplementedError("Exercise 1.1: write epsilon_greedy in place of this line, '
        'then run its cell again.")\n'
        "\n\n"
        "class Agent:\n"
        "    def learn(self, error):\n"
        "        for _ in range(2):\n"
        "            # YOUR CODE HERE\n"
        '            raise NotImplementedError("Exercise 1.1: write Agent.learn in place of this '
        'line, then run its cell again.")\n'
        "        return self.loss"
    )


def test_the_page_shows_solutions_without_markers(book: SmallBook) -> None:
    page = (book.site / "01-chapter.html").read_text("utf-8")
    assert "BEGIN SOLUTION" not in page
    assert "# forbidden" in page


def test_notebooks_are_the_same_from_run_to_run_and_never_stale(
    book: SmallBook, tmp_path: Path
) -> None:
    other = SmallBook(tmp_path / "elsewhere", {"01-chapter": EVERY_CONSTRUCT})
    assert other.build(BOOK_REPOSITORY=REMOTE)[0] == 0
    before = other.notebooks()
    assert before == book.notebooks()

    # nothing of the chapter itself is touched, but what it refers to, and one comes beside it
    other.write("reference.md", REFERENCE.replace("# Far", "# Further"))
    plain = f"{FRONT_MATTER}\n# Plain\n\n```{{code-cell}} ipython3\n1\n```\n"
    other.set_chapters({"01-chapter": EVERY_CONSTRUCT, "02-plain": plain})
    assert other.build(BOOK_REPOSITORY=REMOTE)[0] == 0
    after = other.notebooks()
    new = {"notebooks/02-plain.ipynb", "notebooks/solutions/02-plain.ipynb"}
    assert set(after) - set(before) == new
    assert f"[Further]({SITE}reference.html#sec-far)" in after[STUDENT].decode()

    # and goes again
    (other.book / "02-plain.md").unlink()
    other.write("reference.md", REFERENCE)
    other.set_chapters({"01-chapter": EVERY_CONSTRUCT})
    assert other.build(BOOK_REPOSITORY=REMOTE)[0] == 0
    assert other.notebooks() == before


BROKEN = {
    "01-unknown": (
        "{py:function} f(x)\nAn API entry.",
        "",
        r"01-unknown: no Markdown is known for the node <desc> \(line \d+\)",
    ),
    "02-nested": (
        "",
        "### BEGIN SOLUTION\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n### END SOLUTION",
        "02-nested: Exercise 2.1: BEGIN SOLUTION inside another",
    ),
    "03-outside": (
        "{code-cell} ipython3\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION",
        "",
        r"03-outside: cell \d+ has solution markers outside of a solution",
    ),
    "04-lost": (
        "{code-cell} ipython3\nx + 1",
        "x = 1",
        "04-lost: x: defined only in a cell that the student notebook leaves out",
    ),
}


def test_what_cannot_become_a_notebook_fails_the_build_which_names_it(tmp_path: Path) -> None:
    chapters = {}
    for name, (last, solution, _) in BROKEN.items():
        chapters[name] = (
            f"{FRONT_MATTER}\n# {name}\n\n```{{exercise-start}}\n:label: {name}\n```\nDo.\n"
            f"```{{exercise-end}}\n```\n\n```{{solution-start}} {name}\n```\n"
            f"```{{code-cell}} ipython3\n{solution or 'pass'}\n```\n```{{solution-end}}\n```\n\n"
            f"```{last or 'python'}\n```\n"
        )
    small = SmallBook(tmp_path / "book", chapters)
    status, said = small.build()
    assert status != 0
    for _, _, complaint in BROKEN.values():
        assert re.search(complaint, said), said[-3000:]
    assert not small.notebooks()


# -- solutions in a cell


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("### BEGIN SOLUTION\nx = 1", "not closed, line 1"),
        ("x = 1\n### END SOLUTION", "without a BEGIN, line 2"),
        (
            "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION\n### END SOLUTION",
            "inside another, line 2",
        ),
        (
            "x = [\n### BEGIN SOLUTION\n1\n### END SOLUTION\n]",
            "must be whole statements",
        ),
        ("if True:\n    ### BEGIN SOLUTION\n    x = (\n", "not Python"),
    ],
)
def test_solutions_that_do_not_pair_are_errors(source: str, complaint: str) -> None:
    with pytest.raises(SolutionError, match=complaint):
        blank(source, "Exercise 1.1")


@pytest.mark.parametrize(
    ("source", "subject"),
    [
        ("### BEGIN SOLUTION\nx, y = 1, 2\n### END SOLUTION", "x and y"),
        ("### BEGIN SOLUTION\ndef f():\n    x = 1\n    return x\n### END SOLUTION", "f"),
        ("### BEGIN SOLUTION\nprint(1)\n### END SOLUTION", "your code"),
        ("def f():\n    pass\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "x"),
        ("def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\nf()", "f"),
        ("def f(\n    a,\n):\n    x = 1\n    ### BEGIN SOLUTION\n    x\n    ### END SOLUTION", "f"),
        (
            "class A:\n    def f(self):\n        pass\n\n    @property\n    def g(self):\n"
            "        ### BEGIN SOLUTION\n        return 1\n        ### END SOLUTION",
            "A.g",
        ),
        (
            "def f(): pass\n@g\ndef h():\n    ### BEGIN SOLUTION\n    1\n    ### END SOLUTION",
            "h",
        ),
    ],
)
def test_a_blank_names_what_is_to_be_written(source: str, subject: str) -> None:
    assert f"Exercise 1.1: write {subject} in place" in blank(source, "Exercise 1.1")


def test_a_blank_filled_with_the_solution_is_the_solution() -> None:
    source = "def f(x):\n    ### BEGIN SOLUTION\n    y = x\n\n    return y\n    ### END SOLUTION\n"
    blanked = blank(source, "Exercise 1.1")
    filled = re.sub(r"    # YOUR.*\n.*raise.*", "    y = x\n\n    return y", blanked)
    assert filled == reveal(source).rstrip("\n")
    assert not has_solution(filled)


def test_names_bound_and_read() -> None:
    bound, read_names = names_of(
        "import a.b\nfrom c import d as e\nf, g = h\n"
        "def i(j):\n    k = l\n    return [m for m in n]\nclass O:\n    p = q\n"
    )
    assert bound == {"a", "e", "f", "g", "i", "O"}
    assert {"h", "l", "n", "q"} <= read_names
    assert not {"j", "k", "m", "p"} & read_names


def test_names_that_a_student_would_lack() -> None:
    assert lost_names([("x = 1", False), ("x", True)]) == {"x"}
    assert lost_names([("x = 1", True), ("x = 2", False), ("x", True)]) == set()
    assert lost_names([("x = 1", False), ("x = 2\nx", True)]) == set()
    assert lost_names([("x = 1", False), ("%magic", True)]) == set()


# -- in Colab

SMALL_PACKAGE = {
    "pyproject.toml": '[build-system]\nrequires = ["setuptools>=77"]\n'
    'build-backend = "setuptools.build_meta"\n'
    '[project]\nname = "dqn-book"\nversion = "0.1.0"\n'
    'dependencies = ["numpy>=1.26", "torch>=2.4"]\n'
    '[tool.setuptools]\npackages = ["dqn"]\n',
    "dqn/__init__.py": "",
    "dqn/checks.py": "def double(function):\n    assert function(2) == 4\n    print('right')\n",
}
TEACHING = (
    FRONT_MATTER
    + r"""
# Doubling

```{code-cell} ipython3
import numpy as np
from dqn import checks
```

```{exercise-start}
:label: ex-double
```
Double a number.
```{exercise-end}
```

```{solution-start} ex-double
:class: dropdown
```
```{code-cell} ipython3
def double(number):
    ### BEGIN SOLUTION
    return 2 * number
    ### END SOLUTION
```
```{solution-end}
```

```{code-cell} ipython3
checks.double(double)
```

```{code-cell} ipython3
print("the end", double(np.arange(3)))
```
"""
)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a book with a package, whose repository is a bare one."""
    root = tmp_path_factory.mktemp("taught")
    small = SmallBook(root / "book", {"01-chapter": TEACHING})
    for name, text in SMALL_PACKAGE.items():
        (small.root / name).parent.mkdir(exist_ok=True)
        (small.root / name).write_text(text)
    small.commit()
    small.git("clone", "--quiet", "--bare", ".", str(root / "bare.git"))
    status, said = small.build(BOOK_REPOSITORY=f"file://{root}/bare.git")
    assert status == 0, said
    shutil.rmtree(small.root / ".git")  # whatever is installed comes from the bare one
    return small.site


def test_solutions_run_to_their_end_where_only_the_first_cell_installs(
    taught: Path, tmp_path: Path
) -> None:
    colab = Colab(tmp_path)
    assert colab.installed() == []
    notebook = read(taught / SOLUTIONS)
    assert colab.run(notebook) is None
    assert notebook.cells[-1].outputs[0].text == "the end [0 2 4]\n"
    assert colab.installed() == ["dqn_book"]  # and nothing was installed anew beside it

    # where the package is there, the first cell does nothing, not even without pip and git
    install = read(taught / SOLUTIONS)
    install.cells = install.cells[:1]
    install.cells[0].source = (
        "import os, subprocess\nos.environ['PATH'] = ''\nsubprocess.run = None\n"
        + install.cells[0].source
    )
    assert colab.run(install) is None
    assert install.cells[0].outputs == []

    # a student's notebook stops at the first blank, and a filled one runs to its end
    student = read(taught / STUDENT)
    (blank_at,) = blanks(student)
    stopped = colab.run(student)
    assert stopped == (
        blank_at + 1,  # the check calls the function
        "NotImplementedError: Exercise 1.1: write double in place of this line, then run its cell "
        "again.",
    )
    student = read(taught / STUDENT)
    student.cells[blank_at].source = "def double(number):\n    return number + number"
    assert colab.run(student) is None


def test_a_failed_installation_says_so_at_once(taught: Path, tmp_path: Path) -> None:
    notebook = read(taught / SOLUTIONS)
    notebook.cells[0].source = re.sub("@[0-9a-f]{40}", f"@{'0' * 40}", notebook.cells[0].source)
    stopped = Colab(tmp_path).run(notebook)
    assert stopped is not None
    assert stopped[0] == 0
    assert "CalledProcessError" in stopped[1]


def test_colab_keeps_what_it_ships() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    requirements = [Requirement(text) for text in project["dependencies"]]
    replaced = {
        requirement.name: f"{requirement.specifier}, Colab has {SHIPPED[requirement.name]}"
        for requirement in requirements
        if requirement.name in SHIPPED and SHIPPED[requirement.name] not in requirement.specifier
    }
    assert replaced == {}
    assert project["name"] == "dqn-book"


# -- the real book


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_chapter_has_clean_notebooks(site: Path, chapter: str) -> None:
    for name in (f"notebooks/{chapter}.ipynb", f"notebooks/solutions/{chapter}.ipynb"):
        notebook = read(site / name)
        nbformat.validate(notebook)
        assert leftovers(prose(notebook)) == []
        # A text that a cell displays is read as plain Markdown there. Roles by their names, since
        # `{count}` in an f-string looks like one.
        roles = r"\{(?:eq|term|doc|ref|numref|cite(?::[pt])?|func|class|meth|mod|attr|data)\}`"
        assert re.findall(roles, "\n".join(code(notebook))) == []
        assert "SOLUTION" not in "".join(code(notebook))
    student = read(site / "notebooks" / f"{chapter}.ipynb")
    source = (ROOT / "book" / f"{chapter}.md").read_text("utf-8")
    assert bool(blanks(student)) == ("BEGIN SOLUTION" in source)
