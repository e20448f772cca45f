import ast
import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.model.history import PENDING, Outcome
from rehearsal.pipeline.plans import check_target
from scenarios.reply import Reply
from scenarios.storefront import Answer, Endpoints, Storefront
from tests.examples.graphql_kit import ADAPTER, FOLDER, PLAN, language, means, opened

ORDER = Answer(reply=Reply(sent_ns=0, done_ns=1), outcome=Outcome.OK, order_id="ord-1", amount_cents=19900)


class Scripted:
    """A shop that gives one answer to everything."""

    give_up_s: float | None = None

    def __init__(self, body: bytes, status: int = 200) -> None:
        self.body, self.status = body, status
        self.sent: list[dict[str, Any]] = []

    def request(self, method: str, url: str, **asked: Any) -> Reply:
        """Remember what was asked, and answer."""
        self.sent.append({"method": method, "url": url, "json": asked["json"], "headers": asked["headers"]})
        return Reply(sent_ns=1, done_ns=2, status=self.status, body=self.body)


def facing(body: object, status: int = 200) -> tuple[Storefront, Scripted]:
    """Return a shopper who is given an answer, and the one who gives it."""
    shop = Scripted(body if isinstance(body, bytes) else json.dumps(body).encode(), status)
    return ADAPTER(shop, "ann", Endpoints(url="http://shop"), means()), shop


def refusal(code: str) -> dict[str, Any]:
    """Return an answer in which the shop says no."""
    return {"data": {"order": None}, "errors": [{"message": "No.", "extensions": {"code": code}}]}


def order(**fields: Any) -> dict[str, Any]:
    """Return an answer that tells of an order."""
    return {"data": {"order": {"status": "PAID", "total": "199.00", "paymentId": "pay-1", **fields}}}


def test_the_adapter_can_be_written_in_an_hour() -> None:
    """It has 80 lines at most, those of its docstrings, comments and gaps aside."""
    source = (FOLDER / "graphql_storefront.py").read_text()
    said = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    lines = [
        line
        for number, line in enumerate(source.splitlines(), 1)
        if number not in said and line.strip() and not line.strip().startswith("#")
    ]

    assert len(lines) <= 80


def test_the_plan_and_its_adapter_fit_together() -> None:
    """The target is this machine, and the adapter is found in the folder."""
    check_target(PLAN)

    assert PLAN.target.adapter == "graphql_storefront:GraphqlStorefront"
    assert PLAN.sale.opens_with == PLAN.phases[0].name


def test_every_operation_is_one_of_the_document() -> None:
    """Its name is what tells it from others at the one address."""
    document = (FOLDER / "operations.graphql").read_text()
    names = ("Login", "Product", "FlashBuy", "AddToCart", "Checkout", "Pay", "Order", "Books")

    assert [language.operation_of(document, name).name for name in names] == list(names)


def test_the_token_goes_with_every_request_after_the_login() -> None:
    """As a bearer's (RFC 6750); the mail address is a test's, the password from the plan's secrets."""
    shopper, shop = facing({"data": {"login": {"accessToken": "t1"}}})
    opening = shopper.open()
    shopper.view("mug")

    assert opening is not None
    assert opening.outcome is Outcome.OK
    assert shop.sent[0]["json"]["variables"] == {"email": "ann@rehearsal.invalid", "password": "open-sesame"}
    assert "Authorization" not in shop.sent[0]["headers"]
    assert shop.sent[1]["headers"]["Authorization"] == "Bearer t1"
    assert [sent["json"]["operationName"] for sent in shop.sent] == ["Login", "Product"]


@pytest.mark.parametrize(
    ("code", "outcome", "error"),
    [
        pytest.param("SOLD_OUT", Outcome.FAIL, "sold_out", id="no stock"),
        pytest.param("LIMIT_REACHED", Outcome.FAIL, "limit_reached", id="the limit"),
        pytest.param("EMPTY_CART", Outcome.FAIL, "empty_cart", id="an empty cart"),
        pytest.param("UNAUTHENTICATED", Outcome.FAIL, "session_expired", id="the session has ended"),
        pytest.param("GRAPHQL_VALIDATION_FAILED", Outcome.FAIL, "GRAPHQL_VALIDATION_FAILED", id="as it came"),
        pytest.param("INTERNAL_SERVER_ERROR", Outcome.INFO, "INTERNAL_SERVER_ERROR", id="nobody knows"),
    ],
)
def test_an_error_inside_a_200_is_read_by_its_code(code: str, outcome: Outcome, error: str) -> None:
    """Most are certainly without effect; after one of them the order may be there all the same."""
    answer = facing(refusal(code))[0].flash_buy("console", 1, "buy:ann")

    assert (answer.outcome, answer.error) == (outcome, error)
    assert (answer.sku, answer.qty) == ("console", 1)


