"""The doctor's process: `python -m scenarios.tryout ORDER.json TOLD.ndjson`."""

import os
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

import msgspec

from rehearsal.model.clock import SystemClock
from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import Outcome, Step
from rehearsal.model.secrets import Masker
from scenarios.connect import confine, connect
from scenarios.means import Means
from scenarios.pool import GeventPace
from scenarios.schedule import Arrival
from scenarios.secret_sources import read_secrets
from scenarios.shopper import Shopping
from scenarios.storefront import load_adapter
from scenarios.test_data import Handout
from scenarios.tryout.told import BurstTold, Exchange, FailedTold, StepTold, Told, TryOrder, schedule_of
from scenarios.tryout.walk import walk
from scenarios.tryout.watched import Watched

#: A burst ends after so many refusals, or seconds: the shop's word was understood.
_REFUSALS, _LONGEST_S = 3, 10.0
_REFUSED = frozenset({429, 503})


def main(order_file: str, told_file: str) -> None:
    """Carry out an order and write down what came of it, line by line."""
    order = msgspec.json.decode(Path(order_file).read_bytes(), type=TryOrder)
    with Path(told_file).open("wb") as out:
        teller = Teller(out)
        try:
            try_out(order, teller)
        except RehearsalError as error:
            teller(FailedTold(why=str(error)))


class Teller:
    """Writes lines at once, for whoever reads them when this process had to be killed."""

    def __init__(self, out: BinaryIO) -> None:
        """Take the file.

        `mask` hides what must not be read. `page` is the address of the last product page that came, "" if
        none did.
        """
        self._out = out
        self.mask: Masker = str
        self.page = ""

    def __call__(self, told: Told) -> None:
        """Write one line."""
        if isinstance(told, StepTold) and (told.step, told.outcome) == (Step.PRODUCT, Outcome.OK):
            pages = [one.url for one in told.exchanges if (one.method, one.status) == ("GET", HTTPStatus.OK)]
            self.page = (pages or [self.page])[-1]
        line = self.mask(msgspec.json.encode(told).decode())
        self._out.write(f"{line}\n".encode())
        self._out.flush()


def try_out(order: TryOrder, tell: Teller) -> None:
    """Walk the visits one after another, and then make the burst."""
    clock, load = SystemClock(), order.load
    adapter = load_adapter(load.adapter)
    bounds = msgspec.structs.replace(load.bounds, timeout_s=order.timeout_s)
    confine(adapter, bounds)
    origin_ns = clock.now_ns()
    pace = GeventPace(clock, origin_ns)

    def client() -> Watched:
        return Watched(connect(adapter, clock, origin_ns, bounds))

    if order.kinds:
        shopping, handout = shopping_of(order)
        for index, kind in enumerate(order.kinds):
            arrival = Arrival(index, pace.now_ns(), kind)
            tell.mask = handout.masker_of(arrival)
            walk(arrival, shopping, client(), pace=pace, tell=tell)
    if order.burst:
        http, page = client(), tell.page or load.endpoints.url
        tell(BurstTold(exchanges=tuple(burst(http, page, order.burst))))


def shopping_of(order: TryOrder) -> tuple[Shopping, Handout]:
    """Return what the visits have in common, and who gives them their rows and secrets."""
    load = order.load
    secrets = read_secrets(load.secrets, os.environ)
    means = Means(secrets=secrets, mail_domain=load.mail_domain, run=load.run)
    handout = Handout(load.data, schedule_of(order.kinds), basis=means)
    shopping = Shopping(
        adapter=load_adapter(load.adapter),
        endpoints=msgspec.structs.replace(load.endpoints, secrets=secrets),
        basis=load.basis,
        seed=load.seed,
        means_of=handout.means_of,
    )
    return shopping, handout


def burst(http: Watched, url: str, count: int) -> list[Exchange]:
    """Ask for the same page again and again, as fast as it comes; stop once refused for certain."""
    refused, until_s = 0, time.monotonic() + _LONGEST_S
    for _ in range(count):
        reply = http.request("GET", url)
        refused += reply.status in _REFUSED or bool(reply.error)
        if refused >= _REFUSALS or time.monotonic() > until_s:
            break
    return list(http.take())


if __name__ == "__main__":
    main(*sys.argv[1:3])
