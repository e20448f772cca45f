"""What the payment provider can be made to do wrong."""

from typing import Annotated

from msgspec import Meta

from mock_store.modes.registry import Mode, Seconds, Share


class Errors(Mode, frozen=True):
    """A share of all requests is answered `status`: a 500 after the work was done as often as before it."""

    share: Share
    status: Annotated[int, Meta(ge=400, le=599)] = 500
    retry_after_s: Seconds = 0


class Declines(Mode, frozen=True):
    """A share of authorizations is declined."""

    share: Share


class Garbled(Mode, frozen=True):
    """A share of requests is served, and answered with a status 200 and half a body."""

    share: Share


class CallbacksRepeated(Mode, frozen=True):
    """Every callback comes `least` to `most` times at once, and once more `again_after_s` later."""

    least: Annotated[int, Meta(ge=1, le=20)] = 2
    most: Annotated[int, Meta(ge=1, le=20)] = 5
    again_after_s: Seconds = 5.0


class CallbacksEarly(Mode, frozen=True):
    """A share of captures is called back before it is answered, ahead of older callbacks."""

    share: Share


class CallbacksLate(Mode, frozen=True):
    """Callbacks come this much later."""

    delay_s: Seconds


class CallbacksLost(Mode, frozen=True):
    """A share of callbacks is not sent for as long as this is on; they are owed, and follow afterwards."""

    share: Share


class ForgetKeys(Mode, frozen=True):
    """An idempotency key is forgotten this long after its first use."""

    after_s: Seconds


class PartialCapture(Mode, frozen=True):
    """Of a share of captures only `part` of the amount is taken, and said so."""

    share: Share
    part: Annotated[float, Meta(gt=0, lt=1)] = 0.5


class RefundErrors(Mode, frozen=True):
    """A share of refunds is answered 500, after the work was done as often as before it."""

    share: Share


PROVIDER_MODES = (
    Errors,
    Declines,
    Garbled,
    CallbacksRepeated,
    CallbacksEarly,
    CallbacksLate,
    CallbacksLost,
    ForgetKeys,
    PartialCapture,
    RefundErrors,
)
