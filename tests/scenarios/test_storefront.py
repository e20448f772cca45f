import sys
from pathlib import Path

import msgspec
import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import Outcome
from rehearsal.model.secrets import Secrets
from scenarios.means import Means
from scenarios.mock_storefront import MockStorefront
from scenarios.reply import Reply
from scenarios.storefront import Answer, Endpoints, GetJson, Storefront, answer_of, load_adapter, offers_of


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


@pytest.mark.parametrize(
    ("code", "says"),
    [
        pytest.param(
            "\n1 / 0", r"division by zero\), at shop_that_breaks.py, line 2: correct", id="an exception"
        ),
        pytest.param("import sys; sys.exit(0)", r"SystemExit: 0\), at", id="an exit"),
        pytest.param(
            "class Mine(:", r"SyntaxError: .*\(shop_that_breaks.py, line 1\)\): correct", id="no Python"
        ),
        pytest.param("import no_such_library", r"'no_such_library'\), at .*line 1: correct", id="a library"),
        pytest.param("Yours = 1", r"shop_that_breaks.py has no class Mine", id="another name"),
    ],
)
def test_an_adapter_that_breaks_when_it_is_imported_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, says: str
) -> None:
    """Importing an adapter runs a stranger's code; whatever that raises is one sentence, and no success."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "shop_that_breaks", raising=False)
    (tmp_path / "shop_that_breaks.py").write_text(f"{code}\n")

    with pytest.raises(RehearsalError, match=f"shop_that_breaks:Mine cannot be loaded.*{says}"):
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
        ("no_such_module:X", "cannot be loaded .* let it lie beside the plan"),
        ("scenarios.no_such_module:X", "cannot be loaded .* let it lie beside the plan"),
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


class Partly(Bare):
    """Has written two methods and a reading."""

    def view(self, sku: str) -> Answer:
        """Look, without a request."""
        return Answer(reply=Reply(sent_ns=0, done_ns=0), outcome=Outcome.OK, sku=sku)

    @classmethod
    def stock(cls, get_json: GetJson, endpoints: Endpoints, sku: str) -> int | None:
        """Read."""
        return None


class More(Partly):
    """Inherits them."""


@pytest.mark.parametrize(
    ("adapter", "expected"), [(Bare, ()), (Partly, ("stock", "view")), (More, ("stock", "view"))]
)
def test_an_adapter_offers_what_it_has_written(adapter: type[Storefront], expected: tuple[str, ...]) -> None:
    """What it leaves as it is, it lacks; what it inherits from another adapter, it has."""
    assert expected == offers_of(adapter)


def test_secrets_never_reach_an_encoder() -> None:
    """Addresses are written down, and what was read of secrets must not be."""
    bare = Endpoints(url="http://x")
    knowing = msgspec.structs.replace(bare, secrets=Secrets({"key": "hunter-2000"}))

    assert msgspec.json.encode(bare) == b'{"url":"http://x"}'
    assert "hunter" not in repr(knowing)
    with pytest.raises(TypeError):
        msgspec.json.encode(knowing)


def test_a_visit_without_a_row_says_what_is_missing() -> None:
    """The table's name and where its kinds are said."""
    shop = Bare(_NoNetwork(), "s1-7", Endpoints(url="http://x"), Means(data={"users": {"email": "a@b"}}))

    assert (shop.row("users")["email"], shop.mail) == ("a@b", "s1-7@rehearsal.invalid")
    with pytest.raises(RehearsalError, match=r"\[data\.cards\]"):
        shop.row("cards")


def test_a_secret_that_the_plan_does_not_have_is_told_with_its_mend() -> None:
    """The line to add."""
    shop = Bare(_NoNetwork(), "s", Endpoints(url="http://x"))

    with pytest.raises(RehearsalError, match=r'api_key = \{ env = "API_KEY" \}'):
        shop.secrets["api_key"]
