"""What the mock shop says of itself after a run: from every region, and from every provider's own ledger."""

from collections.abc import Iterator
from string import ascii_lowercase
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from rehearsal.model.errors import Unreachable
from rehearsal.model.readings import (
    CallReading,
    ChargeReading,
    ConfirmationReading,
    CouponReading,
    EventReading,
    FinalReadings,
    GiftCardReading,
    OrderReading,
    RegionReading,
    StockReading,
    TokenReading,
    TransitionReading,
)
from scenarios.storefront import Endpoints, GetJson

T = TypeVar("T")
Orders = tuple[OrderReading, ...]


def final_readings(get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
    """Read stock, orders and ledgers, and of the rest what the shop offers; Unreachable if nobody answers.

    Orders are asked of every region; the rest of the first that answers, for one database stands behind all.
    """
    told = dict(_answering(get_json, endpoints))
    shop, orders = next(iter(told.items()))
    ledgers = bool(endpoints.ledgers)
    return FinalReadings(
        orders=orders,
        regions=_regions(told) if len(told) == len(endpoints.admin_urls) else None,
        stock=_read(get_json, shop, "stock", StockReading),
        charges=_charges(get_json, endpoints) if ledgers else None,
        calls=_calls(get_json, endpoints) if ledgers else None,
        transitions=_offered(get_json, shop, "transitions", TransitionReading),
        events=_offered(get_json, shop, "events", EventReading),
        confirmations=_offered(get_json, shop, "confirmations", ConfirmationReading),
        coupons=_offered(get_json, shop, "coupons", CouponReading),
        gift_cards=_offered(get_json, shop, "gift-cards", GiftCardReading),
        tokens=_offered(get_json, shop, "queue", TokenReading, name="tokens"),
    )


def unsettled(get_json: GetJson, endpoints: Endpoints) -> int:
    """Return what is undecided, as the region says that knows of most; Unreachable if none answers."""
    counts: list[int] = []
    silences: list[Unreachable] = []
    for shop in endpoints.admin_urls:
        try:
            counts.append(sum(get_json(f"{shop}/admin/pending").values()))
        except Unreachable as error:
            silences.append(error)
    if not counts:
        raise silences[0]
    return max(counts)


def _answering(get_json: GetJson, endpoints: Endpoints) -> Iterator[tuple[str, Orders]]:
    """Give the regions that answer with their orders; Unreachable if there is none."""
    first: Orders | None = None
    silences: list[Unreachable] = []
    for shop in endpoints.admin_urls:
        try:
            orders = _read(get_json, shop, "orders", OrderReading)
        except Unreachable as error:
            silences.append(error)
            continue
        # Regions that tell the same share one value: a hundred thousand orders are held once.
        first = orders if first is None else first
        yield shop, first if orders == first else orders
    if first is None:
        raise silences[0]


def _regions(told: dict[str, Orders]) -> tuple[RegionReading, ...]:
    """Name the regions in the order of their addresses."""
    return tuple(
        RegionReading(region=name, orders=orders)
        for name, orders in zip(ascii_lowercase, told.values(), strict=False)
    )


def _charges(get_json: GetJson, endpoints: Endpoints) -> tuple[ChargeReading, ...]:
    return tuple(
        replace(entry, entry_id=f"{mark}{entry.entry_id}") if mark else entry
        for mark, ledger in _marked(endpoints)
        for entry in _read(get_json, ledger, "ledger", ChargeReading, name="entries")
    )


def _calls(get_json: GetJson, endpoints: Endpoints) -> tuple[CallReading, ...] | None:
    read = [(mark, _offered(get_json, ledger, "calls", CallReading)) for mark, ledger in _marked(endpoints)]
    if any(calls is None for _, calls in read):
        return None
    return tuple(
        replace(call, endpoint=f"{mark}{call.endpoint}") for mark, calls in read for call in calls or ()
    )


def _marked(endpoints: Endpoints) -> Iterator[tuple[str, str]]:
    """Give each ledger with what is put before its ids: nothing for the first provider, `2:` for the next."""
    for number, ledger in enumerate(endpoints.ledgers, start=1):
        yield f"{number}:" if number > 1 else "", ledger


def _offered(
    get_json: GetJson, shop: str, path: str, kind: type[T], *, name: str = ""
) -> tuple[T, ...] | None:
    """Return a reading, None if the shop does not offer it."""
    try:
        return _read(get_json, shop, path, kind, name=name)
    except Unreachable:
        return None


def _read(get_json: GetJson, shop: str, path: str, kind: type[T], *, name: str = "") -> tuple[T, ...]:
    body = get_json(f"{shop}/admin/{path}")
    return msgspec.convert(body[name or path.replace("-", "_")], tuple[kind, ...])  # type: ignore[valid-type]
