"""A stranger's code held to a time: it runs in a thread of its own, left behind if it never returns."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_LOOK_S = 0.1


class TooLong(Exception):
    """The work had not returned in its time, and goes on or hangs somewhere."""


def within(limit_s: float, work: Callable[[], T], check: Callable[[], object] = lambda: None) -> T:
    """Return what the work returns, or raise what it raises; TooLong after `limit_s`.

    `check` is called meanwhile and may raise, so that Ctrl-C need not wait for a stranger.
    """
    done: list[T] = []
    broke: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001 - it is raised again, where somebody waits for it
            broke.append(error)

    thread = threading.Thread(target=run, name="bounded", daemon=True)
    thread.start()
    deadline_s = time.monotonic() + limit_s
    while thread.is_alive() and time.monotonic() < deadline_s:
        thread.join(min(_LOOK_S, limit_s))
        check()
    if broke:
        raise broke[0]
    if not done:
        raise TooLong
    return done[0]
