"""The plan: what is rehearsed, as a frozen value. Its TOML form is checked in `plan_check`."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from rehearsal.model.faults import FaultKind, Function, Promise
from rehearsal.model.plan_base import Frozen, Name, Positive, Share
from rehearsal.model.plan_capacity import Capacity, Slo
from rehearsal.model.plan_shop import Hooks, Link, Marks, SecretSource, Store, Target, TestData


class PhaseKind(StrEnum):
    """What a phase is for. Each but `warmup`, `recovery` and `return` needs an `[slo.KIND]` of its kind.

    `capacity` is where capacity is searched for, as `[capacity]` says; when that is over it has become phases
    of the kinds `trial` and `rest`, which no plan file may name.
    """

    WARMUP = "warmup"
    NORMAL = "normal"
    PREHEAT = "preheat"
    BURST = "burst"
    FAULT = "fault"
    RECOVERY = "recovery"
    PROOF = "proof"
    LIMIT = "limit"
    SHED = "shed"
    RETURN = "return"
    CAPACITY = "capacity"
    TRIAL = "trial"
    REST = "rest"


#: Kinds of phases in which nobody comes, and which have no rate.
QUIET = (PhaseKind.CAPACITY, PhaseKind.REST)


class VisitKind(StrEnum):
    """What a shopper came for."""

    BROWSE = "browse"
    CART = "cart"
    FLASH_SALE = "flash_sale"
    WAITING_ROOM = "waiting_room"
    LOGGED = "logged"


class Mix(Frozen):
    """Shares of the kinds of visits; they must add up to 1."""

    browse: Share
    cart: Share
    flash_sale: Share


class Traffic(Frozen):
    """How many shoppers come, and as what: `normal_per_s` visits a second of our own, in shares of `mix`.

    A visit takes one of `pool` users, and pauses between its steps for an exponential time of mean `think_s`.
    Or, in a closed model, `users` of somebody else's `locustfile` (a path beside the plan): of the rest only
    `multiplier` is then meant, and phases' rates are multiples of `users`. Or each visit is a session of an
    access `log` (beside the plan), asked for by `log_methods`; then `mix` and `think_s` have no use.
    """

    normal_per_s: Positive | None = None
    multiplier: Positive
    mix: Mix | None = None
    arrivals: Literal["poisson", "even"] = "poisson"
    pool: Annotated[int, Field(ge=1, le=20000)] = 300
    think_s: Annotated[float, Field(ge=0, le=60)] = 0.3
    locustfile: str = ""
    users: Annotated[int, Field(ge=1, le=20000)] | None = None
    log: str = ""
    log_methods: tuple[Literal["GET", "HEAD"], ...] = ("GET",)

    @property
    def is_logged(self) -> bool:
        """Tell whether visits are sessions of an access log."""
        return bool(self.log)

    @property
    def is_closed(self) -> bool:
        """Tell whether a stranger's locustfile makes the load, and so the users wait for the shop."""
        return bool(self.locustfile)

    @property
    def tells_steps(self) -> bool:
        """Tell whether each request is known by its step; of a stranger's file or a log only by its path."""
        return not (self.is_closed or self.is_logged)

    @property
    def normal(self) -> float:
        """Return normal volume: visits a second, or users if the model is closed."""
        return float((self.users if self.is_closed else self.normal_per_s) or 0)


class Forecast(Frozen):
    """The peak expected on the day (visits a second) and the headroom asked for over it.

    `multipliers` are what past promotions had, their peaks over their normal volumes; with three of them or
    more `peak_per_s` may be left out, and is then normal volume times their geometric mean. `drivers` are
    known factors on top (more advertising, a deeper price), 1 if nothing is different.
    """

    peak_per_s: Positive
    multipliers: tuple[Positive, ...] = ()
    drivers: dict[Name, Positive] = Field(default={})
    headroom: Annotated[float, Field(ge=1, le=10)] = 1.3


class Sale(Frozen):
    """The flash sale: what is sold, and the phase whose start is T-0 ("": nothing is on sale).

    From the start of phase `closes_with` on the price is `full_price_cents`, if the plan names one. With
    `tokens`, a buy needs a number drawn from the shop's queue, good for one order.
    """

    sku: Name = "flash"
    stock: Annotated[int, Field(ge=1, le=10**9)] = 150
    price_cents: Annotated[int, Field(ge=1, le=10**9)] = 19900
    limit_per_shopper: Annotated[int, Field(ge=1, le=10**6)] = 2
    opens_with: str = ""
    closes_with: str = ""
    full_price_cents: Annotated[int, Field(ge=1, le=10**9)] = 29900
    tokens: bool = False


