"""One look at somebody's shop, from the certificate to the books, and what its adapter lacks."""

import datetime as dt
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from chaos.invariants.needs import costs, offered
from rehearsal.model.errors import RehearsalError, Unreachable
from rehearsal.model.history import NOT_ALLOWED
from rehearsal.model.plan import Plan, VisitKind
from rehearsal.model.readings import FinalReadings
from rehearsal.model.secrets import Masker
from rehearsal.pipeline.adapter_check import kinds_of
from rehearsal.pipeline.given import Given, given_of
from rehearsal.pipeline.ground import require_shop
from rehearsal.pipeline.readings import Reader, reading_client
from rehearsal.pipeline.tryout.books import books_seen
from rehearsal.pipeline.tryout.child import Tried, try_out
from rehearsal.pipeline.tryout.links import links_seen, past_silent_edge, silent_links
from rehearsal.pipeline.tryout.sight import Sight, State, well, wrong
from rehearsal.pipeline.tryout.surroundings import clock_seen, hosts_seen, rates_seen
from rehearsal.pipeline.tryout.tls import tls_seen
from rehearsal.pipeline.tryout.visits import exchanges_of, steps_of, visits_seen
from scenarios.data_tables import require_rows
from scenarios.load_order import LoadOrder
from scenarios.schedule import build
from scenarios.shopper import basis_of
from scenarios.storefront import Endpoints, load_adapter, offers_of
from scenarios.tryout.told import BurstTold, Exchange, TryOrder, schedule_of

#: What stands in the marks of the doctor's requests instead of a run's name.
RUN = "doctor"
#: So many quick requests show most limits, and harm no shop.
BURST = 20
_SEEDS = 2**40


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen. `costs` holds by need that is not met the checks that are INCONCLUSIVE without it.

    `mask` hides secrets in whatever is shown of it.
    """

    plan: str
    url: str
    tried: Tried = Tried()
    sights: tuple[Sight, ...] = ()
    costs: dict[str, tuple[str, ...]] = {}
    mask: Masker = str

    @property
    def well(self) -> bool:
        """Tell whether nothing must be mended before a drill."""
        return not any(sight.state is State.WRONG for sight in self.sights)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """How far the doctor may go: only `look`, so that nothing is bought; a `burst` of so many requests."""

    look: bool = False
    burst: int = BURST


def kinds_walked(plan: Plan, wish: Wish) -> tuple[VisitKind, ...]:
    """Return the kinds of visits that are walked, one each; none where others make the load."""
    kinds = kinds_of(plan)
    return kinds and (VisitKind.BROWSE,) if wish.look else kinds


def examine_target(plan: Plan, wish: Wish, say: Callable[[str], object] = lambda _: None) -> Examined:
    """Look at the shop that a plan names; `say` hears what is being done.

    RehearsalError if the plan rehearses the mock shop, or nothing could be tried.
    """
    if plan.target.shop == "mock":
        raise RehearsalError(
            "The plan rehearses the mock shop, which a drill starts itself. "
            'Name a shop that stands: [target] shop = "url".'
        )
    say("Looking at the address and its certificate.")
    silent = silent_links(plan)
    of_links = links_seen(plan, silent)
    plan = past_silent_edge(plan, silent)
    door = (*_at_the_door(plan), *of_links)
    if any(sight.state is State.WRONG for sight in door):
        return Examined(plan=plan.name, url=plan.target.url, sights=door)
    given = given_of(plan, schedule_of(kinds_walked(plan, wish)), os.environ)
    order = order_of(plan, wish, given)
    say(f"Walking one visit of each kind: {', '.join(order.kinds) or 'none'}.")
    tried = try_out(order)
    say("Reading the books.")
    books, lacking = _books(plan, given, tried)
    return Examined(
        plan=plan.name,
        url=plan.target.url,
        tried=tried,
        sights=(
            *door,
            *_rows(plan, given),
            *_walk(plan, tried, order.timeout_s),
            *books,
            *_surroundings(plan, tried),
        ),
        costs=lacking,
        mask=given.mask,
    )


def _rows(plan: Plan, given: Given) -> tuple[Sight, ...]:
    """Say whether the test data suffice for a drill: the walk itself takes a row or two."""
    try:
        require_rows(given.tables, build(plan))
    except RehearsalError as error:
        return (wrong("data", str(error)),)
    return ()


def _walk(plan: Plan, tried: Tried, timeout_s: float) -> tuple[Sight, ...]:
    """Return what is to be said of the visits, and of certificates that only they led to."""
    elsewhere = _certificates(plan, _led_to(plan, exchanges_of(tried)))
    unbelieved = {place: one.sentence for place, one in elsewhere.items() if one.state is State.WRONG}
    believed = (sight for sight in elsewhere.values() if sight.state is not State.WRONG)
    return (*believed, *visits_seen(tried, timeout_s, unbelieved))


def _surroundings(plan: Plan, tried: Tried) -> tuple[Sight, ...]:
    walked = exchanges_of(tried)
    burst = next((line.exchanges for line in tried.told if isinstance(line, BurstTold)), ())
    return (
        *clock_seen([*walked, *burst]),
        *hosts_seen(walked, plan.target.allow),
        *rates_seen(burst, walked, plan),
    )


def _books(plan: Plan, given: Given, tried: Tried) -> tuple[tuple[Sight, ...], dict[str, tuple[str, ...]]]:
    """Return what is to be said of the final readings, and what is lacking, with its price."""
    final, unread = _final(plan, given)
    if unread:
        return (unread,), {}
    lacking = costs(plan, offered(final, _methods(plan)))
    praise = () if lacking else (well("needs", "nothing is lacking that a check of this plan needs."),)
    return (*books_seen(final, steps_of(tried), plan), *praise), lacking


def order_of(plan: Plan, wish: Wish, given: Given) -> TryOrder:
    """Return what the doctor's process is asked: under a seed of its own, so that shoppers are new."""
    target = plan.target
    load = LoadOrder(
        adapter=target.adapter,
        endpoints=_endpoints(plan),
        basis=basis_of(plan),
        seed=time.time_ns() // 1_000_000 % _SEEDS,
        pool=1,
        allow=target.allow,
        ca_file=target.ca_file and str(Path(target.ca_file).absolute()),
        run=RUN,
        headers=plan.marks.headers(RUN),
        mail_domain=plan.marks.mail_domain,
        data=given.tables,
        secrets=given.sources,
    )
    return TryOrder(load=load, kinds=kinds_walked(plan, wish), burst=wish.burst)


