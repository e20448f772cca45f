"""Whoever wrote an adapter learns which of her lines broke."""

import json
from collections.abc import Callable

import pytest

from rehearsal.model.secrets import NO_SECRETS
from scenarios import blame
from scenarios.money import cents


def caught(work: Callable[[], object]) -> Exception:
    """Return what the work raises."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError("it raised nothing")


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(lambda: 1 // 0, id="in her own line"),
        pytest.param(lambda: cents("free"), id="in our code that she called"),
        pytest.param(lambda: NO_SECRETS["x"], id="in the harness's"),
        pytest.param(lambda: json.loads("{"), id="in a library"),
    ],
)
def test_the_last_line_of_hers_is_named(work: Callable[[], object]) -> None:
    """What she called is not."""
    frame = blame.frame_of(caught(work))

    assert frame is not None
    assert (frame.filename, frame.name) == (__file__, "<lambda>")


def test_an_error_without_a_way_through_her_code_names_nothing() -> None:
    """It was raised nowhere."""
    assert blame.frame_of(ValueError("x")) is None


def test_an_installed_adapter_is_known_by_its_file() -> None:
    """Though it lies among the libraries."""
    frame = blame.frame_of(caught(lambda: json.loads("{")), json.decoder.__file__)

    assert frame is not None
    assert frame.filename == json.decoder.__file__
