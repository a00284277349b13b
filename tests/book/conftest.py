"""The real book, built once for all tests, through the cache that `make book` uses."""

import fcntl
import subprocess
from pathlib import Path

import pytest

from .tiny import JUPYTER_BOOK, ROOT


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