class Coupon(Frozen):
    """A coupon worth `cents` off an order of a cart: `cap` uses in all, so many `per_shopper`.

    A `share` of those who order a cart enter it.
    """

    code: Name = "save"
    cents: Annotated[int, Field(ge=1, le=10**9)] = 500
    cap: Annotated[int, Field(ge=1, le=10**9)] = 50
    per_shopper: Annotated[int, Field(ge=1, le=10**6)] = 1
    share: Share = 0.3


class GiftCards(Frozen):
    """Gift cards of `cents` each, `cards` of them; a `share` of those who order a cart pay with one, in part.

    Several shoppers hold the same card, as families do.
    """

    cards: Annotated[int, Field(ge=1, le=10**6)] = 10
    cents: Annotated[int, Field(ge=1, le=10**9)] = 5000
    share: Share = 0.2


class WaitingRoom(Frozen):
    """Shoppers who gather before T-0, watch a countdown, and buy when a curve of `release_s` releases them.

    They come at random over `gather_s`, the last of them `hold_s` before T-0, and ask how long it still takes
    every `poll_s`, give or take `poll_jitter` of it. Curves: `rehearsal.model.release`.
    """

    shoppers: Annotated[int, Field(ge=1, le=100000)]
    gather_s: Positive
    hold_s: Positive = 2.0
    poll_s: Positive = 1.0
    poll_jitter: Share = 0.2
    release: Literal["even", "exponential", "poisson"] = "exponential"
    release_s: Positive = 1.0


class Behaviour(Frozen):
    """What shoppers, and the apps they hold, do when the shop makes them wait or fails them.

    Each of the `attempts` after the first waits `backoff_s`, doubled every time up to `max_backoff_s`, give
    or take `jitter` of it. With a `retry_budget`, retries are at most that share of first attempts; each load
    process has one of its own, with ten retries in reserve. `double_click` is the share of shoppers who press
    Pay twice. A page that has not come after `refresh_after_s` is asked for again, `refreshes` times at most.
    A shopper leaves when an answer takes longer than a patience of mean `patience_s`.

    `cancel` is the share of paid orders that are cancelled afterwards. `send_again` is the share of orders
    whose request is sent once more after the answer, as it was and then with another body under its key.
    `come_again` is the share of those who bought in the flash sale and try for their whole limit once more.
    """

    attempts: Annotated[int, Field(ge=1, le=20)] = 4
    backoff_s: Positive = 0.25
    max_backoff_s: Positive = 10.0
    jitter: Share = 0.5
    retry_budget: Annotated[float, Field(ge=0, le=10)] | None = None
    double_click: Share = 0.0
    refresh_after_s: Positive | None = None
    refreshes: Annotated[int, Field(ge=0, le=100)] = 0
    patience_s: Positive | None = None
    patience: Literal["exponential", "lognormal"] = "lognormal"
    cancel: Share = 0.0
    send_again: Share = 0.0
    come_again: Share = 0.0


class Phase(Frozen):
    """A named part of the run. Rates are multiples of normal volume.

    Constant at `rate`; or from `start` to `end` along `curve` (a CSV of minute and count in scenarios/curves)
    or in `steps` stairs; or at `start` with a plateau of `spike_s` at `end` in the middle; or else in a
    straight line from `start` to `end`. `rules` and `cart_lines` are what an order of the phase has stacked
    on it and in it, if not what every order has.
    """

    name: Name
    kind: PhaseKind
    duration_s: Annotated[float, Field(gt=0, le=86400)]
    rate: Positive | None = None
    start: Positive | None = None
    end: Positive | None = None
    curve: str = ""
    steps: Annotated[int, Field(ge=2, le=1000)] | None = None
    spike_s: Positive | None = None
    mix: Mix | None = None
    rules: Annotated[int, Field(ge=0, le=100)] | None = None
    cart_lines: Annotated[int, Field(ge=1, le=100)] | None = None


class ToxicWish(Frozen):
    """A toxic of the plan's own: Toxiproxy's type, stream and attributes (`chaos.toxics` knows them)."""

    type: str
    stream: Literal["upstream", "downstream"] = "downstream"
    attributes: dict[str, Annotated[int, Field(le=2**31 - 1)]] = Field(default={})