@pytest.mark.parametrize(
    ("body", "outcome", "error"),
    [
        pytest.param(order(), Outcome.OK, "", id="paid"),
        pytest.param(order(status="OPEN"), Outcome.INFO, PENDING, id="open"),
        pytest.param(order(status="EXPIRED"), Outcome.FAIL, "expired", id="expired"),
        pytest.param(order(total="99.00"), Outcome.INFO, "bad_body", id="paid for something else"),
        pytest.param(order(status="LOST"), Outcome.INFO, "bad_body", id="a state nobody knows"),
        pytest.param(refusal("CARD_DECLINED"), Outcome.FAIL, "declined", id="declined"),
        pytest.param(refusal("PAYMENT_PENDING"), Outcome.INFO, PENDING, id="the bank takes its time"),
        pytest.param(b"", Outcome.INFO, "bad_body", id="nothing"),
        pytest.param(b"<html>", Outcome.INFO, "bad_body", id="a page"),
        pytest.param({"data": None}, Outcome.INFO, "bad_body", id="no data"),
    ],
)
def test_a_payment_is_paid_only_if_the_shop_says_so(body: object, outcome: Outcome, error: str) -> None:
    """And for what the order cost; whether asked to pay or asked for the order."""
    shopper = facing(body)[0]
    for answer in (shopper.pay(ORDER, "card", "pay:buy:ann"), shopper.query(ORDER)):
        assert answer is not None
        assert (answer.outcome, answer.error) == (outcome, error)
        assert (answer.order_id, answer.channel) == ("ord-1", "card")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html><body>Hello</body></html>", id="a page"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"[1]", id="a list"),
        pytest.param({"data": {}}, id="no fields"),
        pytest.param({"data": {"login": {}, "product": {"sku": "cup"}, "order": {"id": "o"}}}, id="another"),
    ],
)
def test_a_200_that_does_not_say_what_was_asked_proves_nothing(body: object) -> None:
    """Whatever was asked, the answer is info; the adapter does not break over it."""
    shopper = facing(body)[0]
    answers = [
        shopper.open(),
        shopper.view("mug"),
        shopper.flash_buy("console", 1, "i"),
        shopper.add_to_cart("mug", 1, "i"),
        shopper.order("i"),
    ]

    assert {(answer.outcome, answer.error) for answer in answers if answer} == {(Outcome.INFO, "bad_body")}


def test_a_shopper_orders_what_is_in_the_cart_and_pays_it() -> None:
    """The whole way in the stand-in itself, each answer ok and telling what the audit needs."""
    with opened() as place:
        shopper = place.inside()
        added = shopper.add_to_cart("mug", 2, "cart:ann")
        made = shopper.order("buy:ann")
        paid = shopper.pay(made, "card", "pay:buy:ann")

    assert [answer and answer.outcome for answer in (added, made, paid)] == [Outcome.OK] * 3
    assert paid is not None
    assert (made.order_id, made.amount_cents) == ("ord-1", 2 * 1290)
    assert (paid.payment_id, paid.amount_cents) == ("pay-1", 2 * 1290)


def test_the_books_are_read_as_the_audit_knows_them() -> None:
    """Shoppers by name, money in cents; how many orders are open, and what is left on the shelf."""
    with opened(3) as place:
        shopper, reader = place.inside(), place.reader()
        bought = shopper.flash_buy("console", 2, "buy:ann")
        open_before, left = reader.quiesce(0.0, lambda: None), reader.stock("console")
        shopper.pay(bought, "card", "pay:buy:ann")
        readings = reader.final()

    assert (open_before, left) == (1, 1)
    assert readings.orders is not None
    assert readings.charges is not None
    (kept,) = readings.orders
    assert (kept.shopper, kept.intent, kept.status, kept.total_cents) == ("ann", "buy:ann", "paid", 39800)
    assert [(entry.kind, entry.amount_cents) for entry in readings.charges] == [
        ("authorize", 39800),
        ("capture", 39800),
    ]
    assert readings.regions is None


def test_a_stock_that_is_not_listed_is_not_known() -> None:
    """None, not zero."""
    with opened() as place:
        assert place.reader().stock("nothing") is None


def test_the_readme_names_files_that_are_there() -> None:
    """And every option that it shows is one of the shop's."""
    readme = (FOLDER / "README.md").read_text()
    for name in ("graphql_shop.py", "graphql_storefront.py", "operations.graphql", "plan.toml"):
        assert name in readme
        assert Path(FOLDER / name).is_file()
    for option in ("--stock", "--oversell", "--decline"):
        assert option in readme
        assert option in (FOLDER / "graphql_shop.py").read_text()
