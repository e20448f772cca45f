"""The faults a plan can name, by business effect, and what each means for whom. Facts only, no mechanism.

Codes: P payment, R region, O others, X pairs of two at once ("catastrophe requires multiple failures", Cook,
How Complex Systems Fail, 1998), C a plan's own. How each is brought about, proven and healed: `chaos.faults`.
"""

from enum import StrEnum

import msgspec


class FaultKind(StrEnum):
    """The faults a plan can name."""

    PAYMENT_UNREACHABLE = "payment_unreachable"
    PAYMENT_BLACK_HOLE = "payment_black_hole"
    ANSWER_LOST_AFTER_CAPTURE = "answer_lost_after_capture"
    RESET_AFTER_CAPTURE = "reset_after_capture"
    PAYMENT_SLOW = "payment_slow"
    LATE_CAPTURE = "late_capture"
    PAYMENT_BROWN_OUT = "payment_brown_out"
    PAYMENT_FLAPPING = "payment_flapping"
    PAYMENT_POOL_DOWN = "payment_pool_down"
    PAYMENT_ANSWER_GARBLED = "payment_answer_garbled"
    CALLBACK_REPEATED = "callback_repeated"
    CALLBACK_EARLY = "callback_early"
    CALLBACK_LOST = "callback_lost"
    PAYMENT_ERRORS = "payment_errors"
    PAYMENT_DECLINES = "payment_declines"
    KEYS_FORGOTTEN = "keys_forgotten"
    PAYMENT_FAILOVER = "payment_failover"
    REFUND_UNREACHABLE = "refund_unreachable"
    REGION_KILLED = "region_killed"
    REGION_PARTITIONED = "region_partitioned"
    REPLICATION_CUT = "replication_cut"
    ROUTING_STALE = "routing_stale"
    SURVIVOR_OVERLOADED = "survivor_overloaded"
    REGION_SLOW = "region_slow"
    REGION_FLAPPING = "region_flapping"
    REGION_FAILBACK = "region_failback"
    REGION_CUTOVER = "region_cutover"
    REGION_DEPENDENCY_LOST = "region_dependency_lost"
    ZONE_LOST = "zone_lost"
    DATABASE_DOWN = "database_down"
    DATABASE_SLOW = "database_slow"
    COMMIT_ANSWER_LOST = "commit_answer_lost"
    CACHE_COLD = "cache_cold"
    CACHE_STALE = "cache_stale"
    RESERVE_ANSWER_LOST = "reserve_answer_lost"
    REGION_PAUSED = "region_paused"
    RETRY_STORM = "retry_storm"
    SLOW_CLIENTS = "slow_clients"
    BOTS = "bots"
    TOKEN_REPLAY = "token_replay"  # noqa: S105 - an attack, not a password
    RECONNECT_STORM = "reconnect_storm"
    CLOCK_SKEWED = "clock_skewed"
    WORKER_KILLED = "worker_killed"
    DISK_FULL = "disk_full"
    ANSWER_LOST_AND_REGION_KILLED = "answer_lost_and_region_killed"
    CALLBACK_REPEATED_AND_REGION_PAUSED = "callback_repeated_and_region_paused"
    CACHE_COLD_AND_RETRY_STORM = "cache_cold_and_retry_storm"
    REPLICATION_CUT_AND_BOTS = "replication_cut_and_bots"
    LATE_CAPTURE_AND_FLAPPING = "late_capture_and_flapping"
    TOXIC = "toxic"
    COMMAND = "command"


class Function(StrEnum):
    """What a shop does for a shopper, as the resiliency matrix has it."""

    BROWSE = "browse"
    CART = "cart"
    FLASH_SALE = "flash_sale"
    CHECKOUT = "checkout"
    PAYMENT = "payment"


class Promise(StrEnum):
    """What a shopper is promised of a function while a fault lasts.

    WORKS as without it. DEGRADED: most are served, by another way or later. REFUSED: no, said fast.
    """

    WORKS = "works"
    DEGRADED = "degraded"
    REFUSED = "refused_fast"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a fault before any drill (`rehearsal.model.fault_facts`).

    `promise` names the functions that it may touch and what shoppers are promised of each; all others work.
    `in_region`: the fault strikes one region, which a plan may choose; `dark`: nobody is served there then.
    """

    kind: FaultKind
    code: str
    title: str
    effect: str
    steady: str
    recovery: str
    promise: dict[Function, Promise]
    in_region: bool = False
    dark: bool = False

    @property
    def hits(self) -> tuple[Function, ...]:
        """Return the functions that the fault may touch."""
        return tuple(self.promise)
