"""final.json in parts says what final.json says."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.errors import RunDirError
from rehearsal.model.readings import (
    ChargeReading,
    FinalReadings,
    OrderLine,
    OrderReading,
    RegionReading,
    StockReading,
)
from rehearsal.rundir import folder
from rehearsal.rundir.final_file import read_final


def order(number: int) -> OrderReading:
    """Return an order of one line."""
    line = OrderLine(sku="p1", qty=1, price_cents=700)
    told: dict[str, Any] = {
        "intent": "",
        "status": "paid",
        "channel": "card",
        "region": "a",
        "lines": (line,),
    }
    return OrderReading(order_id=f"o{number}", shopper="s", total_cents=700, **told)


def charge(number: int) -> ChargeReading:
    """Return a capture."""
    money: dict[str, Any] = {"kind": "capture", "amount_cents": 700, "idempotency_key": ""}
    return ChargeReading(entry_id=f"e{number}", payment_id="p", order_id="o", **money)


def together(parts: list[FinalReadings]) -> FinalReadings:
    """Return the parts as one value again."""
    first, *rest = parts
    lists: dict[str, Any] = {}
    for part in rest:
        [(name, entries)] = [
            (name, value) for name, value in msgspec.structs.asdict(part).items() if isinstance(value, tuple)
        ]
        lists[name] = (*lists.get(name, ()), *entries)
    if regions := lists.get("regions"):
        orders = tuple(order for told in regions for order in told.orders)
        lists["regions"] = (RegionReading(region=regions[0].region, orders=orders),)
    return msgspec.structs.replace(first, **lists)


@given(
    orders=st.integers(0, 9), charges=st.integers(0, 9), rows=st.integers(1, 4), undecided=st.integers(0, 3)
)
def test_the_parts_together_are_the_whole(
    tmp_path_factory: pytest.TempPathFactory, orders: int, charges: int, rows: int, undecided: int
) -> None:
    """Whatever the size of a part: no entry is lost, doubled or out of order, nothing else is forgotten."""
    run = tmp_path_factory.mktemp("run")
    stock = StockReading(sku="p1", initial=3, available=1, reserved=1, sold=1)
    mine = tuple(map(order, range(orders)))
    whole = FinalReadings(
        stock=(stock,),
        orders=mine,
        charges=tuple(map(charge, range(charges))),
        regions=(RegionReading(region="a", orders=mine),),
        undecided=undecided,
    )
    folder.write_json(run / folder.FINAL, whole)

    assert whole == together(list(read_final(run, rows=rows)))


def test_what_was_not_read_is_not_an_empty_list(tmp_path: Path) -> None:
    """An adapter that cannot read orders is told apart from a shop that has none."""
    folder.write_json(tmp_path / folder.FINAL, FinalReadings(charges=(), unread="it is dead"))

    [only] = read_final(tmp_path)

    assert FinalReadings(charges=(), unread="it is dead") == only


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(None, "cannot be read (No such file or directory)", id="no file"),
        pytest.param(b"", "is empty", id="an empty file"),
        pytest.param(b"{", "holds no final readings", id="a file that was cut"),
        pytest.param(b'{"orders": 3}', "holds no final readings", id="a number for a list"),
        pytest.param(
            b'{"orders": [{"order_id": 3}]}', "holds no final readings", id="an order of another shape"
        ),
    ],
)
def test_a_file_that_holds_something_else_is_named(tmp_path: Path, content: bytes | None, says: str) -> None:
    """The message says which file it is and what is wrong with it."""
    if content is not None:
        (tmp_path / folder.FINAL).write_bytes(content)

    with pytest.raises(RunDirError, match=r"final\.json") as caught:
        list(read_final(tmp_path))

    assert says in str(caught.value)