def _at_the_door(plan: Plan) -> tuple[Sight, ...]:
    """Look at what can be known before a shopper comes: certificates, and whether anybody answers."""
    found = tuple(_certificates(plan, (plan.target.url, plan.target.admin_url)).values())
    if any(sight.state is State.WRONG for sight in found):
        return found
    try:
        require_shop(plan)
    except RehearsalError as error:
        return (*found, wrong("shop", str(error)))
    return found


def _certificates(plan: Plan, urls: Iterable[str]) -> dict[str, Sight]:
    return tls_seen(urls, plan.target.ca_file, now=dt.datetime.now(dt.UTC))


def _led_to(plan: Plan, walked: Iterable[Exchange]) -> list[str]:
    """Return the addresses besides the plan's own that the walk went to."""
    own = {urlsplit(url).netloc for url in (plan.target.url, plan.target.admin_url)}
    return [one.url for one in walked if one.error != NOT_ALLOWED and urlsplit(one.url).netloc not in own]


def _final(plan: Plan, given: Given) -> tuple[FinalReadings, Sight | None]:
    """Return the final readings; if they cannot be read, none and why."""
    target = plan.target
    with reading_client(target.ca_file, plan.marks.headers(RUN)) as client:
        endpoints = msgspec.structs.replace(_endpoints(plan), secrets=given.secrets)
        reader = Reader(load_adapter(target.adapter), endpoints, client)
        try:
            final = reader.final()
        except RehearsalError as error:
            # What was no answer of the shop's, such as a secret that is not named, says itself what mends it.
            is_theirs = isinstance(error, Unreachable) or error.__cause__ is not None
            mend = "; correct the adapter's final_readings(), or target.admin_url" if is_theirs else ""
            return FinalReadings(), wrong("readings", f"{str(error).rstrip('.')}{mend}.")
    return final, None


def _methods(plan: Plan) -> tuple[str, ...]:
    """Return the methods that an adapter has written; a stranger's shoppers tell of no payment."""
    if plan.traffic.is_closed or plan.traffic.is_logged:
        return ()
    return offers_of(load_adapter(plan.target.adapter))


def _endpoints(plan: Plan) -> Endpoints:
    target = plan.target
    return Endpoints(url=target.url, admin_urls=(target.admin_url or target.url,))
