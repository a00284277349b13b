"""What the tests of the site need to know of its pages."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import yaml

from .tiny import ROOT


def _files(entry: Any) -> list[str]:
    if isinstance(entry, list):
        return [file for item in entry for file in _files(item)]
    if isinstance(entry, dict):
        own = [entry[key] for key in ("root", "file") if key in entry]
        return own + [file for value in entry.values() for file in _files(value)]
    return []


TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())
# The pages of the book in the order of the spine, the landing page first.
PAGES: list[str] = _files(TOC)
CHAPTERS: list[str] = [page for page in PAGES if page[0].isdigit()]

# Attributes by which a page loads something at once. `a` only leads somewhere.
_LOADS = {"src", "srcset", "poster", "data"}


@dataclass
class Page(HTMLParser):
    """The links, targets and images of one page."""

    path: Path
    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    images: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text("utf8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the tag offers, where it leads, and what it loads."""
        values = {name: value or "" for name, value in attrs}
        self.ids |= {values[name] for name in ("id", "name") if name in values}
        self.loads += [values[name] for name in _LOADS if name in values]
        if tag == "link" and values.get("rel") not in ("canonical", "next", "prev", "search"):
            self.loads.append(values["href"])
        elif "href" in values:
            self.links.append(values["href"])
        if tag == "img":
            self.images.append(values)
