"""An environment like Colab's: what it ships is there, our package is not.

What Colab ships is taken from this environment by links, all else of it is out of reach; pip may
not ask an index, so that nothing can be installed or replaced but the package itself.
"""

import json
import os
import subprocess
import sys
import venv
from contextlib import suppress
from importlib.metadata import distribution
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from packaging.requirements import Requirement

SHIPPED = {
    "gymnasium": "1.3.0",
    "imageio-ffmpeg": "0.6.0",
    "ipykernel": "6.17.1",
    "joblib": "1.5.3",
    "matplotlib": "3.10.0",
    "moviepy": "1.0.3",
    "numba": "0.61.2",
    "numpy": "2.1.3",
    "pip": "24.1.2",
    "pygame": "2.6.1",
    "safetensors": "0.8.0",
    "setuptools": "75.2.0",
    "torch": "2.11.0",
    "tqdm": "4.67.3",
}
"""What Colab shipped on 19 August 2026 of what we use (googlecolab/backend-info)."""


REPLACED = {"pygame": "pygame-ce"}
"""What newer releases need in the place of something that Colab ships."""


class Colab:
    """A virtual environment with what Colab ships, and a kernel in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        home = folder / "environment"
        venv.EnvBuilder(with_pip=False, symlinks=True).create(home)
        self.python = home / "bin" / "python"
        self.packages = next((home / "lib").glob("python*/site-packages"))
        shipped = folder / "shipped"
        shipped.mkdir()
        for path in _files_of(SHIPPED):
            (shipped / path.name).symlink_to(path)
        # named in a .pth file, it lies outside of what pip may change
        (self.packages / "shipped.pth").write_text(f"{shipped}\n")
        stand_in = self.packages / "google" / "colab"
        stand_in.mkdir(parents=True)
        (stand_in / "__init__.py").write_text('"""Stands in for Colab\'s own module."""\n')
        kernel = folder / "kernels" / "colab" / "kernel.json"
        kernel.parent.mkdir(parents=True)
        environment = {
            "COLAB_RELEASE_TAG": "release-colab",
            "OMP_NUM_THREADS": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_BUILD_ISOLATION": "0",  # so spelt in the environment: build with what is here,
            "PIP_NO_INDEX": "1",
            "PYTHONPATH": "",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "SDL_VIDEODRIVER": "dummy",
        }
        argv = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        argv += ["--log-level=ERROR"]
        kernel.write_text(
            json.dumps({"argv": argv, "display_name": "Colab", "env": environment}), "utf-8"
        )

    def installed(self) -> list[str]:
        """Names of the distributions that were installed here."""
        return sorted(path.name.split("-")[0] for path in self.packages.glob("*.dist-info"))

    def run(self, notebook: NotebookNode, timeout: int = 300) -> tuple[int, str] | None:
        """Run all cells, in a process of its own.

        Returns:
            None, or the index of the cell that failed and its error.
        """
        path = self.folder / "notebook.ipynb"
        nbformat.write(notebook, path)
        result = subprocess.run(
            [sys.executable, __file__, path, str(timeout)],
            cwd=self.folder,
            env=os.environ | {"JUPYTER_PATH": str(self.folder)},
            check=False,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        notebook.cells = read(path).cells
        for index, cell in enumerate(notebook.cells):
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    return index, f"{output.ename}: {output.evalue}"
        return None


def _files_of(names: dict[str, str]) -> set[Path]:
    """Top-level entries in site-packages of distributions and of all that they need."""
    waiting, seen, found = list(names), set(), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        shipped = distribution(REPLACED.get(name, name))
        for text in shipped.requires or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
        for file in shipped.files or []:
            if file.parts[0] not in ("..", "__pycache__"):
                found.add(Path(str(shipped.locate_file(file.parts[0]))))
    return found


def read(path: Path) -> NotebookNode:
    """A notebook from a file."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def _run(path: Path, timeout: int) -> None:
    notebook = read(path)
    with suppress(CellExecutionError):  # it is in the notebook
        NotebookClient(notebook, kernel_name="colab", timeout=timeout).execute()
    nbformat.write(notebook, path)


if __name__ == "__main__":
    _run(Path(sys.argv[1]), int(sys.argv[2]))
