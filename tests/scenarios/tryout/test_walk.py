"""One visit of each kind through an adapter, over real sockets; told line by line."""

import io
from pathlib import Path
from random import Random

import msgspec
import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import VisitKind
from scenarios import data_file
from scenarios.load_order import LoadOrder
from scenarios.mock_storefront import MockStorefront
from scenarios.schedule import KINDS, Arrival
from scenarios.secret_sources import Source
from scenarios.shopper import Shopping
from scenarios.storefront import Endpoints
from scenarios.test_data import Table
from scenarios.tryout.__main__ import Teller, main
from scenarios.tryout.told import (
    Began,
    BurstTold,
    FailedTold,
    StepTold,
    Told,
    TryOrder,
    VisitTold,
    schedule_of,
)
from scenarios.tryout.walk import First, walk, what_broke
from scenarios.tryout.watched import Watched
from scenarios.visit import Basis
from scenarios.wishes import Offers
from tests.hostile.shop import HostileShop, serving
from tests.hostile.tried import order_for, said, told_of, tried
from tests.scenarios.conftest import FakeShop

PATHS = {
    VisitKind.BROWSE: ["route", "product", "product"],
    VisitKind.CART: ["route", "product", "cart_add", "order", "pay", "logistics"],
    VisitKind.FLASH_SALE: ["route", "product", "flash_buy", "pay", "logistics"],
}
CARELESS = "tests.hostile.storefront:CarelessStorefront"
TELLING = "tests.hostile.storefront:TellingStorefront"


@pytest.mark.parametrize("kind", PATHS)
def test_each_kind_is_walked(kind: VisitKind) -> None:
    """Each step once, in the order of a drill, one unit bought; before each it is told that it begins."""
    lines = tried({}, kind).told
    steps = [line for line in lines if isinstance(line, StepTold)]
    begun = [line.step for line in lines if isinstance(line, Began)]

    assert list(dict.fromkeys(said(lines))) == list(dict.fromkeys((step, "ok") for step in PATHS[kind]))
    assert [step for step in begun if step in PATHS[kind]] == [step.step for step in steps]
    assert lines[-1] == VisitTold(kind=kind, good=True)
    assert {step.facts.get("qty", 1) for step in steps} == {1}


def test_the_waiting_room_is_walked_too(fake_shop: FakeShop) -> None:
    """She looks at the countdown, and is let go a second after she came."""
    lines: list[Told] = []
    basis = Basis(sale_sku="flash", limit_per_shopper=1, think_s=0.0)
    shopping = Shopping(
        adapter=MockStorefront, endpoints=Endpoints(url="http://director"), basis=basis, seed=1
    )
    arrival = Arrival(0, 0, VisitKind.WAITING_ROOM)
    fake_shop.script["/products/flash"] = [(200, {"sku": "flash", "opens_in_ms": 1})]
    walk(arrival, shopping, Watched(fake_shop), pace=fake_shop.pace, tell=lines.append)
    steps = [step for step, _ in said(tuple(lines))]

    assert steps == ["route", "product", "countdown", "flash_buy", "pay", "logistics"]
    assert fake_shop.pace.now_ns() >= 1_000_000_000


def test_a_request_is_told_as_it_was() -> None:
    """Method, address, status and how the last answer was read; a redirect is a request of its own."""
    walked = tried({"/orders": "led_to_login"}).told
    order = next(line for line in walked if isinstance(line, StepTold) and line.step == "order")
    first, second = order.exchanges

    assert (first.method, first.status, first.location) == ("POST", 302, "/account/login?next=/")
    assert first.url.endswith("/orders")
    assert (second.method, second.status, second.content) == ("GET", 200, "application/json")
    assert (order.outcome, order.error) == ("fail", "session_expired")
    assert (first.sends_json, second.date != "") == (True, True)


def test_a_page_is_told_by_its_title_and_where_its_forms_lead() -> None:
    """A page that stands in an answer's place says itself what it is."""
    walked = tried({"/login": "html"}).told
    page = next(line for line in walked if isinstance(line, StepTold)).exchanges[-1]

    assert (page.is_html, page.title, page.leads) == (True, "Please sign in", ("id.example",))


