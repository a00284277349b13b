"""The built site in a real browser, as a reader uses it: desktop, phone, and from a folder."""

import gzip
import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from .pages import CHAPTERS, PAGES
from .tiny import ROOT

SCREENSHOTS = ROOT / "screenshots"
PATIENCE = 120_000  # milliseconds: generous, for busy machines
expect.set_options(timeout=PATIENCE)
TALL = 16_000  # pixels; of a taller page the picture shows the top
HEAVIEST = 3_000_000  # bytes of a page with all that it loads
EXPLORABLES = {"intro": "cartpole", "02-q-learning": "grid", "10-prioritized-how": "sum-tree"}


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


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def page(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    """Yield a page that notes complaints and requests to other hosts."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page.set_default_timeout(PATIENCE)

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{message.type}: {message.text}")

    def on_request(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:", "file:")):
            complaints.append(f"request to another host: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
    page.on("request", on_request)
    yield page
    page.close()


def faults(page: Page) -> list[str]:
    """Return what axe-core calls serious or critical."""
    found = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]})
    return [
        f"{fault['id']}: {node['html'][:200]}"
        for fault in found.response["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def weight(page: Page, address: str, site: Path) -> int:
    """Return the bytes of a page with all that it loads, compressed as a server sends them."""
    loaded = page.evaluate(
        "[location.href, ...performance.getEntriesByType('resource').map((entry) => entry.name)]"
    )
    names = {urlsplit(url).path for url in loaded if url.startswith(address)}
    return sum(len(gzip.compress((site / unquote(name)[1:]).read_bytes())) for name in names)


def wait_for_equations(page: Page) -> None:
    page.evaluate("window.MathJax?.startup?.promise.then(() => null)")


@pytest.mark.parametrize("name", [*PAGES, "genindex", "search", "404"])
def test_page(name: str, page: Page, address: str, site: Path, complaints: list[str]) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    picture = SCREENSHOTS / name.replace("/", "-")

    page.goto(f"{address}/{name}.html", wait_until="load")
    wait_for_equations(page)
    height = page.evaluate("document.documentElement.scrollHeight")
    page.screenshot(path=f"{picture}-light.png", full_page=height < TALL)
    assert faults(page) == []
    assert weight(page, address, site) < HEAVIEST

    for video in page.locator("video").all():
        video.scroll_into_view_if_needed()
        video.evaluate("video => { video.preload = 'auto'; if (!video.readyState) video.load(); }")
        handle = video.element_handle()
        page.wait_for_function("video => video.readyState >= 2", arg=handle)

    page.emulate_media(color_scheme="dark")
    if name != "404":  # which is not made with the theme
        page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    page.screenshot(path=f"{picture}-dark.png", animations="disabled")
    assert faults(page) == []

    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_function(
        "window.innerWidth === 360"
        " && !document.getAnimations().some((animation) => animation.playState === 'running')"
    )
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    page.screenshot(path=f"{picture}-phone.png", animations="disabled")
    assert overflow <= 0, f"{overflow} pixels too wide for a phone"
    assert complaints == []


@pytest.mark.parametrize("name", EXPLORABLES)
def test_from_a_folder(name: str, site: Path, page: Page, complaints: list[str]) -> None:
    """A page opened as a file is the same page: explorables and equations run."""
    page.goto((site / f"{name}.html").as_uri(), wait_until="load")
    wait_for_equations(page)
    expect(
        page.locator(f"figure[data-explorable='{EXPLORABLES[name]}'][data-ready]")
    ).to_be_visible()
    assert complaints == []


@pytest.mark.parametrize("name", EXPLORABLES)
def test_without_scripts(name: str, site: Path, browser: Browser) -> None:
    """Text, still pictures and their words are there."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / f"{name}.html").as_uri())
    for figure in page.locator("figure[data-explorable]").all():
        expect(figure.locator("img")).to_be_visible()
        assert len(figure.locator("img").get_attribute("alt") or "") > 40
        expect(figure.locator("figcaption")).to_be_visible()
    context.close()


def test_agent_of_the_cover_runs_until_it_is_paused(page: Page, address: str) -> None:
    page.goto(f"{address}/intro.html")
    figure = page.locator("figure[data-explorable='cartpole']")
    figure.scroll_into_view_if_needed()
    steps = "() => document.querySelector('.ex-live').current().steps"
    page.wait_for_function(f"({steps})() > 5")
    figure.get_by_role("button", name="Pause").click()
    before = page.evaluate(steps)
    page.wait_for_timeout(200)
    assert page.evaluate(steps) == before
    options = figure.get_by_label("Driver:").locator("option").all_inner_texts()
    assert options[0] == "agent, untrained"
    assert options[-1] == "you"


def test_run_of_chapter_2_by_keyboard(page: Page, address: str) -> None:
    page.goto(f"{address}/02-q-learning.html")
    figure = page.locator("figure[data-explorable='grid']")
    figure.get_by_label("Episodes:").focus()
    page.keyboard.press("End")
    expect(figure.locator(".gr-when")).to_contain_text("After 3,000 episodes (ε = 0.00)")
    figure.get_by_label("World:").select_option("The cliff")
    figure.get_by_role("button", name="One episode").press("Enter")
    expect(figure.locator(".gr-when")).to_contain_text("After 1 episode")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("SumTree", "reference/api-memory.html#dqn.prioritized.SumTree"),
        ("bootstrapping", "reference/glossary.html#term-Bootstrapping"),
    ],
)
@pytest.mark.parametrize("folder", [False, True])
def test_search(words: str, found: str, folder: bool, page: Page, address: str, site: Path) -> None:
    """Symbols and terms are found, from a folder too."""
    base = site.as_uri() if folder else address
    page.goto(f"{base}/search.html?q={words}")
    expect(page.locator("#search-results")).to_contain_text("finished")
    expect(page.locator(f"#search-results ul.search a[href='{found}']")).to_be_visible()


