import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.errors import RehearsalError
from scenarios.replay import har


def archive(*entries: dict[str, Any]) -> bytes:
    """Return an archive of entries."""
    return json.dumps({"log": {"version": "1.2", "creator": {}, "entries": entries}}).encode()


ENTRY = {
    "startedDateTime": "2015-05-17T10:05:03.250Z",
    "request": {
        "method": "GET",
        "url": "https://shop/a?b",
        "headers": [{"name": "User-Agent", "value": "x"}],
    },
    "response": {"status": 200},
}


def test_an_entry_is_a_request_of_this_browser() -> None:
    """One file is one visitor; the browser's marks before the text do not matter."""
    row = har.extract(b"\xef\xbb\xbf" + archive(ENTRY), "a.har").row(0, named=True)

    assert (row["time"], row["session"]) == ("2015-05-17T10:05:03.250Z", "a.har")
    assert (row["agent"], row["method"]) == ("x", "GET")
    assert (row["target"], row["status"], row["reason"]) == ("https://shop/a?b", "200", None)


def test_an_entry_without_parts_is_no_request_but_read() -> None:
    """What it lacks is null, and is rejected later with its reason."""
    found = har.extract(archive({}, ENTRY), "a.har")

    assert found["time"].to_list() == [None, "2015-05-17T10:05:03.250Z"]
    assert har.extract(archive(), "a.har").height == 0


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{}", id="no log"),
        pytest.param(archive(ENTRY)[:-5], id="cut"),
        pytest.param(b'{"log": {"entries": 5}}', id="entries that are none"),
        pytest.param(b'{"log": {"entries": ["\xff"]}}', id="no UTF-8"),
    ],
)
def test_what_is_no_archive_is_one_sentence(content: bytes) -> None:
    """Whatever is wrong with it."""
    with pytest.raises(RehearsalError, match=r"a\.har is no HTTP archive"):
        har.extract(content, "a.har")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('{"log": {', True),
        ('\ufeff {\n  "log"', True),
        ('{"time": 1}', False),
        ('"log"', False),
        ("1.2.3.4 - -", False),
    ],
)
def test_an_archive_is_known_by_its_first_key(head: str, expected: bool) -> None:
    """JSON lines begin with a brace too, but not with the key log."""
    assert har.fits(head) == expected


@given(st.text(min_size=1, max_size=30), st.sampled_from(["GET", "POST", "BREW"]), st.integers(100, 599))
def test_what_was_saved_is_read(url: str, method: str, status: int) -> None:
    """Record to archive to record."""
    entry = {
        "startedDateTime": "t",
        "request": {"method": method, "url": url},
        "response": {"status": status},
    }
    row = har.extract(archive(entry), "a.har").row(0, named=True)

    assert (row["target"], row["method"], row["status"]) == (url, method, str(status))
