"""Settings for every test."""

import os

import pytest

# Two test processes share two cores: one thread each, set before NumPy and PyTorch are imported.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("DQN_PROGRESS", "off")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse test names with an address in them: two processes would not agree on them."""
    changing = [item.nodeid for item in items if " at 0x" in item.nodeid]
    if changing:
        raise pytest.UsageError(f"give these tests ids without an address: {changing}")
