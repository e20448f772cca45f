"""What could not be checked of a run, and what would settle it. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chaos.invariants.needs import METHODS, READINGS, WORDS, offered, settled_by
from chaos.invariants.untold import BY_THE_BOOKS
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding, Status
from rehearsal.rundir.record import RunRecord
from reports.reasons import GOOD_NEWS

_SHOPPERS = "an adapter's shoppers (target.adapter, traffic.mix), who tell what the shop told them"
_ELSE = {"payment_success": "payments succeed as promised", "lost_orders": "no fault lost an order"}
_READ = frozenset(WORDS[name] for name in READINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchecked:
    """Checks that could not be made for the same reason: each a number ("I11", or "") and what it shows."""

    settled_by: tuple[str, ...]
    checks: tuple[tuple[str, str], ...]


def unchecked_of(
    plan: Plan, record: RunRecord, readings: FinalReadings, findings: Iterable[Finding]
) -> tuple[Unchecked, ...]:
    """Return the checks that nothing in the run could have decided, those with the same mend together.

    What was possible and came to nothing (a sale that did not run out) is not among them.
    """
    groups: dict[tuple[str, ...], dict[str, str]] = {}
    for finding in findings:
        if is_impossible(finding, plan, record, readings):
            ways = tuple(_ways(finding, plan, record, readings))
            number, name = _named(finding.check)
            groups.setdefault(ways, {})[number] = GOOD_NEWS.get(name) or _ELSE.get(name, name)
    return tuple(Unchecked(settled_by=ways, checks=tuple(checks.items())) for ways, checks in groups.items())


def is_impossible(finding: Finding, plan: Plan, record: RunRecord, readings: FinalReadings) -> bool:
    """Tell whether a finding is INCONCLUSIVE because something was not there that it needs."""
    return finding.status is Status.INCONCLUSIVE and any(_ways(finding, plan, record, readings))


def _ways(finding: Finding, plan: Plan, record: RunRecord, readings: FinalReadings) -> Iterator[str]:
    check = finding.check.removeprefix("invariant.")
    others = plan.traffic.is_closed or plan.traffic.is_logged
    if others and check != finding.check and check not in BY_THE_BOOKS:
        yield _SHOPPERS
    # Of others' shoppers it is not known what they do.
    methods = METHODS if others or record.offers is None else record.offers
    wanted = settled_by(check, offered(readings, methods))
    if readings.unread and _READ.intersection(wanted):
        yield f"a shop that can be read after the run; of this one it is said: {readings.unread}"
        wanted = tuple(words for words in wanted if words not in _READ)
    yield from wanted


def _named(check: str) -> tuple[str, str]:
    """Return an invariant's number, "" for another check, and the last of its names."""
    number, _, name = check.removeprefix("invariant.").rpartition(".")
    return (number if check.startswith("invariant.") else ""), name
