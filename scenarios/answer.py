"""How an attempt ended, in the shop's own words, and how a shop says so.

Shops tell success and failure in many ways: a status, an error inside a 200, a redirect to a page of thanks.
`Says` holds a shop's way as a value; `told` reads a page by it.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import force_setattr

from rehearsal.model.history import BUSY, Outcome
from scenarios.http.redirects import REDIRECTS
from scenarios.page import Page
from scenarios.reply import Reply, transport_outcome

#: The error of an attempt whose session the shop had ended: certainly without effect.
SESSION_EXPIRED = "session_expired"
#: The error of an attempt whose answer does not say what was asked: an empty 200 proves nothing.
BAD_BODY = "bad_body"
#: What the history has columns for: texts, and numbers of 64 bits.
_TEXTS = ("error", "region", "order_id", "payment_id", "sku", "channel")
_NUMBERS = ("qty", "amount_cents")
_MOST = 2**63 - 1
#: An error is a name; of a shop that answers with a page of it, the beginning is enough.
_LONGEST = 200
_FIRST_OK, _FIRST_REDIRECT, _CLIENT_ERROR = 200, 300, 400


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt ended, in the shop's own words. `error` is empty when the outcome is ok.

    An answer to `pay` that names `sku` and `qty` too gives the order that it pays: in many shops an order is
    there only once it is paid. An answer to `order` or `flash_buy` that names a `channel` (`pay_later`) gives
    an order that stands as it is, to be paid on account or on delivery.
    """

    reply: Reply
    outcome: Outcome
    error: str = ""
    region: str = ""
    order_id: str = ""
    payment_id: str = ""
    sku: str = ""
    qty: int = 0
    amount_cents: int = 0
    channel: str = ""

    def __post_init__(self) -> None:
        """Take facts as JSON has them: of an id's number its text, of null nothing; TypeError for the rest.

        What is neither would be written as it is, and then nobody could read the history any more.
        """
        for name in _TEXTS:
            if type(value := getattr(self, name)) is not str:
                force_setattr(self, name, _text(name, value))
        for name in _NUMBERS:
            if type(value := getattr(self, name)) is not int or abs(value) > _MOST:
                force_setattr(self, name, _number(name, value))


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value)
    raise TypeError(f"{name} is {value!r:.60}, and not a text")


def _number(name: str, value: object) -> int:
    if value is None:
        return 0
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MOST:
        return value
    mend = "; scenarios.money.cents() makes minor units of a price" if name == "amount_cents" else ""
    raise TypeError(f"{name} is {value!r:.60}, and not a whole number{mend}")


class Says(msgspec.Struct, frozen=True, kw_only=True):
    """How a shop says what came of a request.

    `ok`: the statuses of success (none: any 2xx). `refusals`: the harness's word (`sold_out`, `declined` …)
    for a status or for an error that the body names. `error_at`: where a JSON body names its error; there,
    even a 200 is a refusal. `unknown`: errors after which the work may have been done all the same.
    `region_at`: where a JSON body names the region. `login`: a part of the path of the page to which a
    shopper is led whose session has ended.
    """

    ok: tuple[int, ...] = ()
    refusals: Mapping[int | str, str] = {}
    error_at: tuple[str, ...] = ("error",)
    unknown: tuple[str, ...] = ()
    region_at: str = "region"
    login: str = "login"


def told(
    says: Says,
    page: Page,
    good: bool = True,  # noqa: FBT001, FBT002 - reads as a condition
    *,
    error: str = "",
    **facts: Any,
) -> Answer:
    """Return what a page means, with facts about the order.

    Without an answer in the shop's own words: info, or fail if it never left. A refusal is fail, whatever
    status it came with; `error` names one that the adapter itself has found in the page. A mere status (429,
    401, a missing page) says nothing of what the step's requests before it have done, and then is info. A
    page of success that is not `good`, for it does not say what was asked, is info/`bad_body`.
    """
    reply = page.reply
    refused, certain = (error, True) if error else _refused(says, page)
    if reply.error:
        outcome = transport_outcome(reply) or Outcome.INFO
        return Answer(reply=reply, outcome=outcome, error=reply.error, **facts)
    if refused:
        outcome = Outcome.FAIL if certain and refused not in says.unknown else Outcome.INFO
        return Answer(reply=reply, outcome=outcome, error=refused, **facts)
    region = "" if page.is_html else str(page.at(says.region_at) or "")
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Answer(reply=reply, outcome=Outcome.INFO, error=f"http_{reply.status}", **facts)
    if not good:
        return Answer(reply=reply, outcome=Outcome.INFO, error=BAD_BODY, **facts)
    return Answer(reply=reply, outcome=Outcome.OK, **{"region": region, **facts})


def _refused(says: Says, page: Page) -> tuple[str, bool]:
    """Return the error with which the shop refused, "" if it did not, and whether nothing came of the step.

    What the shop or its adapter has a word for is certain. A status that only turns a shopper away is so if
    no request before it in the step can have done anything: the order may stand whose page of thanks is busy.
    """
    status, word = page.status, _named(says, page)
    for said in (status, word):
        if said in says.refusals:
            return says.refusals[said], True
    alone = not page.has_acted(says.login)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return BUSY, alone
    if status == HTTPStatus.UNAUTHORIZED or _led_to_login(says, page):
        return SESSION_EXPIRED, alone
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "", True
    success = status in says.ok if says.ok else _FIRST_OK <= status < _FIRST_REDIRECT
    if success or word:
        return word, True
    # Whoever sent something and is led where nobody can go may have had it all the same.
    nowhere = status in REDIRECTS and page.method != "GET"
    return f"http_{status}", not nowhere and (alone or page.method != "GET")


def _led_to_login(says: Says, page: Page) -> bool:
    """Tell whether a shopper who asked for another page is at the door now; who logs in asks for that one."""
    if not says.login or says.login not in urlsplit(page.url).path:
        return False
    return says.login not in urlsplit(page.asked).path


def _named(says: Says, page: Page) -> str:
    if page.is_html:
        return ""
    found = (page.at(path) for path in says.error_at)
    return next((str(word)[:_LONGEST] for word in found if word), "")


def answer_of(reply: Reply, *, refusals: dict[str, str] | None = None) -> tuple[Answer, dict[str, Any]]:
    """Return the answer a reply stands for before its contents are looked at, and its JSON object.

    A whole 2xx with a JSON object is ok; a 4xx whose object names an `error` is fail with that error;
    a 2xx with any other body is info/`bad_body`: an empty 200 proves nothing. `refusals` renames errors.
    A 429 is fail/`busy`, whatever its body (RFC 6585, 4).
    """
    outcome = transport_outcome(reply)
    body = reply.json()
    if outcome is not None:
        return Answer(reply=reply, outcome=outcome, error=reply.error or f"http_{reply.status}"), {}
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Answer(reply=reply, outcome=Outcome.FAIL, error=BUSY), body or {}
    if body is None:
        return Answer(reply=reply, outcome=Outcome.INFO, error=BAD_BODY), {}
    if reply.status >= _CLIENT_ERROR:
        error = str(body.get("error") or f"http_{reply.status}")[:_LONGEST]
        return Answer(reply=reply, outcome=Outcome.FAIL, error=(refusals or {}).get(error, error)), body
    return Answer(reply=reply, outcome=Outcome.OK, region=str(body.get("region", ""))), body
