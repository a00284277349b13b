"""Settings for every test."""

import os

# Two test processes share two cores: one thread each, set before NumPy and PyTorch are imported.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("DQN_PROGRESS", "off")
