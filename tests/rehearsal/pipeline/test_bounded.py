"""A stranger's code may return, raise, or never come back."""

import threading

import pytest

from rehearsal.pipeline.bounded import TooLong, within


def test_what_it_returns_is_returned() -> None:
    """Also nothing."""
    assert within(60.0, lambda: 7) == 7
    assert within(60.0, lambda: None) is None


@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(0), KeyboardInterrupt()])
def test_what_it_raises_is_raised(error: BaseException) -> None:
    """Where somebody waits for it."""

    def broken() -> None:
        raise error

    with pytest.raises(type(error)):
        within(60.0, broken)


def test_what_never_returns_is_left_behind() -> None:
    """After its time, and not after it ends."""
    never = threading.Event()

    with pytest.raises(TooLong):
        within(0.01, never.wait)

    never.set()


def test_ctrl_c_does_not_wait_for_it() -> None:
    """The check raises, and its time does not matter."""
    never = threading.Event()

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        within(3600.0, never.wait, stop)

    never.set()
