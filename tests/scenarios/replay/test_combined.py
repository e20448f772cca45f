import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.replay import combined

HEAD = '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET /a?b=1 HTTP/1.1" 200 17'
AGENT = '"http://x/" "Mozilla/5.0"'

#: Text as it may stand between quotes: Apache escapes a quote and a backslash.
QUOTED = st.text(
    st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters='"\\'), max_size=20
)
TOKENS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='"\\[]'), min_size=1, max_size=20
)


def parts(line: str) -> dict[str, str | None]:
    """Return what is read of one line, without what is missing."""
    return {name: value for name, value in combined.extract([line]).row(0, named=True).items() if value}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(f"{HEAD} {AGENT}", {"agent": "Mozilla/5.0", "target": "/a?b=1"}, id="combined"),
        pytest.param(HEAD, {"method": "GET", "status": "200"}, id="common"),
        pytest.param(f"{HEAD}\r", {"method": "GET"}, id="a line end of Windows"),
        pytest.param(f"{HEAD} {AGENT} 0.003 -", {"agent": "Mozilla/5.0"}, id="fields of one's own behind"),
        pytest.param(f"{HEAD} 0.003", {"method": "GET"}, id="common with a field behind"),
        pytest.param(f"shop.example:443 {HEAD}", {"client": "1.2.3.4"}, id="a virtual host in front"),
        pytest.param(HEAD.replace("- - [", "- ann lee ["), {"session": "ann lee"}, id="a user of two words"),
        pytest.param(HEAD.replace("1.2.3.4", "2001:db8::1"), {"client": "2001:db8::1"}, id="IPv6"),
        pytest.param(HEAD.replace(" HTTP/1.1", ""), {"target": "/a?b=1"}, id="no protocol: HTTP/0.9"),
        pytest.param(HEAD.replace("HTTP/1.1", "HTTP/3.0"), {"target": "/a?b=1"}, id="HTTP/3"),
        pytest.param(HEAD.replace("GET", "PROPFIND"), {"method": "PROPFIND"}, id="an odd method"),
        pytest.param(HEAD.replace("/a?b=1", "/a b"), {"target": "/a b"}, id="a blank in the path"),
        pytest.param(HEAD.replace(" 17", " -"), {"status": "200"}, id="no size"),
        pytest.param(f'{HEAD} "-" "say \\"hi\\" \\\\"', {"agent": 'say \\"hi\\" \\\\'}, id="escaped quotes"),
    ],
)
def test_lines_that_are_requests(line: str, expected: dict[str, str]) -> None:
    """Each variant of the format gives its parts."""
    found = parts(line)

    assert "reason" not in found
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("", "blank line", id="nothing"),
        pytest.param("   ", "blank line", id="blanks"),
        pytest.param("hello world", combined.NOT_A_LINE, id="prose"),
        pytest.param("\x00\x01\ufffd", combined.NOT_A_LINE, id="binary junk"),
        pytest.param(HEAD[:40], combined.NOT_A_LINE, id="cut in the time"),
        pytest.param(f'{HEAD} "http://x/" "Mozi', combined.NOT_A_LINE, id="cut in the agent"),
        pytest.param(f'{HEAD} "http://', combined.NOT_A_LINE, id="cut in the referrer"),
        pytest.param(HEAD.replace('"GET', "GET"), combined.NOT_A_LINE, id="a quote missing"),
    ],
)
def test_lines_that_are_none(line: str, reason: str) -> None:
    """Each says why."""
    assert parts(line)["reason"] == reason
    assert not combined.fits(line)


@given(TOKENS, TOKENS, QUOTED, QUOTED)
def test_what_was_logged_is_read(client: str, path: str, referer: str, agent: str) -> None:
    """Record to line to record: address, path and agent come back as they were."""
    line = f'{client} - - [17/May/2015:10:05:03 +0000] "GET /{path} HTTP/1.1" 404 0 "{referer}" "{agent}"'
    found = combined.extract([line]).row(0, named=True)

    assert (found["client"], found["target"], found["agent"]) == (client, f"/{path}", agent)
    assert (found["time"], found["status"], found["reason"]) == ("17/May/2015:10:05:03 +0000", "404", None)
