"""What shoppers do when the shop makes them wait or fails them, row by row."""

from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from rehearsal.model.history import Kind, Outcome, Row, Step
from rehearsal.model.plan import VisitKind
from scenarios.behaviour import Behaviour, RetryBudget, Temper
from scenarios.cart import cart
from scenarios.flash_sale import flash_sale
from scenarios.mock_storefront import MockStorefront
from scenarios.reply import Reply
from scenarios.schedule import Arrival
from scenarios.shopper import Shopping, shop
from scenarios.storefront import Answer, Endpoints
from scenarios.tries import Move, Tries
from scenarios.visit import Abandoned, Basis

from .conftest import MS, ORDER, PAID, SLOW, FakeShop, Shopped

Visiting = Callable[[VisitKind], Shopped]


def shopping(visiting: Visiting, kind: VisitKind = VisitKind.FLASH_SALE, **temper: Any) -> Shopped:
    """Return a visit that was let in, of a shopper of this temper; `rules` are her behaviour."""
    shopped = visiting(kind)
    shopped.visit.temper = Temper(random=Random(4), **temper)
    shopped.visit.open()
    return shopped


def noted(rows: list[Row], f: str) -> list[tuple[int, str, str]]:
    """Return attempt, error and note of the rows of a step."""
    return [(row.attempt, row.error, row.note) for row in rows if row.f == f]


# Retries


def test_as_many_attempts_as_the_plan_says(visiting: Visiting, fake_shop: FakeShop) -> None:
    """Two attempts, and the answer is taken as it is."""
    fake_shop.script["/flash-sale/flash/buy"] = [(500, {})]
    shopped = shopping(visiting, behaviour=Behaviour(attempts=2))

    assert not flash_sale(shopped.visit)
    assert noted(shopped.rows, "flash_buy") == [(0, "http_500", ""), (1, "http_500", "")]


def test_waits_grow_to_the_longest_and_no_further(visiting: Visiting, fake_shop: FakeShop) -> None:
    """Without jitter: 0.1, 0.2, 0.3, 0.3 s between an answer and the next attempt."""
    fake_shop.script["/flash-sale/flash/buy"] = [(500, {})]
    rules = Behaviour(attempts=5, backoff_s=0.1, max_backoff_s=0.3, jitter=0.0)
    shopped = shopping(visiting, behaviour=rules)
    flash_sale(shopped.visit)
    asked = [row for row in shopped.rows if row.f == "flash_buy" or (row.f == "route" and row.attempt)]
    waits_ms = [(b.due_ns - a.done_ns) / MS for a, b in pairwise(asked) if a.f == "flash_buy"]

    assert waits_ms == [100, 200, 300, 300]


def test_a_retry_the_budget_refuses_is_written_down(visiting: Visiting, fake_shop: FakeShop) -> None:
    """Ten retries are in reserve; the eleventh is not made, and its row says why."""
    fake_shop.script["/flash-sale/flash/buy"] = [(500, {})]
    shopped = shopping(visiting, behaviour=Behaviour(attempts=20), budget=RetryBudget(0.0))

    assert not flash_sale(shopped.visit)
    buys = noted(shopped.rows, "flash_buy")
    assert buys[-1] == (10, "http_500", "retry_refused")
    assert {note for _, _, note in buys[:-1]} == {""}


