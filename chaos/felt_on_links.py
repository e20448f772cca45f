"""Whether shoppers felt that a link of somebody's own shop was broken, told from their rows alone. Pure.

How another shop says that it lacks its database or its payment provider nobody told us, nor how fast it
answers when all is well. So trouble is what there was none of before the fault: refusals in new words, and
answers twice as late as the latest then.
"""

import polars as pl

from chaos.trouble import LATE_NS, broken, counted, done_in, late, unheard_of, waited
from rehearsal.model.fault_facts import FACTS, STEPS_OF
from rehearsal.model.faults import Function, Promise
from rehearsal.model.plan import Fault

_TWICE = 2


def felt_at(ops: pl.DataFrame, fault: Fault, window: tuple[int, int]) -> tuple[bool, str]:
    """Tell whether requests met a fault at the steps where anything is to be noticed, and that in words."""
    facts = FACTS[fault.kind]
    noticed = [function for function in facts.hits if facts.promise[function] is not Promise.WORKS]
    steps = [step for function in noticed for step in STEPS_OF[function]]
    met = _met(ops.filter(pl.col("f").is_in(steps)), window)
    where = "" if len(noticed) == len(Function) else f" of {', '.join(noticed).replace('_', ' ')}"
    return met > 0, f"{counted(met, 'request')}{where} met it"


def felt_anywhere(ops: pl.DataFrame, _: Fault, window: tuple[int, int]) -> tuple[bool, str]:
    """Tell whether any request met a fault, and that in words: of a stranger's no step is known."""
    met = _met(ops, window)
    return met > 0, f"{counted(met, 'request')} met it"


def _met(ops: pl.DataFrame, window: tuple[int, int]) -> int:
    before = ops.filter(pl.col("done_ns") < window[0])
    slowest_ns = (before["done_ns"] - before["sent_ns"]).max()
    late_ns = max(LATE_NS, _TWICE * int(str(slowest_ns or 0)))
    trouble = broken() | unheard_of(before["error"].unique().to_list()) | late(late_ns)
    return ops.filter((done_in(window) & trouble) | (waited(window) & late(late_ns))).height
