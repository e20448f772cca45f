"""What each process of the mock shop is told, from the plan and its addresses."""

from pathlib import Path
from typing import Any

from rehearsal.model.plan import Plan
from rehearsal.pipeline import ports
from rehearsal.pipeline.shop_links import LISTENERS, POOLED, PROVIDER_CLASSES, REGIONS, Links, pool_names
from scenarios.mock_storefront import MockStorefront

_PRICES_FROM, _PRICE_STEP, _AMPLE = 1200, 350, 1_000_000
#: A payment whose answer was lost is looked into so much later: what is on its way has arrived by then.
_ARRIVES_WITHIN_S = 1.0


def shop_configs(run: Path, plan: Plan, links: Links, defects: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return what each process of the shop is told, by label, in the order of starting."""
    common = {"seed": plan.seed, "defects": list(defects)}
    database = str(run / "shop" / "shop.sqlite")
    regions = {
        f"region_{name}": {**common, "database": database, **_region(plan, links, name)} for name in REGIONS
    }
    edges = [{"name": name, "url": links.listeners[f"edge_{name}"]} for name in REGIONS]
    # Past the edges, which a drill may break: what a region uses is read all the same.
    director = {"regions": edges, "gauges": links.regions, "interval_s": 0.25, "down_after": 2, "up_after": 3}
    return {
        **regions,
        "provider": {**common, **_provider(run, links, "provider", links.provider), "prefix": "p"},
        "provider2": {**common, **_provider(run, links, "provider2", links.provider2), "prefix": "p2"},
        "director": {**common, **_bound(links.director, "director"), **director},
        "worker": {**common, **_bound(links.worker, "worker"), "database": database},
    }


def _provider(run: Path, links: Links, label: str, url: str) -> dict[str, Any]:
    return {
        **_bound(url, "provider"),
        "database": str(run / "shop" / f"{label}.sqlite"),
        "servers": 64,
        "service_ms": 10.0,
        "callback_delay_ms": 150.0,
        "links": {name: links.listeners[name] for name in LISTENERS if name.startswith("callback_")},
    }


def _region(plan: Plan, links: Links, name: str) -> dict[str, Any]:
    return {
        **_bound(links.regions[name], "region"),
        "name": name,
        "servers": plan.store.servers,
        "service_ms": plan.store.service_ms,
        "reservation_s": plan.store.reservation_s,
        "arrives_within_s": _ARRIVES_WITHIN_S,
        "queue": plan.store.queue,
        "law": plan.store.law,
        "rule_share": plan.store.rule_share,
        "provider": {cls: [links.listeners[way] for way in pool_names(cls)] for cls in POOLED}
        | {cls: links.listeners[f"pay_{cls}"] for cls in PROVIDER_CLASSES if cls not in POOLED},
        "provider2": {cls: links.listeners[f"pay2_{cls}"] for cls in PROVIDER_CLASSES},
        "peers": {peer: links.listeners[f"sync_{peer}"] for peer in REGIONS if peer != name},
        "callback_url": f"{links.listeners[f'callback_{name}']}/callbacks/payment",
        "sale": _sale(plan),
        "catalogue": catalogue(plan),
        **_vouchers(plan),
    }


def _sale(plan: Plan) -> dict[str, Any]:
    sale = plan.sale
    return {
        "sku": sale.sku,
        "stock": sale.stock,
        "price_cents": sale.price_cents,
        "limit_per_shopper": sale.limit_per_shopper,
        "opens_at_ns": 0,
        "full_price_cents": sale.full_price_cents,
        "tokens": sale.tokens,
    }


def _vouchers(plan: Plan) -> dict[str, Any]:
    coupon, cards = plan.coupon, plan.gift_cards
    found: dict[str, Any] = {}
    if coupon is not None:
        found["coupon"] = coupon.model_dump(exclude={"share"})
    if cards is not None:
        found["gift_cards"] = [{"code": f"gift-{n}", "cents": cards.cents} for n in range(cards.cards)]
    return found


def _bound(url: str, role: str) -> dict[str, Any]:
    return {"role": role, "host": ports.HOST, "port": ports.port_of(url)}


def catalogue(plan: Plan) -> list[dict[str, Any]]:
    """Return the ordinary products: priced apart, in ample stock."""
    del plan
    return [
        {"sku": sku, "price_cents": _PRICES_FROM + number * _PRICE_STEP, "stock": _AMPLE}
        for number, sku in enumerate(MockStorefront.catalogue)
    ]
