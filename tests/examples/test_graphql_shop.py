import json
from argparse import Namespace
from threading import Barrier, Thread
from typing import Any

import pytest

from tests.examples.graphql_kit import SECRETS, Opened, books, language, opened, resolvers, server

STAFF = {"Authorization": "Bearer staff-only"}
LOGIN = 'mutation { login(email: "%s", password: "%s") { accessToken } }'
BUY = 'mutation { flashBuy(sku: "console", quantity: %s, key: "%s") { id status } }'


def asked(place: Opened, query: str, **headers: str) -> dict[str, Any]:
    """Return what the shop answers to a query by POST."""
    reply = place.client.post(f"{place.url}/graphql", json={"query": query}, headers=headers)
    assert reply.status_code == 200
    return dict(reply.json())


def code(answer: dict[str, Any]) -> str:
    """Return the code of an answer's first error, "" if it has none."""
    return str(answer["errors"][0]["extensions"]["code"]) if "errors" in answer else ""


def let_in(place: Opened, email: str = "ann@rehearsal.invalid") -> dict[str, str]:
    """Return the headers of somebody who has logged in."""
    token = asked(place, LOGIN % (email, "open-sesame"))["data"]["login"]["accessToken"]
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("email", "password", "expected"),
    [
        pytest.param("ann@rehearsal.invalid", "open-sesame", "", id="a test account"),
        pytest.param("ann@rehearsal.invalid", "open-barley", "BAD_CREDENTIALS", id="another password"),
        pytest.param("ann@customers.test", "open-sesame", "BAD_CREDENTIALS", id="a real customer"),
    ],
)
def test_only_test_accounts_are_let_in(email: str, password: str, expected: str) -> None:
    """By the one password that they share."""
    with opened() as place:
        assert code(asked(place, LOGIN % (email, password))) == expected


@pytest.mark.parametrize(
    ("query", "headers", "expected"),
    [
        pytest.param(BUY % (1, "k"), {}, "UNAUTHENTICATED", id="a shopper without a token"),
        pytest.param(BUY % (1, "k"), STAFF, "UNAUTHENTICATED", id="staff do not shop"),
        pytest.param("{ books { open } }", {}, "FORBIDDEN", id="the books are not for everybody"),
        pytest.param("{ books { open } }", STAFF, "", id="staff may read them"),
        pytest.param('{ product(sku: "mug") { sku } }', {}, "", id="a product may be seen by anybody"),
        pytest.param("{ product { sku } }", {}, "GRAPHQL_VALIDATION_FAILED", id="an argument is missing"),
        pytest.param("{ coupons { code } }", {}, "GRAPHQL_VALIDATION_FAILED", id="no such field"),
    ],
)
def test_who_may_ask_for_what(query: str, headers: dict[str, str], expected: str) -> None:
    """Each refusal comes in an answer of 200."""
    with opened() as place:
        assert code(asked(place, query, **headers)) == expected


def test_a_session_ends() -> None:
    """After its time a token is nobody's."""
    with opened() as place:
        headers = let_in(place)
        place.clock.wait(600.0)

        assert code(asked(place, BUY % (1, "k"), **headers)) == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param([("ann", 1, "a"), ("bob", 1, "b")], ["", ""], id="one each"),
        pytest.param([("ann", 2, "a"), ("bob", 1, "b")], ["", "SOLD_OUT"], id="more than there are"),
        pytest.param([("ann", 1, "a"), ("ann", 2, "b")], ["", "LIMIT_REACHED"], id="more than the limit"),
        pytest.param([("ann", 0, "a")], ["BAD_USER_INPUT"], id="nothing"),
        pytest.param([("ann", 2, "a"), ("ann", 2, "a")], ["", ""], id="the same wish again"),
    ],
)
def test_the_sale_gives_what_there_is(wanted: list[tuple[str, int, str]], expected: list[str]) -> None:
    """Of two units; the same key gives the same order."""
    with opened(2) as place:
        said = [
            code(asked(place, BUY % (quantity, key), **let_in(place, f"{who}@rehearsal.invalid")))
            for who, quantity, key in wanted
        ]

        assert said == expected
        assert place.shop.books.stock["console"].reserved <= 2


def test_a_cart_is_filled_and_ordered_once_for_a_key() -> None:
    """However often either is asked; then it is empty."""
    with opened() as place:
        shop = place.shop.books
        for _ in range(2):
            cart = shop.add("ann", "mug", 2, "cart:ann")
        orders = [shop.order_cart("ann", "buy:ann") for _ in range(2)]
        with pytest.raises(language.GraphqlError) as said:
            shop.order_cart("ann", "buy:ann again")

        assert cart == {"mug": 2}
        assert orders[0] is orders[1]
        assert said.value.code == "EMPTY_CART"


@pytest.mark.parametrize(
    "mutation",
    [
        pytest.param(BUY.replace("console", "mug") % (1, "k"), id="a product that is not on sale"),
        pytest.param(
            'mutation { pay(orderId: "o", method: "pay_later", card: "test-1", key: "k") { id } }',
            id="on account",
        ),
        pytest.param('mutation { addToCart(sku: "cup", quantity: 1, key: "k") { lines } }', id="no product"),
    ],
)
def test_what_the_shop_does_not_do_is_the_clients_mistake(mutation: str) -> None:
    """Said by one code, and nothing comes of it."""
    with opened() as place:
        assert code(asked(place, mutation, **let_in(place))) == "BAD_USER_INPUT"
        assert not place.shop.books.orders


