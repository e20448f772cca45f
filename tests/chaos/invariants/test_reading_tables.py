"""Final readings as tables: whole or in parts, the same."""

from typing import Any

import pytest

from chaos.invariants.reading_tables import ReadingTables, tables_of
from rehearsal.model.readings import (
    ChargeReading,
    FinalReadings,
    OrderLine,
    OrderReading,
    RegionReading,
    StockReading,
)


def order(order_id: str, *skus: str, status: str = "paid") -> OrderReading:
    """Return an order of one unit of each product."""
    lines = tuple(OrderLine(sku=sku, qty=1, price_cents=700) for sku in skus)
    told: dict[str, Any] = {"shopper": "s", "intent": "", "channel": "card", "region": "a", "lines": lines}
    return OrderReading(order_id=order_id, status=status, total_cents=700 * len(lines), **told)


def charge(order_id: str, amount_cents: int = 700) -> ChargeReading:
    """Return a capture."""
    rest: dict[str, Any] = {"kind": "capture", "payment_id": "p", "idempotency_key": ""}
    return ChargeReading(entry_id=f"e-{order_id}", order_id=order_id, amount_cents=amount_cents, **rest)


def ids(tables: ReadingTables, name: str = "orders") -> list[str]:
    """Return the orders that a table names, line by line."""
    table = getattr(tables, name)
    assert table is not None
    return [str(order_id) for order_id in table["order_id"]]


def test_parts_are_added_up() -> None:
    """Entries keep their order over the parts; open payments of all parts are counted together."""
    first = FinalReadings(orders=(order("o1", "p1", "p2"),), undecided=2)
    second = FinalReadings(orders=(order("o2", "p1"),))

    tables = tables_of([first, second])

    assert (ids(tables), ids(tables, "lines")) == (["o1", "o2"], ["o1", "o1", "o2"])
    assert tables.undecided == 2


def test_what_no_part_has_is_none_and_not_empty() -> None:
    """A shop without orders is told apart from an adapter that reads none."""
    tables = tables_of([FinalReadings(orders=())])

    assert (tables.charges, tables.stock) == (None, None)
    assert ids(tables) == []


@pytest.mark.parametrize(
    ("mine", "expected"),
    [
        pytest.param((order("o1", "p1"),), ["o1", "o9"], id="the shop's, then a region's own"),
        pytest.param(None, ["o1", "o9"], id="no reading but the regions'"),
    ],
)
def test_an_order_that_only_a_region_tells_of_is_an_order(
    mine: tuple[OrderReading, ...] | None, expected: list[str]
) -> None:
    """Each order counts once with its lines, however many regions tell of it, in one part or in two."""
    regions = (
        RegionReading(region="a", orders=(order("o1", "p1"),)),
        RegionReading(region="b", orders=(order("o1", "p1"), order("o9", "p2", "p3"))),
    )

    whole = tables_of([FinalReadings(orders=mine, regions=regions)])
    parts = tables_of([FinalReadings(orders=mine), *(FinalReadings(regions=(one,)) for one in regions)])

    for tables in (whole, parts):
        assert expected == ids(tables)
        assert ids(tables, "lines") == ["o1", "o9", "o9"]
        assert list(tables.regions["seen_by"] if tables.regions is not None else ()) == ["a", "b", "b"]


@pytest.mark.parametrize(
    ("entry", "orders", "kept"),
    [
        pytest.param(charge("canary-1", 1), (), [], id="a cent of the nemesis's own"),
        pytest.param(charge("canary-1", 700), (), ["canary-1"], id="more than a cent is somebody's money"),
        pytest.param(
            charge("canary-1", 1), (order("canary-1", "p1"),), ["canary-1"], id="the shop has the order"
        ),
        pytest.param(charge("canary-1", 1), None, [], id="nobody knows the shop's orders"),
        pytest.param(charge("o1", 1), (), ["o1"], id="a cent of somebody else"),
    ],
)
def test_canaries_are_not_charges(
    entry: ChargeReading, orders: tuple[OrderReading, ...] | None, kept: list[str]
) -> None:
    """The nemesis's own cents are left out, and nothing else is."""
    assert kept == ids(tables_of([FinalReadings(charges=(entry,), orders=orders)]), "charges")


def test_stock_keeps_its_numbers() -> None:
    """Plain readings become tables of their fields."""
    row = StockReading(sku="p1", initial=5, available=2, reserved=1, sold=2, restocked=1)

    tables = tables_of([FinalReadings(stock=(row,))])

    assert tables.stock is not None
    assert tables.stock.rows() == [("p1", 5, 2, 1, 2, 1)]
