"""The built site: links lead somewhere, pictures are there, and nothing comes from afar."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import whole_or_nothing

from .pages import PAGES, Page
from .tiny import ROOT


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, Page]:
    return {
        path.resolve(): Page(path)
        for path in site.rglob("*.html")
        if "_static" not in path.relative_to(site).parts  # templates of the theme
    }


def is_elsewhere(address: str) -> bool:
    return bool(urlsplit(address).scheme or urlsplit(address).netloc)


def test_every_source_has_its_page_in_the_spine(site: Path) -> None:
    sources = {
        path.relative_to(ROOT / "book").with_suffix("").as_posix()
        for path in (ROOT / "book").rglob("*.md")
        if not {"_build", "results"}.intersection(path.parts)
    }
    assert sources == set(PAGES)
    for page in PAGES:
        assert (site / f"{page}.html").exists(), page


def test_the_site_is_made_from_these_sources(site: Path) -> None:
    """Also: no chapter writes into the book's folder while it is executed."""
    assert (site / ".made-from").read_text() == whole_or_nothing.made_from(ROOT / "book")


def test_links_lead_to_pages_and_places_that_exist(pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        for link in page.links:
            if is_elsewhere(link):
                continue
            parts = urlsplit(link)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            place = unquote(parts.fragment)
            if not target.exists() or (place and place not in pages[target].ids):
                broken.append(f"{path.name}: {link}")
    assert not broken


def test_what_pages_load_is_part_of_the_site(pages: dict[Path, Page]) -> None:
    missing = []
    for path, page in pages.items():
        for address in page.loads:
            if address.startswith("data:"):
                continue
            target = path.parent / unquote(urlsplit(address).path)
            if is_elsewhere(address) or not target.exists():
                missing.append(f"{path.name}: {address}")
    assert not missing


def test_style_sheets_load_nothing_from_afar(site: Path) -> None:
    for path in site.rglob("*.css"):
        loads = re.findall(
            r"(?:url\(|@import)\s*['\"]?\s*(?:https?:)?//[^'\")]*", path.read_text("utf8")
        )
        assert not loads, path.name


def test_every_picture_says_what_it_shows(pages: dict[Path, Page]) -> None:
    silent = [
        f"{path.name}: {image.get('src', '')[:60]}"
        for path, page in pages.items()
        for image in page.images
        if not image.get("alt", "").strip()
    ]
    assert not silent


def test_the_api_pages_document_every_public_module_once() -> None:
    pages = "".join(page.read_text() for page in (ROOT / "book" / "reference").glob("api-*.md"))
    documented = re.findall(r"automodule:: (dqn[\w.]*)", pages)
    overview = (ROOT / "book" / "reference" / "api.md").read_text()
    assert sorted(documented) == sorted(re.findall(r"{mod}`(dqn[\w.]*)`", overview))
    modules = {
        f"dqn.{path.stem}"
        for path in (ROOT / "dqn").iterdir()
        if not path.name.startswith("_") and (path.suffix == ".py" or path.is_dir())
    }
    assert sorted(documented) == sorted(modules)


def test_no_sentence_of_the_api_is_torn_at_a_colon(site: Path) -> None:
    """Sphinx takes ``X: Y`` in a field's description for "of type X"."""
    torn = [
        page.name
        for page in (site / "reference").glob("api*.html")
        if re.search(r">Type<(?:span|/)", page.read_text())
    ]
    assert not torn


def test_signatures_of_the_api_can_be_read(site: Path) -> None:
    for page in (site / "reference").glob("api-*.html"):
        text = page.read_text()
        for signature in re.findall(r'<dt class="sig.*?</dt>', text, re.DOTALL):
            words = re.sub(r"<[^>]+>", "", signature)
            assert not re.search(r"ndarray\[tuple|_HasDType|_SupportsArray", words), words
        assert "Alias for field number" not in text, page.name


def test_page_for_lost_readers_lists_the_others_in_their_order(site: Path) -> None:
    links = re.findall(r'<li><a href="([^"]+)\.html"', (site / "404.html").read_text())
    assert links == PAGES[1:]
