"""The one history of a run: load, faults and readings, a flat row each, on one clock.

All instants are nanoseconds since the run's origin (`run.json` keeps the origin), so a history reads
the same on any machine. Rows of one kind leave the columns of the others at their defaults.

kind     one row for                 f                            columns that matter
op       one request (attempt)       step: product, flash_buy,    all
                                     cart_add, order, pay,
                                     query, logistics, route,
                                     countdown, cart_view,
                                     coupon, gift_card, cancel,
                                     queue; of a locustfile or
                                     a log: METHOD /path
visit    one started visit           browse, cart, flash_sale,    visit, shopper, due, sent, done, outcome,
                                     waiting_room, logged         error
drop     one arrival not started     pool_exhausted,              visit, due
                                     generator_late, aborted
fault    one step of the nemesis     the fault's name             sent, done, outcome, note (inject, effect,
                                                                  felt, heal, healed)
protocol one step of the drill       of rehearsal.model.protocol  sent, done, outcome, note
plan_b   one step of a contingency   its name                     sent, done, outcome, note (begin, done,
                                                                  undo)
stock    one reading of the stock    the SKU                      sent, qty
health   one second of the machine   cpu, stall_ms, load_cpu,     sent, value
                                     rss_mb/LABEL, fds/LABEL of
                                     each process of the mock shop
users    one reading of the users    running, error, unfinished   sent, qty; running: value (wanted in all);
         of a stranger's locustfile                               error: note
planned  a class with a schedule of  the user class               due, qty (its arrivals in the phase)
         its own in such a file
"""

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What a row of the history is about."""

    OP = "op"
    VISIT = "visit"
    DROP = "drop"
    FAULT = "fault"
    PROTOCOL = "protocol"
    PLAN_B = "plan_b"
    STOCK = "stock"
    HEALTH = "health"
    USERS = "users"
    PLANNED = "planned"


class Crowd(StrEnum):
    """What a reading of a stranger's users is about: how many there are, a task that broke off, a cut."""

    RUNNING = "running"
    ERROR = "error"
    UNFINISHED = "unfinished"


class Outcome(StrEnum):
    """What is known of an attempt. INFO is never guessed into OK or FAIL (Jepsen's rule)."""

    OK = "ok"
    FAIL = "fail"
    INFO = "info"


class Drop(StrEnum):
    """Why an arrival was not started."""

    POOL_EXHAUSTED = "pool_exhausted"
    GENERATOR_LATE = "generator_late"
    ABORTED = "aborted"


class Step(StrEnum):
    """What a request asks of the shop."""

    ROUTE = "route"
    PRODUCT = "product"
    FLASH_BUY = "flash_buy"
    CART_ADD = "cart_add"
    ORDER = "order"
    PAY = "pay"
    QUERY = "query"
    LOGISTICS = "logistics"
    COUNTDOWN = "countdown"
    CART_VIEW = "cart_view"
    COUPON = "coupon"
    GIFT_CARD = "gift_card"
    CANCEL = "cancel"
    QUEUE = "queue"


class Doing(StrEnum):
    """A word in the note of an op: what the shopper did, besides asking once and taking the answer.

    The first four say why the request was sent, the others what came after it; a row may have two words.
    SENT_AGAIN repeats a request after its answer, as it was; SENT_OTHERWISE sends another body under the same
    key, which a correct shop refuses. A visit whose shopper left has ABANDONED as its error.
    """

    DOUBLE_CLICK = "double_click"
    REFRESH = "refresh"
    SENT_AGAIN = "sent_again"
    SENT_OTHERWISE = "sent_otherwise"
    RETRY_REFUSED = "retry_refused"
    ABANDONED = "abandoned"


#: Answers in which a correct shop says no: certainly without effect, and no fault of the shop's.
REFUSALS = frozenset({"sold_out", "not_open", "limit_reached", "coupon_used_up", "gift_card_empty"})

#: The error of an attempt that the shop turned away at once because too many wait (429, or 503 with
#: Retry-After): outcome fail, certainly without effect, and no good answer.
BUSY = "busy"

#: The error of an attempt whose answer was "accepted, not decided yet" (HTTP 202): outcome info.
PENDING = "pending"

#: The error of an attempt whose shopper stopped waiting for the answer: outcome info.
GIVEN_UP = "given_up"

#: The error of a request for which this machine had no port or descriptor left: never the shop's failure.
NO_SOCKET = "no_socket"

#: The error of an attempt whose host is neither this machine nor allowed by the plan: it was never sent.
NOT_ALLOWED = "not_allowed"

#: The error of a visit that ended in an exception of the adapter's own; its note says which.
ADAPTER_ERROR = "adapter_error"


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of the history. `error` is the error class of an op that is not ok; `intent` joins attempts.

    For f=cart_view, `qty` are all units in the cart; for f=coupon and f=gift_card, `sku` is the code; for
    f=queue, `payment_id` is the token drawn. For f=pay and f=query, `channel` is card or pay_later; a query
    that reads a paid order is ok, one that reads a pending order is info with error `pending`.
    `amount_cents` is what the shop said, not the client.
    """

    kind: Kind
    f: str
    visit: int = -1
    intent: str = ""
    attempt: int = 0
    shopper: str = ""
    region: str = ""
    due_ns: int = 0
    sent_ns: int = 0
    done_ns: int = 0
    outcome: str = ""
    error: str = ""
    status: int = 0
    sku: str = ""
    qty: int = 0
    amount_cents: int = 0
    order_id: str = ""
    payment_id: str = ""
    channel: str = ""
    value: float = 0.0
    note: str = ""


COLUMNS = Row.__struct_fields__