def test_a_shop_without_a_front_door_is_tried_again_without_one(
    visiting: Visiting, fake_shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is nothing to ask before a retry, none is asked."""
    fake_shop.script["/flash-sale/flash/buy"] = [(500, {}), (201, {**ORDER, "sku": "flash", "qty": 1})]
    shopped = shopping(visiting)
    monkeypatch.setattr(shopped.visit.shop, "open", lambda: None)

    assert flash_sale(shopped.visit)
    assert [row.f for row in shopped.rows].count("route") == 1


@pytest.mark.parametrize(
    ("said", "error", "wait_ms"),
    [
        pytest.param("1", "busy", 1000, id="the shop says how long"),
        pytest.param("60", "busy", 2000, id="no longer than the app ever waits"),
        pytest.param("", "busy", 100, id="it does not say"),
        pytest.param("Sun, 22 Nov 2026 03:00:00 GMT", "busy", 100, id="a date is not understood"),
        pytest.param("1", "unavailable", 1000, id="any refusal for now"),
    ],
)
def test_who_is_turned_away_comes_back_when_told(said: str, error: str, wait_ms: int) -> None:
    """Nothing was done, so asking again does no harm; later than the usual wait if the shop asks for it."""
    rules = Behaviour(backoff_s=0.1, max_backoff_s=2.0, jitter=0.0)
    tries = Tries(Temper(random=Random(1), behaviour=rules), Step.ORDER, 0)
    head = f"HTTP/1.1 429 x\r\nRetry-After: {said}\r\n\r\n".encode()
    reply = Reply(sent_ns=0, done_ns=MS, status=429, head=head)

    assert tries.after(Answer(reply=reply, outcome=Outcome.FAIL, error=error)) is Move.RETRY
    assert wait_ms == round(tries.backoff_s * 1000)


# Double clicks


def test_pay_is_sent_twice_under_one_key(visiting: Visiting, fake_shop: FakeShop) -> None:
    """Both requests have a row, of the same moment, and the shopper goes by the better answer."""
    fake_shop.script["/orders/o1/pay"] = [(202, {"order_id": "o1", "status": "pending"}), (200, PAID)]
    shopped = shopping(visiting, clicks_twice=True)

    assert flash_sale(shopped.visit)
    paid, other = (row for row in shopped.rows if row.f == "pay")
    assert (paid.outcome, paid.note, other.error, other.note) == ("ok", "", "pending", "double_click")
    assert (paid.due_ns, paid.sent_ns, paid.intent) == (other.due_ns, other.sent_ns, other.intent)
    keys = [headers["Idempotency-Key"] for _, path, _, headers in fake_shop.asked if path.endswith("/pay")]
    assert keys == ["pay:buy:s1-0"] * 2
    assert [row.f for row in shopped.rows][-1] == "logistics"


@pytest.mark.parametrize(
    ("answers", "then"),
    [
        pytest.param([(200, PAID), (500, {})], "logistics", id="paid beats in doubt"),
        pytest.param(
            [(0, "eof"), (202, {"status": "pending"}), (200, PAID)], "query", id="pending beats in doubt"
        ),
        pytest.param(
            [(503, {"error": "payment_unavailable"}), (202, {"status": "pending"})],
            "query",
            id="pending forbids paying otherwise",
        ),
    ],
)
def test_of_two_answers_the_better_counts(
    visiting: Visiting, fake_shop: FakeShop, answers: list[Any], then: str
) -> None:
    """Whichever click it belongs to; no third payment is sent."""
    fake_shop.script["/orders/o1/pay"] = answers
    shopped = shopping(visiting, clicks_twice=True)
    flash_sale(shopped.visit)
    steps = [row.f for row in shopped.rows]

    assert steps.count("pay") == 2
    assert steps[steps.index("pay") + 2] == then


def test_only_the_first_press_is_double(visiting: Visiting, fake_shop: FakeShop) -> None:
    """After two failures the app tries again by itself, once at a time."""
    fake_shop.script["/orders/o1/pay"] = [(500, {}), (500, {}), (200, PAID)]
    shopped = shopping(visiting, clicks_twice=True)

    assert flash_sale(shopped.visit)
    assert noted(shopped.rows, "pay") == [(0, "http_500", ""), (0, "http_500", "double_click"), (1, "", "")]


# Reloads


def test_a_page_that_does_not_come_is_asked_for_again_at_once(
    visiting: Visiting, fake_shop: FakeShop
) -> None:
    """Two reloads after a second each, in the same region, without a wait; then the page comes."""
    fake_shop.script["/products/flash"] = [(SLOW, 60), (SLOW, 60), (200, {"sku": "flash"})]
    shopped = shopping(visiting, behaviour=Behaviour(refresh_after_s=1.0, refreshes=2))

    assert flash_sale(shopped.visit)
    pages = [row for row in shopped.rows if row.f == "product"]
    assert noted(pages, "product") == [(0, "given_up", ""), (1, "given_up", "refresh"), (2, "", "refresh")]
    assert [(row.done_ns - row.sent_ns) // MS for row in pages] == [1000, 1000, 1]
    assert [later.due_ns - row.done_ns for row, later in pairwise(pages)] == [0, 0]
    assert [row.f for row in shopped.rows].count("route") == 1


def test_after_the_last_reload_the_client_waits_to_its_own_limit(
    visiting: Visiting, fake_shop: FakeShop
) -> None:
    """A shopper who has reloaded enough lets it be; the app's retries follow."""
    fake_shop.script["/products/flash"] = [(SLOW, 5)]
    shopped = shopping(visiting, behaviour=Behaviour(refresh_after_s=1.0, refreshes=1, attempts=2))
    flash_sale(shopped.visit)

    assert noted(shopped.rows, "product") == [
        (0, "given_up", ""),
        (1, "timeout", "refresh"),
        (2, "timeout", ""),
    ]


def test_a_purchase_is_never_reloaded(visiting: Visiting, fake_shop: FakeShop) -> None:
    """Only pages are asked for again: an order is waited for."""
    fake_shop.script["/flash-sale/flash/buy"] = [(SLOW, 5), (201, {**ORDER, "sku": "flash", "qty": 1})]
    shopped = shopping(visiting, behaviour=Behaviour(refresh_after_s=1.0, refreshes=9))

    assert flash_sale(shopped.visit)
    assert noted(shopped.rows, "flash_buy") == [(0, "timeout", ""), (1, "", "")]


# Leaving


def test_who_waits_too_long_leaves(visiting: Visiting, fake_shop: FakeShop) -> None:
    """The answer is given up when patience ends, and nothing more is asked."""
    fake_shop.script["/orders"] = [(SLOW, 60)]
    shopped = shopping(visiting, VisitKind.CART, patience_s=2.0)

    with pytest.raises(Abandoned):
        cart(shopped.visit)
    last = shopped.rows[-1]
    assert (last.f, last.outcome, last.error, last.note) == ("order", "info", "given_up", "abandoned")
    assert last.done_ns - last.due_ns == 2000 * MS


def test_patience_covers_all_attempts_at_one_answer(visiting: Visiting, fake_shop: FakeShop) -> None:
    """Three refusals with waits of 1 and 2 s between: after 3.0 of 3.5 s the next wait is too long."""
    fake_shop.script["/orders"] = [(500, {})]
    rules = Behaviour(attempts=9, backoff_s=1.0, jitter=0.0)
    shopped = shopping(visiting, VisitKind.CART, behaviour=rules, patience_s=3.5)

    with pytest.raises(Abandoned):
        cart(shopped.visit)
    assert noted(shopped.rows, "order") == [
        (0, "http_500", ""),
        (1, "http_500", ""),
        (2, "http_500", "abandoned"),
    ]


def test_an_answer_in_time_costs_no_patience(visiting: Visiting) -> None:
    """Patience is for each answer anew: a visit of many short waits goes on."""
    shopped = shopping(visiting, VisitKind.CART, patience_s=0.01)

    assert cart(shopped.visit)


def test_a_visit_that_was_left_says_so(fake_shop: FakeShop) -> None:
    """Outcome fail, error abandoned: at the door too."""
    fake_shop.script["/route"] = [(SLOW, 60)]
    rows: list[Row] = []
    basis = Basis(sale_sku="flash", limit_per_shopper=1, think_s=0.1, behaviour=Behaviour(patience_s=1.0))
    shop(
        Arrival(0, 5 * MS, VisitKind.BROWSE),
        Shopping(adapter=MockStorefront, endpoints=Endpoints(url="http://d"), basis=basis, seed=1),
        fake_shop,
        pace=fake_shop.pace,
        record=lambda row, _answer: rows.append(row),
        record_visit=rows.append,
    )

    assert [(row.kind, row.outcome, row.error) for row in rows] == [
        (Kind.OP, "info", "given_up"),
        (Kind.VISIT, "fail", "abandoned"),
    ]


# One asking


@pytest.mark.parametrize(
    ("deadline_ms", "patience_s", "move"),
    [
        pytest.param(500, 9.0, Move.RETRY, id="there is time"),
        pytest.param(200, 9.0, Move.TAKE, id="the waiting room lets her go before the next attempt"),
        pytest.param(50, 9.0, Move.TAKE, id="she has been let go meanwhile"),
        pytest.param(500, 0.2, Move.LEAVE, id="her patience ends before the next attempt"),
        pytest.param(500, 0.05, Move.LEAVE, id="her patience has ended"),
    ],
)
def test_what_follows_an_answer_that_settles_nothing(deadline_ms: int, patience_s: float, move: Move) -> None:
    """A failure after 50 ms, the next attempt due 250 ms later."""
    temper = Temper(random=Random(1), behaviour=Behaviour(jitter=0.0), patience_s=patience_s)
    tries = Tries(temper, Step.COUNTDOWN, 0, deadline_ms * MS)
    lost = Reply(sent_ns=0, done_ns=50 * MS, error="eof")

    assert tries.after(Answer(reply=lost, outcome=Outcome.INFO, error="eof")) is move
