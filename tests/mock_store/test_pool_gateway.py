"""A gateway with a pool: one broken way in is not noticed by shoppers, and its link says what it suffered."""

import httpx
import pytest

from mock_store.config import ProviderUrls
from mock_store.counted import CountedClient, Lost, NotSent
from mock_store.gateway import Answered, Gateway, link_names
from mock_store.links import Links
from tests.mock_store.lab import Net, answering

pytestmark = pytest.mark.anyio

URLS = ProviderUrls(
    authorize=("http://one", "http://two", "http://three"),
    capture="http://c",
    status="http://s",
    refund="http://r",
)


def gateway_of(net: Net, links: Links) -> Gateway:
    """Return a gateway on a network."""
    client = CountedClient(httpx.AsyncClient(transport=net), links, lambda: 0)
    return Gateway(client, urls=URLS, callback_url="http://cb", now_ns=lambda: 0)


@pytest.fixture
def net() -> Net:
    """Return a provider with three ways in to its authorizations."""
    return Net(apps={name: answering(200, b"{}") for name in ("one", "two", "three")})


async def test_what_was_not_sent_goes_another_way(net: Net) -> None:
    """With one of three refused every request is answered, and after the first refusal it is left out."""
    links = Links()
    gateway = gateway_of(net, links)
    net.break_("refused", ["two"])
    answers = [await gateway.authorize("o", 1, key=f"k{n}") for n in range(6)]

    assert answers == [Answered(200, {})] * 6
    assert links.report()["pay_authorize_2"] == {"ok": 0, "refused": 1, "lost": 0, "slow": 0}
    assert links.report()["pay_authorize"]["ok"] + links.report()["pay_authorize_3"]["ok"] == 6


async def test_what_may_have_been_sent_is_not_sent_again(net: Net) -> None:
    """A lost answer stays lost: the request may have arrived."""
    gateway = gateway_of(net, Links())
    net.break_("lost", ["one", "two", "three"])
    answer = await gateway.authorize("o", 1, key="k")

    assert (answer, len(net.calls)) == (Lost(), 1)


async def test_when_all_refuse_nothing_was_sent(net: Net) -> None:
    """Three refusals are one to the shopper."""
    gateway = gateway_of(net, Links())
    net.break_("refused", ["one", "two", "three"])
    answer = await gateway.authorize("o", 1, key="k")

    assert (answer, len(net.calls)) == (NotSent(), 3)


async def test_a_provider_that_asks_for_time_is_given_it() -> None:
    """A 429 or a 503 with Retry-After is lost, and says for how long."""
    shop = httpx.MockTransport(lambda _: httpx.Response(429, headers={"Retry-After": "3"}, json={}))
    client = CountedClient(httpx.AsyncClient(transport=shop), Links(), lambda: 0)
    gateway = Gateway(client, urls=URLS, callback_url="http://cb", now_ns=lambda: 0)

    assert Lost(again_after_s=3, status=429) == await gateway.payments_of("o")


async def test_a_retry_after_that_is_a_date_is_not_understood() -> None:
    """It is not guessed at."""
    shop = httpx.MockTransport(lambda _: httpx.Response(503, headers={"Retry-After": "Wed, 21 Oct"}))
    client = CountedClient(httpx.AsyncClient(transport=shop), Links(), lambda: 0)
    gateway = Gateway(client, urls=URLS, callback_url="http://cb", now_ns=lambda: 0)

    assert Lost(again_after_s=0, status=503) == await gateway.payments_of("o")


def test_the_names_of_all_links() -> None:
    """Pool members are numbered from the second on."""
    expected = [
        "pay_authorize",
        "pay_authorize_2",
        "pay_authorize_3",
        "pay_capture",
        "pay_status",
        "pay_refund",
    ]

    assert expected == link_names("pay", URLS)
