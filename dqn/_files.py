"""Writing a file so that a reader sees the old one or the new one, never a part of it."""

import os
import uuid
from pathlib import Path

__all__ = ["write_atomically"]


def write_atomically(path: str | os.PathLike[str], content: bytes) -> None:
    """Write ``content`` to ``path``, or leave what was there as it was.

    The bytes go to a file beside it, are forced onto the disk, and then take its name in one step.

    Raises:
        OSError: If the folder is missing, full or not writable.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder) / "note", b"kept")
    ...     [file.name for file in Path(folder).iterdir()]
    ['note']
    """
    target = Path(path)
    partial = target.with_name(f".{target.name}.{uuid.uuid4().hex}.partial")
    try:
        with partial.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
