"""What an adapter lacks is told before anything starts: once as an error, once as a warning with its cost."""

from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.pipeline.adapter_check import adapter_warnings, check_adapter
from scenarios.answer import Answer
from scenarios.mock_storefront import MockStorefront
from scenarios.starter.storefront import MyStorefront
from scenarios.storefront import Endpoints, GetJson, Storefront

HERE = "tests.rehearsal.pipeline.test_adapter_check"
NO_SALE = ("flash_sale = 0.2", "flash_sale = 0.0"), ("browse = 0.5", "browse = 0.7")
LOOKING = (
    ("cart = 0.3", "cart = 0.0"),
    ("flash_sale = 0.2", "flash_sale = 0.0"),
    ("browse = 0.5", "browse = 1.0"),
)
SWEPT = (
    (
        "[slo.burst]",
        (
            "[slo.proof]\np95_ms = 1.0\np99_ms = 2.0\ngoodput = 0.9\npayment_success = 0.9\n"
            '[[capacity.dimensions]]\nname = "flash_share"\nvalues = [0.1, 0.5]\n\n[slo.burst]'
        ),
    ),
)
WAITING = (("[[phases]]", "[waiting_room]\nshoppers = 5\ngather_s = 2.0\n\n[[phases]]"),)


class Nothing(Storefront):
    """An adapter of which nothing is written yet."""


class Window(Storefront):
    """A shop to look at."""

    catalogue = ("p1",)

    def view(self, sku: str) -> Answer:
        """Look."""
        return self.told(self.web.get(sku))


class Unsure(Storefront):
    """A shop whose products its constructor finds."""

    view = Window.view

    def __init__(self, *args: Any) -> None:
        """Find them."""
        super().__init__(*args)
        self.catalogue = ("p1",)


class Till(Window):
    """A shop that takes no payment here."""

    def add_to_cart(self, sku: str, qty: int, intent: str) -> Answer:
        """Add."""
        return self.told(self.web.post(sku, json=(qty, intent)))

    def order(self, intent: str) -> Answer:
        """Order."""
        return self.told(self.web.post(intent))

    def flash_buy(self, sku: str, qty: int, intent: str) -> Answer:
        """Buy."""
        return self.add_to_cart(sku, qty, intent)


