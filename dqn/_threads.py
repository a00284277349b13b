"""Giving up on a function that does not come back."""

import ctypes
import threading

__all__ = ["end_thread"]


def end_thread(worker: threading.Thread) -> None:
    """End a thread that does not end by itself, by raising ``SystemExit`` where it is.

    A thread that swallows this several times, or that waits outside of Python, is left behind.

    >>> def turn_in_circles():
    ...     try:
    ...         while True:
    ...             pass
    ...     except SystemExit:
    ...         print("ended")
    >>> worker = threading.Thread(target=turn_in_circles, daemon=True)
    >>> worker.start()
    >>> end_thread(worker)
    ended
    >>> worker.is_alive()
    False
    """
    for _ in range(4):  # an `except:` in its loop may swallow some
        if not worker.is_alive():
            break
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(worker.ident or 0), ctypes.py_object(SystemExit)
        )
        worker.join(0.5)
