"""Why the verdict is what it is, in sentences. Pure."""

from collections.abc import Callable, Iterator, Sequence

from rehearsal.model.verdict import Finding, Status, Verdict
from reports.fault_story import FaultStory
from reports.headroom import Headroom
from reports.words import quantity

#: What each invariant shows by holding.
GOOD_NEWS = {
    "no_oversell": "nothing was oversold",
    "stock_conserved": "the stock adds up",
    "no_double_charge": "nobody was charged twice",
    "no_lost_paid_order": "no paid order was lost",
    "no_charge_without_order": "no charge is without its order",
    "indeterminate_resolves": "no payment was left undecided",
    "limit_per_shopper": "nobody got more than the limit",
    "price_honoured": "every price was honoured",
    "no_lost_order": "no acknowledged order was lost",
    "ledger_balance": "the provider's ledger balances",
    "no_early_sale": "nobody bought before the sale opened",
    "capture_authorized": "every charge was authorized",
    "no_leak": "no unit stayed reserved for nobody",
    "no_order_without_charge": "every order paid by card was charged",
    "fail_means_fail": "what was refused left nothing behind",
    "idempotent_replay": "a request sent again did nothing more",
    "callback_once": "each callback took effect once",
    "coupon_cap": "no coupon was used too often",
    "refund_once": "each cancelled order was refunded once",
    "legal_states": "no order changed as none may",
    "unique_ids": "all ids are unique",
    "cart_isolation": "carts held what their shoppers added",
    "sold_out_stable": "sold out stayed sold out",
    "confirmed_once": "each order was confirmed once",
    "gift_card_balance": "gift cards balance",
    "queue_fair": "the queue was fair",
}
_LESSER = {Status.INVALID: "Invalid", Status.INCONCLUSIVE: "Not known"}
_NO_CHECKS = "No check was made, and an empty set of checks never passes."


def reasons_of(
    verdict: Verdict,
    findings: Sequence[Finding],
    headroom: Headroom | None,
    faults: Sequence[FaultStory],
    impossible: Callable[[Finding], bool] = lambda _: False,
) -> tuple[str, ...]:
    """Return what speaks against a GO (`findings` come worst first), or the few facts that carry it.

    Of what was `impossible` to check a table of the report says more; here one sentence counts it.
    """
    if not findings:
        return (_NO_CHECKS,)
    if verdict is not Verdict.GO:
        named = [finding for finding in findings if not impossible(finding)]
        others = {finding.check for finding in findings if impossible(finding)}
        return (*_against(named, findings[0].status), *_counted(len(others)))
    facts = [_headroom(headroom), *(_survived(story) for story in faults), _books(findings)]
    return (*(fact for fact in facts if fact), f"Every check passed, {len(findings)} of {len(findings)}.")


def _counted(impossible: int) -> Iterator[str]:
    if impossible:
        checks, its = ("One check was", "it") if impossible == 1 else (f"{impossible} checks were", "them")
        yield f"{checks} impossible; what would settle {its} is told under “What could not be checked”."


def _against(findings: Sequence[Finding], worst: Status) -> tuple[str, ...]:
    """Return what did not pass; what weighs less than the worst is told apart by a word."""
    return tuple(
        finding.summary if finding.status is worst else f"{_LESSER[finding.status]}: {finding.summary}"
        for finding in findings
        if finding.status is not Status.PASS
    )


def _headroom(headroom: Headroom | None) -> str:
    if headroom is None or headroom.offered_per_s is None or headroom.ratio is None or not headroom.is_held:
        return ""
    return (
        f"It held {headroom.offered_per_s:.1f} visits a second, {headroom.ratio:.2f} times the forecast peak "
        f"of {quantity(headroom.forecast_per_s)}; {headroom.factor:g} times is asked for."
    )


def _survived(story: FaultStory) -> str:
    recovery = story.recovery
    if recovery is None or recovery.measured is None:
        return ""
    return (
        f"{story.title[:1].upper()}{story.title[1:]}: survived, and back to normal "
        f"{recovery.measured:.1f} s after mending ({story.fault.recover_within_s:g} s allowed)."
    )


def _books(findings: Sequence[Finding]) -> str:
    names = [finding.check.split(".")[-1] for finding in findings if finding.check.startswith("invariant.")]
    news = [GOOD_NEWS.get(name, name.replace("_", " ")) for name in dict.fromkeys(names)]
    return f"The books are in order: {', '.join(news)}." if news else ""
