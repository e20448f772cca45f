import sys
from pathlib import Path

import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import Outcome
from scenarios.mock_storefront import MockStorefront
from scenarios.reply import Reply
from scenarios.storefront import Answer, Endpoints, Storefront, answer_of, load_adapter


def test_an_adapter_lies_in_the_folder_a_person_works_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`rehearse` is a script, whose own folder leads sys.path: the current one must be looked at too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "shop_of_mine.py").write_text(
        "from scenarios.storefront import Storefront\nclass Mine(Storefront): pass\n"
    )

    assert load_adapter("shop_of_mine:Mine").__name__ == "Mine"
    assert load_adapter("shop_of_mine:Mine").__module__ == "shop_of_mine"
    assert sys.path[-1] == str(tmp_path)


def test_an_adapter_that_breaks_when_it_is_imported_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Importing an adapter runs a stranger's code; whatever that raises is one sentence."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "shop_that_breaks.py").write_text("1 / 0\n")

    with pytest.raises(RehearsalError, match="shop_that_breaks:Mine cannot be loaded"):
        load_adapter("shop_that_breaks:Mine")


def test_the_mock_shops_adapter_is_loaded_by_name() -> None:
    """The plan's default names it."""
    assert load_adapter("scenarios.mock_storefront:MockStorefront") is MockStorefront


class Bare(Storefront):
    """An adapter with nothing filled in."""


ORDER = Answer(reply=Reply(sent_ns=0, done_ns=0), outcome=Outcome.OK, order_id="o")


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("view", ("sku",)),
        ("flash_buy", ("sku", 1, "intent")),
        ("add_to_cart", ("sku", 1, "intent")),
        ("order", ("intent",)),
    ],
)
def test_a_method_that_was_not_written_is_named(method: str, arguments: tuple[object, ...]) -> None:
    """Whoever forgot one learns which, and what to do about it."""
    shop = Bare(_NoNetwork(), "s", Endpoints(url="http://x"))

    with pytest.raises(RehearsalError, match=rf"Bare has no {method}\(\).*out of traffic\.mix"):
        getattr(shop, method)(*arguments)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("cart", ()),
        ("apply_coupon", ("code", "intent")),
        ("apply_gift_card", ("code", "intent")),
        ("order_otherwise", ("intent",)),
        ("queue", ("sku", "intent")),
        ("cancel", (ORDER, "intent")),
        ("pay", (ORDER, "card", "intent")),
        ("query", (ORDER,)),
        ("logistics", (ORDER,)),
    ],
)
def test_what_a_shop_may_lack_is_not_asked_for(method: str, arguments: tuple[object, ...]) -> None:
    """None, without a request."""
    assert getattr(Bare(_NoNetwork(), "s", Endpoints(url="http://x")), method)(*arguments) is None


def test_a_shop_without_a_front_door_needs_no_opening() -> None:
    """Not every shop has to be asked where to go."""
    assert Bare(_NoNetwork(), "s", Endpoints(url="http://x")).open() is None


def test_an_adapter_that_cannot_be_found_is_told() -> None:
    """A module that is not there, a class that is not there, a class that is no storefront."""
    for path, says in (
        ("no_such_module:X", "cannot be loaded"),
        ("scenarios.storefront:Nothing", "cannot be loaded"),
        ("scenarios.storefront:Answer", "not a subclass"),
    ):
        with pytest.raises(RehearsalError, match=says):
            load_adapter(path)


def test_refusals_can_be_renamed_and_unnamed_errors_take_their_status() -> None:
    """A shop's own words are mapped to the harness's; a 4xx without words is named by its status."""
    named = Reply(sent_ns=0, done_ns=0, status=406, body=b'{"error":"no_stock"}')
    unnamed = Reply(sent_ns=0, done_ns=0, status=418, body=b"{}")

    assert answer_of(named, refusals={"no_stock": "sold_out"})[0].error == "sold_out"
    assert answer_of(unnamed)[0].error == "http_418"


class _NoNetwork:
    give_up_s: float | None = None

    def request(self, method: str, url: str, **_: object) -> Reply:
        """Fail the test: nothing here may ask anything."""
        raise AssertionError(f"{method} {url} was asked for")
