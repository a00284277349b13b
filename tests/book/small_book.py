"""A book of one chapter that uses every construct, and of one that teaches; to build in a folder.

Nothing is executed: the notebooks are what is looked at.
"""

import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

from .tiny import FRONT_MATTER, ROOT

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

EVERY_CONSTRUCT = (
    FRONT_MATTER
    + r'''
(the-chapter)=
# A *chapter* with `code` and $x_1$

```{code-cell} ipython3
:tags: [remove-cell]
hidden = 1
```

Text with **bold**, *italic*, `code|bar`, `` a`b ``, $\alpha_t$, a [link](https://example.org/a_(b)),
{sub}`low` {sup}`high`, snake_case, \_underscored\_, a \$5 price, a \[bracket\], 2 \* 3, a < b
and <https://example.org>. {bdg-primary}`badge` {octicon}`alert` {kbd}`Ctrl` {abbr}`TD (temporal)`
See {eq}`eq-td`, {ref}`the-chapter`, {ref}`words <sec-far>`, {numref}`fig-cart`, {doc}`reference`,
{term}`TD error`, {cite:t}`watkins1992`, {cite:p}`watkins1992`, {py:func}`q_learning`,
{download}`package.py`, {ref}`ex-greedy`, {ref}`that exercise <ex-greedy>`, {numref}`tab-one`,
{numref}`listing-given`, {eq}`eq-far`, [](reference.md), [](#sec-far). A footnote[^note].

[^note]: The note's **text**.

```{math}
:label: eq-td
\delta_t = r_t + \gamma \max_a Q(s_t, a) \\
  - Q(s, a) % not printed
```

$$
c = d
$$ (eq-two)

\begin{align*}
u &= v \\
w &= x
\end{align*}

(a-section)=
## Boxes

:::{note}
A note with a list:

- one
- two
  - nested

$$
y = x
$$ (eq-in-note)
:::

:::{admonition} A title with $x$
:class: dropdown tip
Nested:

::::{warning}
Careful.
::::
:::

1. first

   still first
2. second

:::{dropdown} The package's own
```{literalinclude} package.py
:pyobject: answer
:class: answer
```
:::

:::{admonition} The answer in the package
:class: dropdown answer
A forbidden box.
:::

```{literalinclude} package.py
:pyobject: given
:caption: Given code
:name: listing-given
```

:::{margin} In the margin
Side text.
:::

:::{sidebar} Beside
Sidebar text.
:::

:::{dropdown} With a sign
:icon: code
In a dropdown.
:::

:::{dropdown}
Without a title.
:::

A $$z$$ in a line.

````{grid} 2
```{grid-item-card} Card title
:link: https://example.org
Card body
```
```{grid-item-card}
:link: the-chapter
:link-type: ref
Second **card**
```
````

::::{tab-set}
:::{tab-item} One
Tab one
:::
:::{tab-item} Two
Tab two
:::
::::

```{button-link} https://example.org
Press
```

```{figure} images/cart.png
:name: fig-cart
:alt: A cart [with] a pole

The **cart** of {cite:t}`watkins1992`.

A legend.
```

![inline alt](images/cart.png)

```{image} images/cart.png
:alt: plain
:width: 100px
```

:::{table} A caption
:name: tab-one
| name | value | $a_b$ |
|:-----|------:|-------|
| one  | 1 | `x\|y` |
:::

```{list-table}
:header-rows: 1
* - A
  - B
* - - x
    - y
  - z
```

Term
: Definition

> A quote
> of two lines.

```{epigraph}
Said.

-- Author
```

```python
static = 1
```

```{code-block} python
:caption: Block
x = "```"
```

```{rubric} A rubric
```

```{seealso}
Other things
```

```{glossary}
local term
    A local definition.
```

```{topic} A topic
Topical.
```

```{toggle}
Toggled.
```

% a comment

+++

---

<details><summary>More</summary>

Hidden *text*.

</details>

<div class="explorable"><script>alert(1)</script><a href="reference.html">fallback</a></div>

```{code-cell} ipython3
:tags: [hide-input]
visible = hidden + 1
```

## Exercises

````{exercise-start} Epsilon-greedy
:label: ex-greedy
````
Write `epsilon_greedy`.

```{code-cell} ipython3
given = 1
```

````{exercise-end}
````

````{solution-start} ex-greedy
:class: dropdown
````
The *forbidden* explanation.

```{code-cell} ipython3
def epsilon_greedy(q_values):
    """Greedy."""
    ### BEGIN SOLUTION
    best = max(q_values)  # forbidden
    return q_values.index(best)
    ### END SOLUTION


class Agent:
    def learn(self, error):
        for _ in range(2):
            ### BEGIN SOLUTION
            self.loss = error ** 2
            ### END SOLUTION
        return self.loss
```

More forbidden text.

````{solution-end}
````

```{code-cell} ipython3
assert epsilon_greedy([0, 2, 1]) == 1
```

```{exercise}
:label: ex-think
Why?
```

```{solution} ex-think
:class: dropdown
Because it is forbidden.
```

```{code-cell} ipython3
:tags: [remove-cell]
last = epsilon_greedy([1, 0])
```
'''
)