class Read(Till):
    """One whose books are open."""

    @classmethod
    def final_readings(cls, get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
        """Read."""
        return FinalReadings()


def plan_of(make_plan: Callable[..., Plan], text: str, *changes: tuple[str, str]) -> Plan:
    """Return the small plan, changed."""
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return make_plan(text)


@pytest.mark.parametrize(
    ("adapter", "changes", "says"),
    [
        pytest.param(
            Window,
            (),
            "The adapter Window has no add_to_cart(), which cart visits need; no order(), which cart visits "
            "need; no flash_buy(), which flash_sale visits need. Write what is missing",
            id="a shop to look at, and buyers",
        ),
        pytest.param(
            Nothing,
            LOOKING,
            "has no view(), which browse visits need; no products in `catalogue`, which browse visits need.",
            id="nothing yet, and people who look",
        ),
        pytest.param(
            Window,
            (*LOOKING, *WAITING),
            "has no flash_buy(), which waiting_room visits need.",
            id="a waiting room before nothing",
        ),
        pytest.param(
            Window,
            (*LOOKING, *SWEPT),
            "has no flash_buy(), which flash_sale visits need.",
            id="buyers in the search for capacity alone",
        ),
        pytest.param(
            Nothing,
            NO_SALE,
            "has no view(), which browse and cart visits need;",
            id="two kinds need the same",
        ),
    ],
)
def test_what_visits_need_and_the_adapter_lacks(
    make_plan: Callable[..., Plan],
    plan_text: str,
    adapter: type[Storefront],
    changes: tuple[tuple[str, str], ...],
    says: str,
) -> None:
    """One sentence with every method, and who needs it."""
    with pytest.raises(RehearsalError) as caught:
        check_adapter(plan_of(make_plan, plan_text, *changes), adapter)
    assert says in str(caught.value)


#: A search for capacity with carts of up to so many products.
FULL = (*SWEPT, ('"flash_share"\nvalues = [0.1, 0.5]', '"cart_lines"\nvalues = [1, 21]'))
LARGE = (('name = "normal"\n', 'name = "normal"\ncart_lines = 21\n'),)


@pytest.mark.parametrize("changes", [FULL, LARGE], ids=["in a search", "in a phase"])
def test_a_cart_of_more_products_than_there_are(
    make_plan: Callable[..., Plan], plan_text: str, changes: tuple[tuple[str, str], ...]
) -> None:
    """Twenty products do not fill a cart of 21: said before anything starts. A cart of 20 they do fill."""
    plan = plan_of(make_plan, plan_text, *changes)
    with pytest.raises(RehearsalError) as caught:
        check_adapter(plan, MockStorefront)

    assert str(caught.value) == (
        "The adapter MockStorefront has 20 products in `catalogue`, and the plan puts 21 different ones into "
        "a cart (cart_lines). Name more of them, or ask for fewer."
    )
    less = [(before, after.replace("21", "20")) for before, after in changes]
    check_adapter(plan_of(make_plan, plan_text, *less), MockStorefront)


@pytest.mark.parametrize(
    ("adapter", "changes"),
    [
        pytest.param(Window, LOOKING, id="nobody buys"),
        pytest.param(Unsure, LOOKING, id="products that only a shopper knows"),
        pytest.param(Till, (), id="all that is asked for"),
        pytest.param(MyStorefront, WAITING, id="the starter"),
        pytest.param(MockStorefront, WAITING, id="the mock shop's"),
    ],
)
def test_an_adapter_that_will_do(
    make_plan: Callable[..., Plan],
    plan_text: str,
    adapter: type[Storefront],
    changes: tuple[tuple[str, str], ...],
) -> None:
    """What no visit asks for need not be there."""
    check_adapter(plan_of(make_plan, plan_text, *changes), adapter)


def test_a_phase_with_a_mix_of_its_own_counts(make_plan: Callable[..., Plan], plan_text: str) -> None:
    """Buyers who come in one phase alone need their method too."""
    mix = "rate = 1.0\nmix = { browse = 0.5, cart = 0.0, flash_sale = 0.5 }"
    plan = plan_of(make_plan, plan_text, *LOOKING, ("rate = 1.0", mix))

    with pytest.raises(RehearsalError, match=r"no flash_buy\(\), which flash_sale visits need\."):
        check_adapter(plan, Window)


@pytest.mark.parametrize(
    ("adapter", "changes", "said"),
    [
        pytest.param("Read", (), ["Read has no pay():"], id="no payment, though it is promised"),
        pytest.param(
            "Till", (), ["Till has no final_readings():", "Till has no pay():"], id="and nothing to read"
        ),
        pytest.param(
            "Read",
            (("opens_with", "tokens = true\nopens_with"), ("[[phases]]", '[coupon]\ncode = "c"\n[[phases]]')),
            [
                "Read has no pay():",
                "Read has no apply_coupon(): I13.coupon_cap can only be INCONCLUSIVE.",
                "Read has no queue(): nobody draws the number",
            ],
            id="a queue and a coupon that nobody can use",
        ),
    ],
)
def test_what_the_plan_has_and_the_adapter_cannot_use(
    make_plan: Callable[..., Plan],
    plan_text: str,
    adapter: str,
    changes: tuple[tuple[str, str], ...],
    said: list[str],
) -> None:
    """A warning each: what is lacking, and which checks it costs."""
    named = ("[traffic]", f'[target]\nadapter = "{HERE}:{adapter}"\n[traffic]')
    warnings = adapter_warnings(plan_of(make_plan, plan_text, named, *changes))

    assert len(said) == len(warnings)
    assert [line for line, start in zip(warnings, said, strict=True) if start not in line] == []


def test_no_readings_are_one_warning_not_ten(make_plan: Callable[..., Plan], plan_text: str) -> None:
    """It counts the checks that are lost."""
    named = ("[traffic]", f'[target]\nadapter = "{HERE}:Till"\n[traffic]')
    first = adapter_warnings(plan_of(make_plan, plan_text, named))[0]

    assert "nobody looks into the shop's books, and 2" in first


def test_whoever_offers_all_is_not_warned(make_plan: Callable[..., Plan], plan_text: str) -> None:
    """The mock shop's adapter under any plan."""
    assert adapter_warnings(make_plan(plan_text)) == ()


def test_a_strangers_load_asks_an_adapter_nothing(make_plan: Callable[..., Plan]) -> None:
    """Its visits are its own; the adapter only reads."""
    text = """
name = "theirs"
[traffic]
locustfile = "f.py"
users = 2
multiplier = 5.0
[[phases]]
name = "normal"
kind = "normal"
duration_s = 2.0
rate = 1.0
[slo.normal]
p95_ms = 1.0
p99_ms = 2.0
goodput = 0.5
"""
    plan = make_plan(text)
    check_adapter(plan, Nothing)

    assert adapter_warnings(plan) == ()
