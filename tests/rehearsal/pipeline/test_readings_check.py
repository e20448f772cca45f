"""What an adapter may return as a reading, and what each other thing it returns is called."""

from typing import Any, cast

import httpx
import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.readings import FinalReadings, OrderLine, OrderReading
from rehearsal.pipeline.readings import Reader
from rehearsal.pipeline.readings_check import checked
from scenarios.storefront import Endpoints, GetJson, Storefront


def order(**facts: Any) -> OrderReading:
    """Return an order, right but for what is told otherwise."""
    usual: dict[str, Any] = {
        "order_id": "o",
        "shopper": "s",
        "intent": "",
        "status": "paid",
        "channel": "card",
        "total_cents": 7,
        "region": "",
        "lines": (OrderLine(sku="f", qty=1, price_cents=7),),
    }
    return OrderReading(**{**usual, **facts})


def reader_of(said: Any) -> Reader:
    """Return a reader whose adapter returns the same for everything; an exception it raises."""

    class Odd(Storefront):
        @classmethod
        def final_readings(cls, get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
            return cast("FinalReadings", cls._said())

        @classmethod
        def unsettled(cls, get_json: GetJson, endpoints: Endpoints) -> int:
            return cast("int", cls._said())

        @classmethod
        def stock(cls, get_json: GetJson, endpoints: Endpoints, sku: str) -> int | None:
            return cast("int | None", cls._said())

        @classmethod
        def _said(cls) -> Any:
            if isinstance(said, BaseException):
                raise said
            return said

    return Reader(Odd, Endpoints(url="http://d", admin_urls=("http://a",)), httpx.Client())


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param(None, "it returned None", id="a forgotten return"),
        pytest.param({"orders": []}, "it returned a dict", id="plain JSON"),
        pytest.param(FinalReadings(orders=(order(order_id=7),)), r"orders: .*`str`.*`int`", id="a number"),
        pytest.param(FinalReadings(orders=(order(intent=None),)), r"orders: .*`null`", id="a None inside"),
        pytest.param(FinalReadings(orders=(order(total_cents=1.5),)), r"orders: .*`float`", id="a fraction"),
        pytest.param(FinalReadings(orders=(order(lines=None),)), r"orders: .*lines", id="no lines"),
        pytest.param(FinalReadings(orders=(order(lines={1, object()}),)), "orders: ", id="no JSON at all"),
        pytest.param(FinalReadings(orders=iter(())), "orders is a tuple_iterator", id="an iterator"),  # type: ignore[arg-type]
        pytest.param(FinalReadings(stock=5), "stock: ", id="a number for a list"),  # type: ignore[arg-type]
        pytest.param(SystemExit(0), "SystemExit: 0", id="an end of the process that says all is well"),
    ],
)
def test_odd_readings_are_no_readings(said: Any, words: str) -> None:
    """The sentence names the method and what is wrong; the run itself stays readable."""
    with pytest.raises(RehearsalError, match=rf"Odd\.final_readings broke: (TypeError: )?{words}"):
        reader_of(said).final()


@pytest.mark.parametrize("said", [None, "3", 3.0, SystemExit(0)], ids=["None", "text", "a float", "an exit"])
def test_what_is_unsettled_is_a_whole_number(said: object) -> None:
    """Nothing else ends the wait, least of all a forgotten return."""
    with pytest.raises(RehearsalError, match=r"Odd\.unsettled broke"):
        reader_of(said).quiesce(0.0, lambda: None)


def test_stock_is_a_whole_number_or_unknown() -> None:
    """None is an answer here, a text is none."""
    assert reader_of(None).stock("f") is None
    assert reader_of(0).stock("f") == 0
    with pytest.raises(RehearsalError, match="it returned a str, and not a whole number"):
        reader_of("5").stock("f")


def test_right_readings_are_returned_however_many() -> None:
    """Lists do as well as tuples; a wrong entry far behind is found."""
    many = [order()] * 10_001
    right = FinalReadings(orders=many)  # type: ignore[arg-type]

    assert checked(right) is right
    with pytest.raises(TypeError, match="orders, from entry 10000 on: Expected `str`"):
        checked(FinalReadings(orders=(*many[:-1], order(region=1))))