class Command(Frozen):
    """A team's own way to break something: shell commands, each with `timeout_s` to end with exit code 0.

    `inject` breaks, `undo` mends and is safe to repeat; `prove` and `prove_healed` end with 0 when it is so.
    """

    inject: Annotated[str, Field(min_length=1)]
    undo: Annotated[str, Field(min_length=1)]
    prove: Annotated[str, Field(min_length=1)]
    prove_healed: Annotated[str, Field(min_length=1)]
    timeout_s: Positive = 60.0


class Fault(Frozen):
    """A fault: injected `after_s` into its phase, held `hold_s`; goodput is back `recover_within_s` later.

    `listener` and `toxic` belong to the kind toxic, `command` to the kind command. `promise` overrides what
    shoppers are promised meanwhile (`rehearsal.model.faults`).
    """

    kind: FaultKind
    phase: str
    after_s: Annotated[float, Field(ge=0, le=86400)] = 1.0
    hold_s: Positive
    recover_within_s: Positive
    region: Literal["a", "b"] = "a"
    listener: str = ""
    toxic: ToxicWish | None = None
    command: Command | None = None
    promise: dict[Function, Promise] = Field(default={})


class Contingency(Frozen):
    """A contingency plan, carried out `after_s` into `phase`: it must restore goodput `within_s`.

    `switch_region` takes `region` out of service, `second_channel` pays through the second provider, and
    `command` runs `run`; `undo` (or the way back of the first two) follows at the end of the phase.
    """

    name: Name
    action: Literal["switch_region", "second_channel", "command"]
    phase: str
    after_s: Annotated[float, Field(ge=0, le=86400)] = 1.0
    within_s: Positive = 900.0
    region: Literal["a", "b"] = "a"
    run: str = ""
    undo: str = ""


class Stop(Frozen):
    """When a drill is stopped and healed at once. A condition that is not given never stops it.

    `error_share` of the requests of `window_s` were not good; their p99 was beyond `p99_ms`; so many
    `orders_lost`: acknowledged `lost_after_s` ago or more and not sold in the shop's books.
    """

    window_s: Annotated[float, Field(ge=1, le=86400)] = 5.0
    error_share: Annotated[float, Field(ge=0, lt=1)] | None = None
    p99_ms: Positive | None = None
    orders_lost: Annotated[int, Field(ge=1)] | None = None
    lost_after_s: Positive = 5.0


class Limits(Frozen):
    """What the harness asks of itself and of the machine; beyond these the run is INVALID.

    A second starves that sends later than `send_lag_p99_ms`, stalls for `stall_ms` or has `cpu` of it busy;
    `starved_share` may. `release_ms`: lateness of the waiting room's curve; `quiesce_s`: the wait at the end.
    """

    send_lag_p99_ms: Positive = 50.0
    release_ms: Positive = 50.0
    stall_ms: Positive = 250.0
    cpu: Share = 0.97
    starved_share: Share = 0.10
    quiesce_s: Positive = 20.0


class Plan(Frozen):
    """A drill as a value. The same plan and seed give the same schedule, whatever runs it."""

    name: Name
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    target: Target = Target()
    links: tuple[Link, ...] = ()
    data: dict[Name, TestData] = Field(default={})
    secrets: dict[Name, SecretSource] = Field(default={})
    marks: Marks = Marks()
    hooks: Hooks = Hooks()
    store: Store = Store()
    traffic: Traffic
    forecast: Forecast | None = None
    sale: Sale = Sale()
    coupon: Coupon | None = None
    gift_cards: GiftCards | None = None
    waiting_room: WaitingRoom | None = None
    behaviour: Behaviour = Behaviour()
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    faults: tuple[Fault, ...] = ()
    contingencies: tuple[Contingency, ...] = ()
    stop: Stop = Stop()
    slo: dict[PhaseKind, Slo] = Field(default={})
    capacity: Capacity | None = None
    limits: Limits = Limits()

    @property
    def peak_per_s(self) -> float:
        """Return the peak: normal volume times the multiplier, in visits a second (in users, if closed)."""
        return self.traffic.normal * self.traffic.multiplier

    @property
    def has_sale(self) -> bool:
        """Tell whether anything is on sale; without it what the plan says of a sale means nothing."""
        return bool(self.sale.opens_with)

    @property
    def duration_s(self) -> float:
        """Return the length of all phases together."""
        return sum(phase.duration_s for phase in self.phases)
