"""The payment provider's faults, P1 to P18: a row each."""

from functools import partial

from chaos import toxics
from chaos.faults import callback_canaries
from chaos.faults.canaries import Cent, CentMeets, Money, cent_served, declined, forgotten, server_error
from chaos.faults.composed import Definition
from chaos.faults.links import Disable, Flap, Poison
from chaos.faults.mechanism import Later
from chaos.faults.modes import Channel, Mode
from rehearsal.model.faults import FaultKind

_AUTHORIZE, _CAPTURE = "pay_authorize*", "pay_capture*"
_ALL = ("pay_*",)
_MONEY = (_AUTHORIZE, _CAPTURE)

#: Later than the shop waits (1 s): it gives up, and what it gave up is done.
_TOO_LATE_MS = 1600

_money = partial(Definition, healed=cent_served)

PAYMENT_DEFINITIONS: dict[FaultKind, Definition] = {
    FaultKind.PAYMENT_UNREACHABLE: Definition((Disable(_ALL),)),
    FaultKind.PAYMENT_BLACK_HOLE: _money(
        (Poison(_MONEY, (toxics.requests_lost(),)),), canary=Cent(Money.KEPT)
    ),
    FaultKind.ANSWER_LOST_AFTER_CAPTURE: _money(
        (Poison((_CAPTURE,), (toxics.answers_lost(),)),), canary=Cent(Money.TAKEN)
    ),
    FaultKind.RESET_AFTER_CAPTURE: _money(
        (Poison((_CAPTURE,), (toxics.answers_reset(),), recycle=True),), canary=Cent(Money.TAKEN)
    ),
    FaultKind.PAYMENT_SLOW: _money((Poison(_MONEY, (toxics.answers_late(3000, jitter_ms=1000),)),)),
    FaultKind.LATE_CAPTURE: _money(
        (
            # A server that saw its client go away in the same moment might drop the request.
            Poison((_CAPTURE,), (toxics.requests_late(_TOO_LATE_MS), toxics.ends_late(1000))),
            Mode("provider", "callbacks_late", {"delay_s": 2.0}),
        ),
        canary=Cent(Money.TAKEN_LATE),
    ),
    FaultKind.PAYMENT_BROWN_OUT: _money(
        (
            Poison(
                _MONEY,
                (
                    toxics.answers_throttled(1),
                    toxics.answers_sliced(average_bytes=10, variation_bytes=3, delay_us=50_000),
                ),
            ),
        )
    ),
    FaultKind.PAYMENT_FLAPPING: Definition((Flap(_ALL),)),
    FaultKind.PAYMENT_POOL_DOWN: Definition((Disable(("pay_authorize{victim}", "pay_capture{victim}")),)),
    FaultKind.PAYMENT_ANSWER_GARBLED: _money(
        (
            Poison((_CAPTURE,), (toxics.answers_cut(100),)),
            Mode("provider", "garbled", {"share": 0.2}),
            Mode("provider", "partial_capture", {"share": 0.2, "part": 0.5}),
        ),
        canary=Cent(Money.TAKEN),
    ),
    FaultKind.CALLBACK_REPEATED: Definition(
        (Mode("provider", "callbacks_repeated", {"least": 2, "most": 5, "again_after_s": 5.0}),),
        canary=callback_canaries.repeated,
    ),
    FaultKind.CALLBACK_EARLY: Definition(
        (Mode("provider", "callbacks_early", {"share": 0.5}),), canary=callback_canaries.early
    ),
    FaultKind.CALLBACK_LOST: Definition(
        (Mode("provider", "callbacks_lost", {"share": 1.0}),),
        canary=callback_canaries.lost,
        healed=callback_canaries.found,
    ),
    FaultKind.PAYMENT_ERRORS: _money(
        (Mode("provider", "errors", {"share": 0.3, "status": 500, "retry_after_s": 1.0}),),
        canary=CentMeets("errors", server_error),
    ),
    FaultKind.PAYMENT_DECLINES: _money(
        (Mode("provider", "declines", {"share": 0.4}),), canary=CentMeets("declines", declined)
    ),
    # A correct shop asks before it repeats a charge. Refunds it repeats: only they make it need a key again.
    FaultKind.KEYS_FORGOTTEN: _money(
        (
            Mode("provider", "forget_keys", {"after_s": 0.5}),
            Mode("provider", "refund_errors", {"share": 0.8}, witness=False),
        ),
        canary=forgotten,
    ),
    FaultKind.PAYMENT_FAILOVER: _money(
        (
            Poison((_CAPTURE,), (toxics.answers_lost(),)),
            Later(0.3, Disable(_ALL)),
            Later(0.35, Channel()),
        ),
        canary=Cent(Money.TAKEN),
    ),
    FaultKind.REFUND_UNREACHABLE: Definition(
        (
            Poison(("pay_refund",), (toxics.answers_lost(),)),
            Mode("provider", "refund_errors", {"share": 0.3}),
        )
    ),
}
