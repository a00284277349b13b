"""Every page in a real browser: nothing complains, films play, and it fits a phone."""

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from .pages import PAGES
from .tiny import ROOT

SCREENSHOTS = ROOT / "screenshots"
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
TALL = 16_000  # pixels; of a taller page the picture shows the top
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    handler = partial(QuietHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail(
            "Chromium is needed to look at the pages: apt-get install chromium", pytrace=False
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def page(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    """Yield a page that notes complaints and requests to other hosts."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{message.type}: {message.text}")

    def on_request(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            complaints.append(f"request to another host: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
    page.on("request", on_request)
    yield page
    page.close()


@pytest.mark.parametrize("name", [*PAGES, "genindex", "search"])
def test_page(name: str, page: Page, address: str, complaints: list[str]) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    picture = SCREENSHOTS / name.replace("/", "-")

    page.goto(f"{address}/{name}.html", wait_until="load")
    page.evaluate("window.MathJax?.startup?.promise")
    height = page.evaluate("document.documentElement.scrollHeight")
    page.screenshot(path=f"{picture}-light.png", full_page=height < TALL)

    for video in page.locator("video").all():
        video.scroll_into_view_if_needed()
        video.evaluate("video => { video.preload = 'auto'; if (!video.readyState) video.load(); }")
        handle = video.element_handle()
        page.wait_for_function("video => video.readyState >= 2", arg=handle, timeout=20_000)

    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    page.screenshot(path=f"{picture}-dark.png", animations="disabled")

    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_function("window.innerWidth === 360 && !document.getAnimations().length")
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    page.screenshot(path=f"{picture}-phone.png", animations="disabled")
    assert overflow <= 0, f"{overflow} pixels too wide for a phone"
    assert complaints == []