def test_every_code_of_the_plan_is_entered() -> None:
    """A shopper who tries the shop out has a coupon and a card; what the adapter lacks is not asked."""
    basis = Basis(
        sale_sku="flash", limit_per_shopper=1, think_s=0.0, offers=Offers(coupon="save", gift_cards=3)
    )
    lines = tried({}, VisitKind.CART, basis=basis).told
    begun = [line.step for line in lines if isinstance(line, Began)]

    assert {"coupon", "gift_card", "cart_view"} <= set(begun)
    assert "coupon" not in dict(said(lines))


def test_an_adapter_that_breaks_is_told_by_its_line() -> None:
    """The file, line and function of the adapter's, with the requests of the step."""
    lines = tried({"/orders": "html"}, VisitKind.CART, adapter=CARELESS).told
    end = lines[-1]

    assert isinstance(end, VisitTold)
    assert end.broke.startswith("TypeError: ")
    assert end.where.startswith("storefront.py:")
    assert end.where.endswith(" in order()")
    assert [exchange.title for exchange in end.exchanges] == ["Please sign in"]


def test_what_breaks_elsewhere_has_no_place() -> None:
    """A frame of ours, or of a library, is not the adapter's."""
    error = RehearsalError("Mend this.")
    assert what_broke(error) == ("Mend this.", "")
    with pytest.raises(msgspec.DecodeError) as broken:
        msgspec.json.decode(b"{")

    assert what_broke(broken.value)[1].startswith("test_walk.py:")


def test_nothing_to_choose_from_is_said() -> None:
    """An empty catalogue is the first thing a new adapter has."""
    with pytest.raises(RehearsalError, match="catalogue"):
        First(0).choice(())

    assert First(0).choice("ab") == "a"
    assert isinstance(First(0), Random)


def test_a_burst_asks_for_a_page_that_came() -> None:
    """Twenty times the last product page, or the address itself; three refusals are enough."""
    with serving(HostileShop({"/products/flash": "busy"})) as shop:
        calm = told_of(order_for(shop, VisitKind.CART, burst=5))[-1]
        hard = told_of(order_for(shop, burst=20, endpoints=Endpoints(url=f"{shop.url}/products/flash")))[-1]

    assert isinstance(calm, BurstTold)
    assert [one.url.rpartition("/")[2] for one in calm.exchanges] == ["p1"] * 5
    assert isinstance(hard, BurstTold)
    assert [one.limits for one in hard.exchanges] == [{"retry-after": "7"}] * 3


def test_what_must_not_be_read_is_masked() -> None:
    """A line is written as the mask leaves it."""
    out = io.BytesIO()
    teller = Teller(out)
    teller.mask = lambda text: text.replace("hunter2-secret", "***")
    teller(FailedTold(why="no hunter2-secret here"))

    assert msgspec.json.decode(out.getvalue(), type=Told) == FailedTold(why="no *** here")


def test_a_visit_has_its_row_and_secrets_and_shows_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception that holds a password of the visit's own row is told without it."""
    monkeypatch.setenv("SHOP_SECRET", "open-sesame")
    users = tmp_path / "users.csv"
    users.write_text("email,password\na@x,hunter2-of-a\n")
    _, sha256 = data_file.load(users)
    table = Table(name="users", file=str(users), sha256=sha256, rows=1, secret=("password",))
    secrets = (Source(name="shop", env="SHOP_SECRET"),)
    lines = tried({}, adapter=TELLING, data=(table,), secrets=secrets).told

    assert isinstance(lines[-1], VisitTold)
    assert lines[-1].broke == "ValueError: *** and ***"


def test_the_process_reads_its_order_and_writes_lines(tmp_path: Path) -> None:
    """What cannot begin is a line too."""
    asked, answered = tmp_path / "order.json", tmp_path / "told.ndjson"
    load = LoadOrder(
        adapter="nowhere:Shop",
        endpoints=Endpoints(url="http://127.0.0.1:9"),
        basis=Basis(sale_sku="flash", limit_per_shopper=1, think_s=0.0),
        seed=1,
        pool=1,
    )
    asked.write_bytes(msgspec.json.encode(TryOrder(load=load, kinds=(VisitKind.CART,))))
    main(str(asked), str(answered))
    line = msgspec.json.decode(answered.read_bytes(), type=Told)

    assert isinstance(line, FailedTold)
    assert "nowhere:Shop" in line.why


def test_each_kind_has_its_row() -> None:
    """Who walks third is the third visit of the schedule that hands out rows."""
    kinds = (VisitKind.CART, VisitKind.BROWSE)

    assert [KINDS[number] for number in schedule_of(kinds).kind] == list(kinds)
