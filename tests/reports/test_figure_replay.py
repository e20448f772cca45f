import xml.etree.ElementTree as ET
from html import escape

import msgspec
import pytest

from reports.figure_replay import ReplayFigure, describe_replay, draw_replay

SHOWN = ReplayFigure(
    what="8 × the sessions",
    step_s=60.0,
    log_per_s=[1.0, 2.0, 1.5],
    replay_per_s=[8.0, 16.0, 12.0],
    normal_per_s=1.5,
    mix=[("GET /", 0.7, 0.7), ("GET /" + "very/" * 20 + "long", 0.3, 0.3)],
    log_think=[(0.5, 0.0), (3.0, 0.5), (60.0, 1.0)],
    replay_think=[(0.5, 0.0), (3.0, 0.5), (60.0, 1.0)],
)


def test_the_picture_stands_alone() -> None:
    """Well-formed SVG with its own colours for light and dark, every one of them defined."""
    svg = draw_replay(SHOWN)
    ET.fromstring(svg)  # noqa: S314 - our own text

    assert "prefers-color-scheme:dark" in svg
    assert "#0101" not in svg
    assert all(svg.count(f"{name}:#") == 2 for name in ("--paper", "--ink", "--muted", "--rule", "--blue"))


@pytest.mark.parametrize(
    "words",
    [
        "Sessions begun a second",
        "replay, 8 × the sessions",
        "normal volume 1.5",
        "GET /",
        "70.0 %",
        "Think times",
    ],
)
def test_what_is_shown_is_named(words: str) -> None:
    """Text stays text."""
    assert words in draw_replay(SHOWN)


def test_a_long_path_is_cut_in_its_middle() -> None:
    """Both ends tell it from others."""
    assert "GET /very/very/very/…ry/very/very/very/long" in draw_replay(SHOWN)


def test_equal_values_give_equal_bytes() -> None:
    """And others give others."""
    other = msgspec.structs.replace(SHOWN, normal_per_s=1.6)

    assert draw_replay(SHOWN) == draw_replay(SHOWN) != draw_replay(other)


def test_the_picture_says_in_words_what_it_shows() -> None:
    """For those who do not see it."""
    sentence = describe_replay(SHOWN)

    assert escape(sentence) in draw_replay(SHOWN)
    assert (
        "at up to 2 a second, the replay's (8 × the sessions) at up to 16; normal volume is 1.5" in sentence
    )


def test_an_empty_log_of_thinks_is_drawn() -> None:
    """Sessions of one step have no think times."""
    zero = [(0.0, 0.0), (0.0, 1.0)]

    assert draw_replay(msgspec.structs.replace(SHOWN, log_think=zero, replay_think=zero)).startswith("<svg")