def test_an_order_nobody_pays_gives_its_units_back() -> None:
    """After five seconds, to the shelf and to the shopper's limit; a card comes too late then."""
    with opened(2) as place:
        shop = place.shop.books
        order = shop.buy("ann", "console", 2, "a")
        place.clock.wait(books.RESERVED_S)

        assert shop.look() == 0
        assert shop.stock["console"].available == 2
        assert shop.buy("ann", "console", 2, "b").status == "pending_payment"
        with pytest.raises(language.GraphqlError, match="in time"):
            shop.pay("ann", order.id, "test-1", "p")


def test_a_slow_payment_comes_through_once() -> None:
    """While it is under way the answer is neither yes nor no, however often it is asked for."""
    with opened(2, slow_every=1) as place:
        shop = place.shop.books
        order = shop.buy("ann", "console", 1, "a")
        for _ in range(2):
            with pytest.raises(language.GraphqlError) as said:
                shop.pay("ann", order.id, "test-1", "p")
            assert said.value.code == "PAYMENT_PENDING"
        place.clock.wait(books.SLOW_S)

        assert shop.pay("ann", order.id, "test-1", "p").status == "paid"
        assert [entry["kind"] for entry in shop.ledger] == ["authorize", "capture"]
        assert [notice["order"] for notice in shop.notices] == [order.id]


@pytest.mark.parametrize(
    ("card", "declined"),
    [
        pytest.param("test-2", False, id="her own"),
        pytest.param("test-1", True, id="another customer's"),
        pytest.param("4000-1", True, id="no test card"),
    ],
)
def test_a_card_is_one_customers(card: str, declined: bool) -> None:
    """Whoever pays with it first; so a row of test data that is used twice shows."""
    with opened(2) as place:
        shop = place.shop.books
        shop.pay("ann", shop.buy("ann", "console", 1, "a").id, "test-1", "p")
        order = shop.buy("bea", "console", 1, "b")
        if declined:
            with pytest.raises(language.GraphqlError, match="declined"):
                shop.pay("bea", order.id, card, "p")
        else:
            shop.pay("bea", order.id, card, "p")

        assert (order.status == "paid") is not declined


def test_an_order_is_shown_to_its_customer_only() -> None:
    """For anybody else there is none."""
    with opened() as place:
        order = place.shop.books.buy("ann", "console", 1, "a")
        with pytest.raises(language.GraphqlError) as said:
            place.shop.books.order("bob", order.id)

        assert said.value.code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("oversells", "sold"), [pytest.param(False, 1, id="correct"), pytest.param(True, 3, id="oversells")]
)
def test_only_a_shop_that_hesitates_sells_a_unit_twice(oversells: bool, sold: int) -> None:
    """Three who look at the last unit at the same moment get it all three."""
    together = Barrier(3)
    with opened(1, oversells=oversells, hesitate=lambda: together.wait(10)) as place:
        shop, got = place.shop.books, []

        def buy(who: str) -> None:
            try:
                got.append(shop.buy(who, "console", 1, who))
            except language.GraphqlError:
                return

        buyers = [Thread(target=buy, args=(who,)) for who in ("ann", "bob", "cid")]
        for buyer in buyers:
            buyer.start()
        for buyer in buyers:
            buyer.join()

        assert len(got) == sold


def test_a_query_may_come_in_the_address_and_a_mutation_may_not() -> None:
    """A GET changes nothing (GraphQL over HTTP)."""
    with opened() as place:
        address, login = f"{place.url}/graphql", LOGIN % ("a@rehearsal.invalid", "open-sesame")
        query = place.client.get(address, params={"query": '{ product(sku: "mug") { price } }'}).json()
        mutation = place.client.get(address, params={"query": login})

        assert query == {"data": {"product": {"price": "12.90"}}}
        assert code(mutation.json()) == "BAD_REQUEST"
        assert place.client.get(place.url).json() == {"data": {"shop": "open"}}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("/graphql", b"{", id="no JSON"),
        pytest.param("/graphql", b"[]", id="no object"),
        pytest.param("/elsewhere", b"{}", id="another address"),
    ],
)
def test_what_is_no_request_is_refused(path: str, body: bytes) -> None:
    """With a 400, and the connection is closed: what follows may be the rest of a body."""
    with opened() as place:
        reply = place.client.post(f"{place.url}{path}", content=body)

        assert reply.status_code == 400
        assert code(reply.json()) == "BAD_REQUEST"


def test_the_environment_must_name_the_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence and exit code 2; nothing has a password that everybody knows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SHOP_PASSWORD", raising=False)

        assert server.main([]) == 2
    assert "SHOP_PASSWORD" in capsys.readouterr().err


def test_a_port_in_use_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence and exit code 2."""
    monkeypatch.setenv("SHOP_PASSWORD", SECRETS["password"])
    monkeypatch.setenv("SHOP_STAFF_TOKEN", SECRETS["staff_token"])
    with opened() as place:
        port = place.url.rpartition(":")[2]

        assert server.main(["--port", port]) == 2
    assert f"Port {port}" in capsys.readouterr().err


def test_options_make_the_shop() -> None:
    """The number of units, how long a login lasts, and the bugs."""
    options = Namespace(stock=7, oversell=True, decline=True, session_s=9.0)
    env = {"SHOP_PASSWORD": "open-sesame", "SHOP_STAFF_TOKEN": "staff-only"}
    shop = server.shop_of(options, env)

    assert shop.books.stock["console"].available == 7
    assert shop.books._manners == books.Manners(oversells=True, declines=True)
    assert shop._access == resolvers.Access(password="open-sesame", staff_token="staff-only", session_s=9.0)
    assert json.dumps(shop.answer({"query": "{ books { stock { sku } } }"}, "staff-only")).count("sku") == 5
