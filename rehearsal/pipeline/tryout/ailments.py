"""From an answer that was not what a shopper wants to one sentence: the step, its address, and the mend.

Ailments are tried in order; the first that fits names it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit

from rehearsal.model.history import BUSY, NOT_ALLOWED, PENDING, REFUSALS, Outcome
from rehearsal.pipeline.tryout.sight import Sight, State
from scenarios.answer import BAD_BODY, SESSION_EXPIRED
from scenarios.tryout.told import Exchange, StepTold
from scenarios.web import REDIRECT_LOOP

_NO_PAGE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE})
_SERVER_ERROR = 500
_SHOWN = 3
_FIRST_ERROR = 400
NOTHING: Mapping[str, str] = MappingProxyType({})
#: Before the error of a redirect that could not be followed (`scenarios.web`).
_LED_TO = "led_to_"


class Case(NamedTuple):
    """A step that was not ok, its last request, and how many steps of the visit had been good before.

    `timeout_s` is how long an answer was waited for, `certificate` what is wrong with that of the last host.
    """

    step: StepTold
    last: Exchange
    before: int
    timeout_s: float = 0.0
    certificate: str = ""

    @property
    def address(self) -> str:
        """Return the last request as a person names it."""
        return address_of(self.last)

    @property
    def place(self) -> str:
        """Return the host asked last, with its port if the address names one."""
        return urlsplit(self.last.url).netloc

    @property
    def host(self) -> str:
        """Return the host asked last."""
        return urlsplit(self.last.url).hostname or ""


def address_of(exchange: Exchange) -> str:
    """Return a request as a person names it: method, path, and the operation of a shared address."""
    parts = urlsplit(exchange.url)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    return f"{exchange.method} {path}{' (' + exchange.operation + ')' if exchange.operation else ''}"


def what_came(exchange: Exchange) -> str:
    """Return an answer in words."""
    if exchange.error:
        return f"no answer ({exchange.error})"
    what = f"{exchange.status}"
    if exchange.is_html:
        return f"{what} with an HTML page{f' titled “{exchange.title}”' if exchange.title else ''}"
    return f"{what}{f' with {exchange.content}' if exchange.content and exchange.length else ' with no body'}"


def ailments_of(
    steps: Iterable[StepTold], timeout_s: float, certificates: Mapping[str, str] = NOTHING
) -> tuple[Sight, ...]:
    """Return what ails steps, each thing once, where it was met first; pending is an answer like any other.

    `timeout_s` is how long an answer was waited for; `certificates` says by host and port what is wrong with
    those that are not believed.
    """
    found: dict[str, Sight] = {}
    for case in _cases(steps):
        if case.step.outcome == Outcome.OK or case.step.error == PENDING:
            continue
        known = case._replace(timeout_s=timeout_s, certificate=certificates.get(case.place, ""))
        said = next(filter(None, (words(known) for words in _AILMENTS)))
        state = State.WARN if case.step.error in REFUSALS else State.WRONG
        sentence = f"{case.step.kind}, step {case.step.step}: {said}"
        # The next visit's shopper has another name, and meets the same at her own address.
        found.setdefault(
            said.replace(case.step.shopper, ""), Sight(about="walk", state=state, sentence=sentence)
        )
    return tuple(found.values())


def _cases(steps: Iterable[StepTold]) -> Iterator[Case]:
    """Give the steps that sent anything, each with the number of good ones of its visit before it."""
    good: dict[str, int] = {}
    for step in steps:
        if step.exchanges:
            yield Case(step, step.exchanges[-1], good.get(step.kind, 0))
        good[step.kind] = good.get(step.kind, 0) + (step.outcome == Outcome.OK)


def _loop(case: Case) -> str:
    if case.step.error != REDIRECT_LOOP:
        return ""
    places = [address_of(one).partition(" ")[2] for one in case.step.exchanges[:_SHOWN]]
    return (
        f"{address_of(case.step.exchanges[0])} redirects for ever ({' → '.join(places)} …); send the header "
        "or cookie whose lack the shop answers so, or begin at the address that it redirects to (target.url)."
    )


def _session(case: Case) -> str:
    if case.step.error != SESSION_EXPIRED:
        return ""
    asked = case.step.exchanges[0]
    how = "" if case.last.status >= _FIRST_ERROR else "said inside a "
    how = f"led to {urlsplit(case.last.url).path}" if asked is not case.last else f"{how}{case.last.status}"
    steps = "step" if case.before == 1 else "steps"
    when = f"after {case.before} good {steps}" if case.before else "from the first step on"
    mend = (
        "let its sessions outlive a visit, or log in again in the adapter's open()"
        if case.before
        else "log in in the adapter's open() and keep what it gives (cookie, or self.web.bearer)"
    )
    return f"{address_of(asked)} finds the session ended {when} ({how}); {mend}."


def _busy(case: Case) -> str:
    if case.step.error != BUSY:
        return ""
    wait = case.last.limits.get("retry-after", "")
    asks = f", and asks to wait {wait}{' s' if wait.isdecimal() else ''}" if wait else ""
    return (
        f"{case.address} is turned away with {case.last.status} (too many requests){asks}; let test traffic "
        "past the rate limit (by the header of [marks], or this machine's address)."
    )


def _not_allowed(case: Case) -> str:
    if case.step.error.removeprefix(_LED_TO) != NOT_ALLOWED:
        return ""
    host, from_ = case.host, address_of(case.step.exchanges[0])
    return (
        f"{from_} leads to {host}, which is neither this machine nor allowed, so nothing was sent there; if "
        f'you may load it, name it: [target] allow = ["{host}"].'
    )


def _unreachable(case: Case) -> str:
    if case.certificate and case.last.error == "tls":
        return f"{case.address} is not sent, for {case.certificate}"
    told = _TRANSPORT.get(case.step.error.removeprefix(_LED_TO))
    if told is None:
        return ""
    return f"{case.address} {told[0].format(seconds=case.timeout_s, host=case.host)}; {told[1]}."


_TRANSPORT = {
    "timeout": (
        "had no whole answer within {seconds:g} s",
        "see what the shop waits for, or whether it never ends its answer",
    ),
    "given_up": ("had no whole answer in its time", "see what the shop waits for"),
    "tls": (
        "was refused over the certificate or the handshake of {host}",
        "see that it speaks TLS, or name its authority in target.ca_file",
    ),
    "dns": ("goes to {host}, a name that does not resolve", "correct the address"),
    "connect_refused": ("finds nobody listening on {host}", "start what listens there, or correct the port"),
    "connect_timeout": ("gets no connection to {host}", "see its firewall, or correct the address"),
    "no_socket": ("found this machine without a free port or descriptor", "raise its limits (ulimit -n)"),
    "reset": ("had its connection broken before the answer", "see the shop's log for that moment"),
    "eof": ("had its connection closed without an answer", "see the shop's log for that moment"),
    "short_body": (
        "was answered with less than the answer's Content-Length",
        "see what stands between you and the shop",
    ),
    "bad_answer": (
        "was answered with something that is not HTTP, or larger than 4 MiB",
        "see that the port is the shop's, and how long the answer is",
    ),
}


def _html(case: Case) -> str:
    if not (case.last.is_html and case.step.error in {BAD_BODY, f"http_{case.last.status}"}):
        return ""
    if case.last.status in _NO_PAGE or case.last.status >= _SERVER_ERROR:
        return ""
    asked_json = case.last.sends_json or not any(one.is_html for one in case.step.exchanges[:-1])
    expected = "HTML instead of JSON" if asked_json else "another page than the adapter looks for"
    return (
        f"{case.address} answers {expected} ({what_came(case.last)}): a login, a block or an error page in "
        "the answer's place; ask with the header that the shop wants (Accept, a token), or read the page by "
        "its own words."
    )


def _missing(case: Case) -> str:
    if case.last.status not in _NO_PAGE or not case.step.error.startswith(("http_", BAD_BODY)):
        return ""
    return (
        f"there is no {case.address} (the shop answers {case.last.status}); correct the path in the adapter, "
        "or the SKU in its catalogue or in sale.sku."
    )


def _forbidden(case: Case) -> str:
    if case.last.status != HTTPStatus.FORBIDDEN or not case.step.error.startswith("http_"):
        return ""
    return (
        f"{case.address} is forbidden ({what_came(case.last)}); send the CSRF token of the page before, "
        "or let test traffic past the shop's protection."
    )


def _broken(case: Case) -> str:
    if case.last.status < _SERVER_ERROR:
        return ""
    return f"the shop breaks over {case.address} ({what_came(case.last)}); its own log says why."


def _unread(case: Case) -> str:
    if case.step.error != BAD_BODY:
        return ""
    return (
        f"{case.address} answers {what_came(case.last)}, which does not say what the adapter asked for; see "
        "what it answers, and how the adapter tells that it is good."
    )


def _refused(case: Case) -> str:
    said = f"the shop says {case.step.error!r} to {case.address} ({what_came(case.last)})"
    if case.step.error in REFUSALS:
        return f"{said}, as a correct shop may; so what comes after it was not tried."
    return f"{said}; if that is right, use data that the shop takes, else name it in `says` of the adapter."


_AILMENTS: tuple[Callable[[Case], str], ...] = (
    _loop,
    _session,
    _busy,
    _not_allowed,
    _unreachable,
    _forbidden,
    _html,
    _missing,
    _broken,
    _unread,
    _refused,
)
