"""The real book, built once by all tests through `make book`'s cache, and a browser."""

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from .tiny import JUPYTER_BOOK, ROOT

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        pytest.fail(
            "Chromium is needed to look at the pages: apt-get install chromium", pytrace=False
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return the folder of the built site."""
    scratch = tmp_path_factory.getbasetemp()
    if worker_id != "master":  # one of several processes, which share the folder above
        scratch = scratch.parent
    outcome = scratch / "build-of-the-book.txt"
    with (scratch / "build-of-the-book.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not outcome.exists():
            build = subprocess.run(
                [JUPYTER_BOOK, "build", "book"],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            outcome.write_text("" if build.returncode == 0 else build.stdout)
    if fault := outcome.read_text():
        _, said, reasons = fault.rpartition("The book was not built")
        pytest.fail((said + reasons)[:5000] or fault[-5000:], pytrace=False)
    return ROOT / "book" / "_build" / "html"
