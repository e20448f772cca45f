import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.errors import RehearsalError
from scenarios.replay import json_lines

NGINX = {"msec": "1.5", "remote_addr": "1.2.3.4", "request": "GET /a HTTP/1.1", "status": "200"}
CADDY = {"ts": 1.5, "request": {"remote_ip": "1.2.3.4", "method": "GET", "uri": "/a"}, "status": 200}
LOGSTASH = {
    "@timestamp": "2015-05-17T10:05:03Z",
    "clientip": "1.2.3.4",
    "verb": "GET",
    "path": "/a",
    "response": 200,
}
OWN = {"time": "t", "user-agent": "x", "User_ID": 7, "url": "http://h/a", "method": "POST"}
ECS = {
    "@timestamp": "t",
    "http": {"request": {"method": "GET"}},
    "url": {"path": "/a"},
    "user_agent": {"original": "x"},
}


def read(record: dict[str, Any], **told: str) -> dict[str, str]:
    """Return what is read of one record, without what is missing."""
    names = json_lines.guess([record], told)
    row = json_lines.extract([json.dumps(record)], names).row(0, named=True)
    return {name: value for name, value in row.items() if value is not None}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(
            NGINX,
            {"time": "1.5", "client": "1.2.3.4", "method": "GET", "target": "/a", "status": "200"},
            id="nginx",
        ),
        pytest.param(
            CADDY,
            {"time": "1.5", "client": "1.2.3.4", "method": "GET", "target": "/a", "status": "200"},
            id="Caddy: nested",
        ),
        pytest.param(
            LOGSTASH, {"client": "1.2.3.4", "method": "GET", "target": "/a", "status": "200"}, id="Logstash"
        ),
        pytest.param(
            OWN,
            {"agent": "x", "session": "7", "target": "http://h/a", "method": "POST"},
            id="dashes, capitals, numbers",
        ),
        pytest.param(ECS, {"time": "t", "method": "GET", "target": "/a"}, id="Elastic common schema"),
        pytest.param(
            {"time": "t", "path": "/a"},
            {"time": "t", "target": "/a", "method": "GET"},
            id="a bare path is a GET",
        ),
    ],
)
def test_fields_are_guessed_by_their_names(record: dict[str, Any], expected: dict[str, str]) -> None:
    """The usual names of several makers are known, nested ones too."""
    found = read(record)

    assert {name: found.get(name) for name in expected} == expected


def test_a_field_told_wins_over_a_guess() -> None:
    """A name with dots is a path of keys unless a key has that very name."""
    record = {"time": "no", "a.b": "flat", "when": {"at": "yes"}, "path": "/a"}

    assert read(record, time="when.at")["time"] == "yes"
    assert read(record, time="a.b")["time"] == "flat"


@pytest.mark.parametrize(
    ("record", "told", "says"),
    [
        pytest.param({"path": "/a"}, {}, "looks like time", id="no time"),
        pytest.param({"time": 1}, {}, "looks like method and target; the fields are time", id="no request"),
        pytest.param({}, {}, "the fields are none", id="nothing at all"),
        pytest.param({"time": 1, "path": "/"}, {"clock": "time"}, "'clock' is no role", id="an unknown role"),
    ],
)
def test_what_cannot_be_guessed_is_asked_for(record: dict[str, Any], told: dict[str, str], says: str) -> None:
    """One sentence names what was looked for and what there is."""
    with pytest.raises(RehearsalError, match=says):
        json_lines.guess([record], told)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("", "blank line", id="nothing"),
        pytest.param("{", json_lines.NOT_JSON, id="cut"),
        pytest.param("[1]", json_lines.NOT_JSON, id="a list"),
        pytest.param('{"time": 1},{"time": 2}', json_lines.NOT_JSON, id="two in a line"),
        pytest.param("[" * 5000, json_lines.NOT_JSON, id="too deep"),
        pytest.param("\ufffd\x00", json_lines.NOT_JSON, id="binary junk"),
        pytest.param("\ud800", json_lines.NOT_JSON, id="half a surrogate"),
    ],
)
def test_a_bad_line_is_rejected_alone(line: str, reason: str) -> None:
    """The lines around it are read."""
    good = json.dumps({"time": "t", "path": "/a"})
    names = json_lines.guess([{"time": "t", "path": "/a"}], {})
    found = json_lines.extract([good, line, good], names)

    assert found["reason"].to_list() == [None, reason, None]
    assert found["target"].to_list() == ["/a", None, "/a"]


def test_values_that_are_no_text_are_left_out() -> None:
    """A list or an object is no time and no path; a missing branch is none either."""
    names = json_lines.guess([{"time": 1, "request": {"path": "/a"}}], {})
    lines = ['{"time": [1], "request": {"path": {"x": 1}}}', '{"time": null, "request": "gone"}']

    assert json_lines.extract(lines, names)["time"].to_list() == [None, None]
    assert json_lines.extract(lines, names)["target"].to_list() == [None, None]


@given(st.text(max_size=30), st.text(min_size=1, max_size=30), st.integers(100, 599))
def test_what_was_logged_is_read(session: str, path: str, status: int) -> None:
    """Record to line to record: texts of any letters come back as they were."""
    found = read({"time": "t", "session": session, "path": path, "status": status})

    assert (found["session"], found["target"], found["status"]) == (session, path, str(status))
