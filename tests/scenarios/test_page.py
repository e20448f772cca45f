"""What an adapter reads of a page: JSON by paths, forms as they stand, patterns."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.page import Page
from scenarios.reply import Reply

BODY = {"data": {"order": {"lines": [{"sku": "a"}, {"sku": "b"}], "total": 0, "note": None}}}

FORM = """<form action="/next">
  <input type="hidden" name="csrfmiddlewaretoken" value="t&amp;k">
  <input type=text name=email>
  <input name='quantity' value='1' />
  <INPUT TYPE="HIDDEN" NAME="Big" VALUE="x">
  <input type="checkbox" name="news" value="yes">
  <input type="checkbox" name="terms" checked>
  <input type="radio" name="way" value="slow"><input type="radio" name="way" value="fast" checked>
  <input type="submit" name="go" value="Buy"><input value="nameless">
</form>"""


def page(body: object, status: int = 200) -> Page:
    """Return a page with this body: bytes or text as they are, anything else as JSON."""
    content = body.encode() if isinstance(body, str) else body
    encoded = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return Page(Reply(sent_ns=1, done_ns=2, status=status, body=encoded), "http://shop/x")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("data.order.lines.1.sku", "b", id="keys and positions"),
        pytest.param("data.order.lines.2.sku", "else", id="past the end of a list"),
        pytest.param("data.order.lines.-1.sku", "else", id="no counting from the end"),
        pytest.param("data.order.lines.sku", "else", id="a key where a list is"),
        pytest.param("data.order.lines.0.sku.0", "else", id="a way into a text"),
        pytest.param("data.order.total", 0, id="nothing is a value"),
        pytest.param("data.order.note", "else", id="null is none"),
        pytest.param("", BODY, id="no path: the whole"),
    ],
)
def test_a_path_leads_to_a_value_or_to_what_is_said_instead(path: str, expected: Any) -> None:
    """Whatever shape the shop sends, nothing is raised."""
    assert expected == page(BODY).at(path, "else")


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a":', b"\xff\xfe", b"[1]"])
def test_what_is_no_object_leads_nowhere(body: bytes) -> None:
    """An empty, broken or foreign body is no error of the adapter's."""
    assert page(body).at("a.b") is None


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda each: st.lists(each) | st.dictionaries(st.text(), each)
    )
)
def test_any_json_can_be_asked_for_any_path(value: Any) -> None:
    """A shop may answer anything."""
    asked = page(value)

    assert asked.at("a.0.b", "else") is not None


def test_a_form_is_sent_as_it_stands() -> None:
    """Hidden fields and defaults, ticked boxes only, no buttons; entities are undone."""
    expected = {
        "csrfmiddlewaretoken": "t&k",
        "email": "",
        "quantity": "1",
        "Big": "x",
        "terms": "on",
        "way": "fast",
    }

    assert expected == page(FORM).fields()


def test_one_field_is_the_first_of_its_name() -> None:
    """A page may repeat its token in every form."""
    twice = '<input name="t" value="1"><input name="t" value="2">'

    assert (page(twice).field("t"), page(twice).field("none")) == ("1", "")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"Order (\d+)", "17"),
        (r"Order \d+", "Order 17"),
        (r"Invoice (\d+)", ""),
        (r"by (.*?)<", "Tom & Jerry"),
    ],
)
def test_a_pattern_finds_its_first_group(pattern: str, expected: str) -> None:
    """Without a group the whole match; without a match nothing."""
    assert expected == page("<p>Order 17 by Tom &amp; Jerry</p>").find(pattern)


def test_html_is_told_by_its_first_letter() -> None:
    """Shops send error pages under any type."""
    assert page("  <!doctype html>").is_html
    assert not page({}).is_html