def test_theme_stays_as_the_reader_has_set_it(page: Page, address: str) -> None:
    page.goto(f"{address}/01-the-loop.html")
    seen = set()
    for _ in range(3):
        page.locator(".theme-switch-button").first.click()
        seen.add(page.evaluate("document.documentElement.dataset.mode"))
    assert seen == {"light", "dark", "auto"}
    while page.evaluate("document.documentElement.dataset.mode") != "dark":
        page.locator(".theme-switch-button").first.click()
    page.goto(f"{address}/02-q-learning.html")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_copy_button_copies_the_cell(page: Page, address: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{address}/01-the-loop.html", wait_until="load")
    cell = page.locator("div.cell_input div.highlight").first
    cell.hover()
    cell.locator("button.copybtn").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == cell.locator("pre").inner_text().strip()


def test_folded_things_open_by_keyboard(page: Page, address: str) -> None:
    page.goto(f"{address}/04-online-network.html", wait_until="load")
    for folded in ("details.sd-dropdown", "details.admonition"):
        details = page.locator(f"{folded}:not([open])").first
        handle = details.element_handle()
        details.locator("summary").focus()
        page.keyboard.press("Enter")
        page.wait_for_function("details => details.open", arg=handle)
    solution = page.locator("div.solution.toggle-hidden").first
    handle = solution.element_handle()
    solution.locator("button.toggle-button").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("box => !box.classList.contains('toggle-hidden')", arg=handle)


@pytest.mark.parametrize(
    "button", ["button.primary-toggle", ".dropdown-download-buttons button", "button.toggle-button"]
)
def test_button_shows_that_it_has_the_focus(button: str, page: Page, address: str) -> None:
    page.goto(f"{address}/04-online-network.html", wait_until="load")
    page.keyboard.press("Tab")  # from now on it is the keyboard that moves the focus
    page.locator(button).first.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_page_in_the_dark_is_printed_light_and_whole(page: Page, address: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{address}/02-q-learning.html", wait_until="load")
    theme = "document.documentElement.dataset.theme"
    page.evaluate(f"addEventListener('beforeprint', () => {{ window.printed = {theme}; }})")
    page.pdf()
    assert page.evaluate(f"[window.printed, {theme}]") == ["light", "dark"]
    page.emulate_media(media="print")
    cut = page.evaluate(
        "[...document.querySelectorAll('main pre')].filter("
        "code => code.offsetParent && code.scrollWidth > code.clientWidth + 1).length"
    )
    assert cut == 0


def test_notebook_is_downloaded(page: Page, address: str) -> None:
    page.goto(f"{address}/05-experience-replay.html", wait_until="load")
    page.locator("button[aria-label='Download this page']").click()
    link = page.locator("a.btn-download-notebook-button")
    expect(link).to_be_visible()
    link.evaluate("link => link.removeAttribute('target')")  # else it is another page's download
    with page.expect_download() as download:
        link.click()
    notebook = json.loads(download.value.path().read_text("utf8"))
    assert notebook["nbformat"] == 4
    assert any("YOUR CODE HERE" in "".join(cell["source"]) for cell in notebook["cells"])


@pytest.mark.parametrize("name", CHAPTERS[:1])
def test_preview_and_footer(name: str, page: Page, address: str) -> None:
    page.goto(f"{address}/{name}.html")

    def meta(key: str) -> str:
        return page.locator(f"meta[{key}]").first.get_attribute("content") or ""

    assert meta("property='og:title'") in page.title()
    assert len(meta("property='og:description'")) > 40
    assert meta("name='description'") == meta("property='og:description'")
    footer = page.locator(".made-from").inner_text()
    for word in ("Built", "UTC", "Python 3.", "PyTorch", "NumPy", "Gymnasium", "code ran in"):
        assert word in footer
    assert page.locator("link[rel='icon']").count() == 1
