"""What a plan's links contradict, and which faults can be brought about on links alone. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit, urlunsplit

from rehearsal.model.faults import FaultKind
from rehearsal.model.hosts import is_loopback
from rehearsal.model.plan import Fault, Plan
from rehearsal.model.plan_shop import Link, LinkRole
from rehearsal.model.toml_places import Path

#: The faults that a broken link is enough for, by the role of the links they strike. Of the others each needs
#: more: a status code, a repeated callback, a second region, a process of the mock shop's.
ROLE_OF: dict[FaultKind, LinkRole] = {
    FaultKind.PAYMENT_UNREACHABLE: LinkRole.PAYMENT,
    FaultKind.PAYMENT_BLACK_HOLE: LinkRole.PAYMENT,
    FaultKind.ANSWER_LOST_AFTER_CAPTURE: LinkRole.PAYMENT,
    FaultKind.RESET_AFTER_CAPTURE: LinkRole.PAYMENT,
    FaultKind.PAYMENT_SLOW: LinkRole.PAYMENT,
    FaultKind.PAYMENT_BROWN_OUT: LinkRole.PAYMENT,
    FaultKind.PAYMENT_FLAPPING: LinkRole.PAYMENT,
    FaultKind.REGION_SLOW: LinkRole.EDGE,
    FaultKind.REGION_FLAPPING: LinkRole.EDGE,
    FaultKind.DATABASE_DOWN: LinkRole.DATABASE,
    FaultKind.DATABASE_SLOW: LinkRole.DATABASE,
}

_HIGHEST = 65535
_PORTS = {"http": 80, "https": 443}


def links(plan: Plan) -> Iterator[tuple[Path, str]]:
    """Yield the mistakes of the table, each with its place."""
    if not plan.links:
        return
    if plan.target.shop == "mock":
        yield ("links",), "have no use: the mock shop's links are the harness's own (target.shop = mock)"
    if plan.target.toxiproxy:
        words = "has no use beside [[links]]: the harness listens there itself; keep one of the two"
        yield ("target", "toxiproxy"), words
    for key in ("name", "listen"):
        yield from _twice(plan.links, key)
    for number, link in enumerate(plan.links):
        yield from _link(("links", number), link, plan.target.allow)


def fault_mistake(fault: Fault, known: Sequence[Link]) -> str:
    """Return in words why a fault that is no command cannot be done on these links, "" if it can.

    What its toxic gets wrong is not looked at here.
    """
    if fault.kind is FaultKind.TOXIC:
        return _named(fault, known) if fault.listener else f"needs a listener: {_names(known)}"
    if fault.kind not in ROLE_OF:
        return (
            f"of the kind {fault.kind} needs more than a broken link; on links there are "
            f"{', '.join(ROLE_OF)}, {FaultKind.TOXIC}; or use the kind {FaultKind.COMMAND}"
        )
    if words := _strange(fault):
        return words
    if fault.listener and (words := _named(fault, known)):
        return words
    if not struck(fault, known):
        return f"strikes links of the role {ROLE_OF[fault.kind]}; of these there are {_names(known)}"
    return ""


def struck(fault: Fault, known: Sequence[Link]) -> tuple[Link, ...]:
    """Return the links that a fault strikes: its `listener`, else all of its kind's role."""
    role = ROLE_OF.get(fault.kind)
    return tuple(
        link for link in known if fault.listener in {"", link.name} and (role is None or link.role is role)
    )


def edge_missed(plan: Plan) -> str:
    """Return in a sentence that shoppers go past the plan's edge links, "" if they do not."""
    edges = [link for link in plan.links if link.role is LinkRole.EDGE]
    if not edges or _behind(plan.target.url, edges):
        return ""
    listens = " or ".join(f"http://{edge.listen}" for edge in edges)
    return (
        f"target.url is {plan.target.url}, past the link of role edge: unless a load balancer there leads to "
        f"it, a fault on that link strikes nobody. Write target.url = {listens}."
    )


def past_edge(plan: Plan) -> str:
    """Return the address of the shop itself: the target's, or where the edge link leads that it names.

    That link may not listen yet.
    """
    upstream = _behind(plan.target.url, plan.links)
    parts = urlsplit(plan.target.url)
    return urlunsplit(parts._replace(netloc=upstream)) if upstream else plan.target.url


def place_of(text: str) -> tuple[str, int]:
    """Return the host, without brackets, and the port of a `host:port`."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def _behind(url: str, known: Sequence[Link]) -> str:
    """Return where the link leads that listens at an address, "" if none does. Loopback has many names."""
    parts = urlsplit(url)
    try:
        place = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:  # no port at all: that is told elsewhere
        return ""
    here = (link for link in known if place_of(link.listen)[1] == place[1] and is_loopback(place[0]))
    return next((link.upstream for link in here), "")


def _twice(known: Sequence[Link], key: str) -> Iterator[tuple[Path, str]]:
    seen: Counter[str] = Counter()
    for number, link in enumerate(known):
        value = getattr(link, key)
        if seen[value]:
            yield ("links", number, key), f"is used twice: {value!r}"
        seen[value] += 1


def _link(path: Path, link: Link, allow: Sequence[str]) -> Iterator[tuple[Path, str]]:
    for key in ("listen", "upstream"):
        if not 1 <= place_of(getattr(link, key))[1] <= _HIGHEST:
            yield (*path, key), f"has no port between 1 and {_HIGHEST}"
    if not is_loopback(place_of(link.listen)[0]):
        yield (*path, "listen"), "is not on this machine: the harness listens on loopback only"
    host, _ = place_of(link.upstream)
    if not (is_loopback(host) or host in allow):
        words = f"leads to {host}, which is not this machine; if it may meet a drill, name it in target.allow"
        yield (*path, "upstream"), words
    if link.upstream == link.listen:
        yield (*path, "upstream"), "is the link's own listen: it would lead to itself"


def _strange(fault: Fault) -> str:
    """Return what a fault of a role has that would be ignored, "" if nothing would."""
    if "region" in fault.model_fields_set:
        return "has a region, and links know of none; name one of several links by `listener`"
    if fault.toxic or fault.command:
        return f"has a toxic or a command, which only the kinds {FaultKind.TOXIC} and {FaultKind.COMMAND} use"
    return ""


def _named(fault: Fault, known: Sequence[Link]) -> str:
    if fault.listener in {link.name for link in known}:
        return ""
    return f"has the listener {fault.listener!r}, which is no link of the plan; there are {_names(known)}"


def _names(known: Sequence[Link]) -> str:
    return ", ".join(f"{link.name} ({link.role})" for link in known)
