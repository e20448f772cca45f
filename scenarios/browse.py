"""The path of a shopper who only looks: two or three product pages, the sale's among them if there is one."""

from functools import partial

from rehearsal.model.history import Step
from scenarios.visit import Visit, is_good


def browse(visit: Visit) -> bool:
    """Look around; tell whether every page came."""
    pages = [visit.pick(), visit.basis.sale_sku or visit.pick(), visit.pick()][: visit.random.choice((2, 3))]
    good = True
    for sku in pages:
        good &= is_good(visit.step(Step.PRODUCT, partial(visit.shop.view, sku)))
        visit.think()
    return good