REFERENCE = """\
# Reference

```{glossary}
TD error
    The difference between target and estimate.
```

(sec-far)=
## Far

```{math}
:label: eq-far
y = 1
```

```{py:function} q_learning(q_tm1, target)
Does it.
```

```{bibliography}
```
"""

PACKAGE = '''\
def answer():
    """Return the forbidden number."""
    return 42


def given():
    return 1
'''

BIBLIOGRAPHY = """\
@article{watkins1992,
  author = {Watkins, C. and Dayan, P.}, title = {Q-learning}, journal = {ML}, year = {1992}
}
"""


class SmallBook:
    """A book in a git repository of its own.

    Args:
        root: The folder of the repository.
        chapters: Source of each chapter by its name.
        remote: Address of the git remote `origin`.
    """

    def __init__(self, root: Path, chapters: dict[str, str], remote: str | None = None) -> None:
        self.root = root
        self.book = root / "book"
        self.site = self.book / "_build" / "html"
        self.book.mkdir(parents=True)
        (self.book / "images").mkdir()
        (self.book / "images" / "cart.png").write_bytes(PIXEL)
        config = {
            "title": "Small",
            "execute": {"execute_notebooks": "off"},
            "bibtex_bibfiles": ["references.bib"],
            "only_build_toc_files": True,
            "parse": {
                "myst_enable_extensions": ["amsmath", "colon_fence", "deflist", "dollarmath"],
            },
            "sphinx": {
                "extra_extensions": ["sphinx_exercise"],
                "local_extensions": {"notebooks": str(ROOT / "book" / "_ext")},
                "config": {
                    "suppress_warnings": ["myst-nb.lexer"],
                    "bibtex_reference_style": "author_year",
                    "myst_dmath_double_inline": True,
                },
            },
        }
        self.write("_config.yml", yaml.safe_dump(config))
        self.write("references.bib", BIBLIOGRAPHY)
        self.write("package.py", PACKAGE)
        self.write("index.md", "# Small\n")
        self.write("reference.md", REFERENCE)
        self.set_chapters(chapters)
        self.git("init", "--quiet", "--initial-branch=main")
        if remote:
            self.git("remote", "add", "origin", remote)
        self.commit()

    def write(self, name: str, text: str) -> None:
        (self.book / name).write_text(text, encoding="utf-8")

    def set_chapters(self, chapters: dict[str, str]) -> None:
        for name, text in chapters.items():
            self.write(f"{name}.md", text)
        parts = [
            {"numbered": True, "chapters": [{"file": name} for name in chapters]},
            {"chapters": [{"file": "reference"}]},
        ]
        toc = {"format": "jb-book", "root": "index", "parts": parts}
        self.write("_toc.yml", yaml.safe_dump(toc))

    def git(self, *arguments: str) -> str:
        # always the same author and time: the commit depends on the files alone
        fixed = {"NAME": "A", "EMAIL": "a@example.org", "DATE": "2020-01-01T00:00:00Z"}
        names = {f"GIT_{who}_{k}": v for who in ("AUTHOR", "COMMITTER") for k, v in fixed.items()}
        command = ["git", "-c", "core.autocrlf=false", "-C", str(self.root), *arguments]
        result = subprocess.run(
            command, env=os.environ | names, check=True, capture_output=True, text=True
        )
        return result.stdout.strip()

    def commit(self) -> None:
        self.git("add", ":/", ":!book/_build")
        self.git("commit", "--quiet", "--message", "All")

    def build(self, **environment: str) -> tuple[int, str]:
        """Build as a reader would; return the exit status and all that was said."""
        derived = ("BOOK_", "GITHUB_")
        clean = {k: v for k, v in os.environ.items() if not k.startswith(derived)}
        result = subprocess.run(
            [Path(sys.executable).with_name("jupyter-book"), "build", "-W", "--keep-going", "book"],
            cwd=self.root,
            env=clean | environment,
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return result.returncode, re.sub(r"\x1b\[[0-9;]*m", "", result.stdout)

    def notebooks(self) -> dict[str, bytes]:
        """Every notebook of the site by its path in it."""
        return {
            path.relative_to(self.site).as_posix(): path.read_bytes()
            for path in sorted(self.site.rglob("*.ipynb"))
        }
