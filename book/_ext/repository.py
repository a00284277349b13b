"""Where the book's repository, its published site and its notebooks live.

Nothing is configured: a fork that publishes itself gets its own addresses.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

BRANCH = "gh-pages"
"""The branch that the built site is published on."""

_GITHUB = re.compile(
    r"(?:https?://(?:[^@/]+@)?|ssh://(?:[^@/]+@)?|git@)github\.com(?::\d+/|[:/])"
    r"([\w.-]+)/([\w.-]+?)(?:\.git)?/?"
)


@dataclass(frozen=True)
class Repository:
    """The repository that a book is built from.

    Attributes:
        url: What `git clone` takes, without credentials; None when no address is known.
        commit: The commit the book is built at; None outside git.
    """

    url: str | None = None
    commit: str | None = None

    @property
    def github(self) -> str | None:
        """`owner/name` on GitHub, or None elsewhere."""
        match = _GITHUB.fullmatch(self.url or "")
        return f"{match[1]}/{match[2]}" if match else None

    @property
    def pages(self) -> str | None:
        """The address that GitHub Pages gives the site, with a slash at its end."""
        if self.github is None:
            return None
        owner, name = self.github.split("/")
        host = f"{owner.lower()}.github.io"
        return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"

    def colab(self, path: str) -> str | None:
        """The link that opens a published notebook in Colab, or None when it cannot be reached."""
        if self.github is None:
            return None
        return f"https://colab.research.google.com/github/{self.github}/blob/{BRANCH}/{path}"


def find_repository(folder: Path) -> Repository:
    """The repository that `folder` belongs to.

    Its address is the environment variable BOOK_REPOSITORY, else the one GitHub Actions names,
    else the git remote `origin` when that is on GitHub, else unknown.
    """
    server, name = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
    url = os.environ.get("BOOK_REPOSITORY")
    if not url and server and name:
        url = f"{server}/{name}"
    if not url:
        remote = _git(folder, "remote", "get-url", "origin")
        url = remote if remote and _GITHUB.fullmatch(remote) else None
    if url and (match := _GITHUB.fullmatch(url)):  # one spelling, and never a token in a notebook
        url = f"https://github.com/{match[1]}/{match[2]}"
    return Repository(url or None, _git(folder, "rev-parse", "--verify", "HEAD"))


def find_site(repository: Repository, configured: str) -> str | None:
    """Address of the published site, with a slash at its end, or None where it is unknown.

    It is the environment variable BOOK_URL, else what is `configured` (Sphinx's `html_baseurl`),
    else the repository's GitHub Pages.
    """
    url = os.environ.get("BOOK_URL") or configured or repository.pages
    return url.rstrip("/") + "/" if url else None


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        result = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:  # git is not installed
        return None
    return result.stdout.strip() or None if result.returncode == 0 else None
