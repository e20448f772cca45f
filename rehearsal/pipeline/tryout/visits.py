"""What walked visits show besides refusals: an adapter that breaks, waits for ever, or leaves out facts."""

from collections.abc import Callable, Collection, Iterator, Mapping

from rehearsal.model.history import PENDING, REFUSALS, Outcome, Step
from rehearsal.pipeline.tryout.ailments import NOTHING, address_of, ailments_of, what_came
from rehearsal.pipeline.tryout.child import Tried
from rehearsal.pipeline.tryout.sight import Sight, dubious, first_of_each, well, wrong
from scenarios.tryout.told import Began, Exchange, StepTold, VisitTold

_ABOUT = "walk"
_GIVING = frozenset({Step.ORDER, Step.FLASH_BUY})
#: Answers besides ok with which a visit may still go as it should.
_AS_WELL = REFUSALS | {PENDING}


def steps_of(tried: Tried) -> tuple[StepTold, ...]:
    """Return the steps that were walked."""
    return tuple(line for line in tried.told if isinstance(line, StepTold))


def exchanges_of(tried: Tried) -> tuple[Exchange, ...]:
    """Return every request of the walked visits."""
    lines = (line for line in tried.told if isinstance(line, StepTold | VisitTold))
    return tuple(exchange for line in lines for exchange in line.exchanges)


def visits_seen(
    tried: Tried, timeout_s: float, certificates: Mapping[str, str] = NOTHING
) -> tuple[Sight, ...]:
    """Return what is to be said of the walk, one sentence for each thing; arguments as `ailments_of`."""
    steps = steps_of(tried)
    visits = [line for line in tried.told if isinstance(line, VisitTold)]
    found = (
        *ailments_of(steps, timeout_s, certificates),
        *(_broke(visit) for visit in visits if visit.broke),
        *_unfinished(tried),
        *_left_out(steps, {visit.kind for visit in visits if visit.broke}),
    )
    ill = {step.kind for step in steps if step.outcome != Outcome.OK and step.error not in _AS_WELL}
    good = [visit.kind for visit in visits if visit.good and visit.kind not in ill]
    praise = [well(_ABOUT, f"{kind}: the visit went as its shopper wants.") for kind in good]
    return first_of_each([*found, *praise])


def _broke(visit: VisitTold) -> Sight:
    where = f" at {visit.where}" if visit.where else ""
    last = visit.exchanges[-1:]
    after = "".join(f"; the answer before was {what_came(one)} to {address_of(one)}" for one in last)
    return wrong(_ABOUT, f"{visit.kind}: the adapter broke{where}: {visit.broke.rstrip('.')}{after}.")


def _unfinished(tried: Tried) -> Iterator[Sight]:
    if not tried.ended:
        return
    begun = [line for line in tried.told if isinstance(line, Began)]
    where = f"{begun[-1].kind}, step {begun[-1].step}" if begun else "before its first step"
    yield wrong(
        _ABOUT,
        f"{where}: the walk did not end by itself ({tried.ended}); give the adapter's own waits and clients "
        "a time limit.",
    )


def _left_out(steps: tuple[StepTold, ...], broken: Collection[str]) -> Iterator[Sight]:
    """Say which facts the audit will miss in answers that were ok, if the visit did not break first."""
    # Where paying makes the order, the step before it leads to the payment page and has no number to give.
    made_by_paying = {step.kind for step in steps if step.step == Step.PAY and step.facts.get("sku")}
    for step in (step for step in steps if step.outcome == Outcome.OK):
        if step.exchanges and step.exchanges[-1].sends_json and step.exchanges[-1].is_html:
            yield _unlooked(step)
        gives = step.step in _GIVING and step.kind not in made_by_paying.union(broken)
        for is_missing, words in _FACTS:
            if is_missing(step, gives):
                yield words(step)


def _unlooked(step: StepTold) -> Sight:
    page = f"{what_came(step.exchanges[-1])} to {address_of(step.exchanges[-1])}"
    words = f"the adapter reads {page} as ok, though it asked with JSON; let it look at what the answer says"
    return dubious(_ABOUT, f"{step.kind}, step {step.step}: {words}.")


def _number(step: StepTold) -> Sight:
    words = "is ok without an order_id; name it, for without it no order can be found again in the books"
    return wrong(_ABOUT, f"{step.kind}, step {step.step}: the adapter's answer {words}.")


def _amount(step: StepTold) -> Sight:
    words = "names no amount_cents, so that nobody can tell whether another amount was charged than told"
    return dubious(_ABOUT, f"{step.kind}, step {step.step}: the adapter's answer {words}.")


_FACTS: tuple[tuple[Callable[[StepTold, bool], bool], Callable[[StepTold], Sight]], ...] = (
    (lambda step, gives: (gives or step.step == Step.PAY) and not step.facts.get("order_id"), _number),
    (lambda step, gives: gives and not step.facts.get("amount_cents"), _amount),
)
