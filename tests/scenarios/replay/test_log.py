import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from rehearsal.model.errors import RehearsalError
from scenarios.replay import log
from scenarios.replay.log import Wanted

LINE = '1.2.3.4 - - [17/May/2015:10:05:{:02d} +0000] "GET /a HTTP/1.1" 200 17 "-" "Mozilla"'
COMMON = '1.2.3.4 - - [17/May/2015:10:05:{:02d} +0000] "GET /a HTTP/1.1" 200 17'


def archive() -> str:
    """Return an archive with one good and one empty entry."""
    entry = {"startedDateTime": "2015-05-17T10:05:03.250Z", "request": {"method": "GET", "url": "http://s/a"}}
    return json.dumps({"log": {"entries": [entry, {}]}})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(LINE.format(1), "combined", id="combined"),
        pytest.param(COMMON.format(1), "combined", id="common is combined without its end"),
        pytest.param('{"time": 1431857103, "path": "/a"}', "json", id="JSON lines"),
        pytest.param(archive(), "har", id="HAR"),
        pytest.param("# comment\n\n" + LINE.format(1), "combined", id="behind a bad start"),
    ],
)
def test_the_format_is_found_out(logs: Any, content: str, expected: str) -> None:
    """By what most of the first lines are."""
    found = log.read([logs.write([content])], Wanted())

    assert found.facts.formats == (expected,)
    assert found.requests["target"].to_list() == ["/a"]


@pytest.mark.parametrize(
    ("content", "form", "says"),
    [
        pytest.param("hello\nworld", "", "is in no format known here", id="prose"),
        pytest.param("hello\nworld", "combined", "of 2 lines, 2 not in the common", id="prose, and told so"),
        pytest.param(LINE.format(1), "clf", "'clf' is no format", id="an unknown format"),
        pytest.param(LINE.format(1), "har", "is no HTTP archive", id="the wrong format"),
        pytest.param('{"a": 1}', "", "looks like time", id="JSON of something else"),
        pytest.param(LINE.format(1).replace("/a", "/a.png"), "", "1 static files", id="files only"),
    ],
)
def test_what_is_no_log_is_one_sentence(logs: Any, content: str, form: str, says: str) -> None:
    """It says what was found instead."""
    with pytest.raises(RehearsalError, match=says):
        log.read([logs.write(content.split("\n"))], Wanted(format=form))


def test_every_line_is_kept_left_out_or_rejected(logs: Any) -> None:
    """The counts add up to the lines, whatever is among them."""
    lines = [
        LINE.format(3),
        LINE.format(1),
        "",
        "junk",
        LINE.format(2).replace("/a", "/style.css"),
        LINE.format(2).replace("Mozilla", "Googlebot"),
        LINE.format(2).replace("17/May", "42/May"),
        LINE.format(2).replace("GET /a HTTP/1.1", "-"),
        LINE.format(2).replace(" +0000", ""),
        LINE.format(4)[:50],
    ]
    found = log.read([logs.write(lines, end="")], Wanted())
    facts = found.facts

    assert facts.lines == 10 == facts.kept + sum(facts.left_out.values()) + sum(facts.rejected.values())
    assert facts.left_out == {"robots": 1, "static files": 1}
    assert facts.rejected == {
        "blank line": 1,
        "not in the common or combined log format": 1,
        "no time that exists": 1,
        "no request in it": 1,
        "cut at the end of the file": 1,
    }
    assert (facts.out_of_order, facts.zoneless) == (2, 1)
    assert found.requests["at_ns"].is_sorted()
    assert [rejected.line for rejected in found.rejects.first] == [3, 4, 7, 8, 10]


def test_files_and_robots_stay_if_wanted(logs: Any) -> None:
    """The filter is an option."""
    lines = [LINE.format(1).replace("/a", "/a.png"), LINE.format(2).replace("Mozilla", "curl/8")]

    assert log.read([logs.write(lines)], Wanted(static=True, bots=True)).facts.kept == 2


def test_rotated_logs_are_one_log(logs: Any, tmp_path: Path) -> None:
    """Plain and gzip, in any order: the requests come out in time order."""
    new = logs.write([LINE.format(3)])
    old = tmp_path / "access.log.1.gz"
    old.write_bytes(gzip.compress(LINE.format(1).encode() + b"\n"))
    found = log.read([new, old], Wanted())

    assert (found.facts.lines, found.facts.out_of_order) == (2, 1)
    assert found.requests["at_ns"].diff().to_list() == [None, 2_000_000_000]


def test_entries_of_an_archive_are_counted_like_lines(logs: Any) -> None:
    """A rejected one is named by its number."""
    found = log.read([logs.write([archive()])], Wanted())

    assert (found.facts.lines, found.facts.kept) == (2, 1)
    assert [(item.line, item.text) for item in found.rejects.first] == [(2, "entry 2")]


def test_progress_is_told(logs: Any) -> None:
    """The number of lines read so far."""
    heard: list[int] = []
    log.read([logs.write([LINE.format(1)] * 5)], Wanted(), heard.append)

    assert heard == [5]


def test_more_than_fits_is_refused(logs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than to end without memory."""
    monkeypatch.setattr(log, "MOST_REQUESTS", 3)

    with pytest.raises(RehearsalError, match="over 3 requests"):
        log.read([logs.write([LINE.format(1)] * 5)], Wanted())


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param([0, 60, 120], 60_000_000_000, id="whole minutes"),
        pytest.param([0, 61], 1_000_000_000, id="whole seconds"),
        pytest.param([0, 0.25, 0.5], 10_000_000, id="hundredths"),
        pytest.param([0, 0.001], 1_000_000, id="milliseconds"),
        pytest.param([0, 0.000000001], 1, id="nanoseconds"),
        pytest.param([*range(2000), 0.5], 1_000_000_000, id="one odd time among thousands"),
    ],
)
def test_the_step_of_the_clock(times: list[float], expected: int) -> None:
    """The coarsest that nearly all times fit."""
    at_ns = pl.Series([round(at_s * 1e9) for at_s in times], dtype=pl.Int64)

    assert log.resolution_ns(at_ns) == expected


def test_a_known_log_is_read_whole_in_two_formats(
    logs: Any, shop: Any, as_combined: Callable[[Any], str], as_json: Callable[[Any], str]
) -> None:
    """Every request of the known shop comes back, in seconds from nginx and in milliseconds from JSON."""
    hits = shop.hits()[:500]
    for write, resolution_ns in ((as_combined, 1_000_000_000), (as_json, 1_000_000)):
        found = log.read([logs.write([write(hit) for hit in hits])], Wanted())

        assert found.facts.kept == len(hits)
        assert found.facts.resolution_ns == resolution_ns
        assert sorted(found.requests["target"].cast(pl.String)) == sorted(hit.path for hit in hits)
        assert found.requests["visitor"].n_unique() == len({hit.visitor for hit in hits})
