"""Settings for every test."""

import os

import pytest

# Two test processes share two cores: one thread each, set before NumPy and PyTorch are imported.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("DQN_PROGRESS", "off")


# Tests of a file share fixtures that take time to make. Only these are long enough to go alone.
_ALONE = "test_each_chapter_runs_in_colab"


def pytest_configure(config: pytest.Config) -> None:
    """Know the mark below where pytest-xdist, whose it is, has been left out."""
    config.addinivalue_line("markers", "xdist_group(name): one process runs all of a group.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each process whole files, and refuse names of tests on which two could not agree."""
    for item in items:
        if not item.name.startswith(_ALONE):
            item.add_marker(pytest.mark.xdist_group(item.path.name))
    changing = [item.nodeid for item in items if " at 0x" in item.nodeid]
    if changing:
        raise pytest.UsageError(f"give these tests ids without an address: {changing}")
