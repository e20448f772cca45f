"""Locust's entry point: serves a plan's schedule, or by itself is an ordinary locustfile.

    locust -f scenarios/locustfile.py --host http://127.0.0.1:18080      (web page on :8089; closed model)

There, users shop over and over with think time between visits; the host is the shop's director.
"""

from argparse import Namespace
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gevent
from locust import User, between, events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment

from rehearsal.model.clock import SystemClock
from rehearsal.model.history import Row
from rehearsal.model.plan import VisitKind
from scenarios.client import Client
from scenarios.mock_storefront import MockStorefront
from scenarios.pool import GeventPace
from scenarios.recording.locust_stats import fire, keep_precision
from scenarios.rehearsed import PooledShopper, Rehearsed, alone
from scenarios.schedule import Arrival
from scenarios.shopper import Shopping, shop
from scenarios.storefront import Answer, Endpoints
from scenarios.visit import Basis
from scenarios.wishes import Offers

_OPTION = "--rehearsal-run"
_numbers = count()


@events.init_command_line_parser.add_listener
def _add_option(parser: LocustArgumentParser) -> None:
    parser.add_argument(_OPTION, default="", help="the folder of a run whose schedule to serve")


@events.init.add_listener
def _attach(environment: Environment, **_: Any) -> None:
    options: Namespace | None = environment.parsed_options
    run = str(getattr(options, "rehearsal_run", "") or "")
    if run:
        rehearsed = alone(Path(run), environment)
        PooledShopper.rehearsed = rehearsed
        environment.user_classes = [PooledShopper]
        gevent.spawn(_conduct, rehearsed, environment)
    else:
        keep_precision()
        environment.user_classes = [Browser, CartShopper, FlashShopper]


def _conduct(rehearsed: Rehearsed, environment: Environment) -> None:
    try:
        rehearsed.conduct()
    finally:
        # Also when it broke off, on a full disk say: load that nobody records must not go on.
        if environment.runner is not None:
            environment.runner.quit()


class _Shopper(User):
    """A shopper of the closed model: one visit after another, each under a new name."""

    abstract = True
    wait_time = between(0.5, 1.5)
    kind: VisitKind

    def on_start(self) -> None:
        """Make this user's connections and clock."""
        clock = SystemClock()
        self.origin_ns = clock.now_ns()
        self.pace = GeventPace(clock, self.origin_ns)
        self.http = Client(clock, self.origin_ns, allow=[urlsplit(self.host or "").hostname or ""])
        self.shopping = Shopping(
            adapter=MockStorefront,
            endpoints=Endpoints(url=self.host or ""),
            basis=Basis(sale_sku="flash", limit_per_shopper=2, think_s=0.3, offers=Offers(tokens=True)),
            seed=self.origin_ns,
        )

    @task
    def visit(self) -> None:
        """Shop once, from now."""
        arrival = Arrival(next(_numbers), self.pace.now_ns(), self.kind)
        shop(
            arrival,
            self.shopping,
            self.http,
            pace=self.pace,
            record=self.report,
            record_visit=lambda _row: None,
        )

    def report(self, row: Row, answer: Answer) -> None:
        """Show an attempt in Locust's own statistics."""
        fire(self.environment, row, answer)


class Browser(_Shopper):
    """Looks at products."""

    weight = 4
    kind = VisitKind.BROWSE


class CartShopper(_Shopper):
    """Fills a cart, orders and pays."""

    weight = 4
    kind = VisitKind.CART


class FlashShopper(_Shopper):
    """Buys in the flash sale."""

    weight = 2
    kind = VisitKind.FLASH_SALE
