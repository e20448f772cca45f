from typing import Any

import pytest

from rehearsal.pipeline.selftest.case import Case, CaseKind, Seen, Standing
from rehearsal.pipeline.selftest.worth import answers, note_of, result_of, standing_of

FELT = {"fault.region_killed.effect": "PASS"}
OVERSOLD = {"invariant.I1.no_oversell": "FAIL"}
STARVED = {"generator.machine": "INVALID"}


def case(kind: CaseKind = CaseKind.CLEAN, **more: Any) -> Case:
    """Return a case; a planted bug is one that oversells."""
    expected = ("invariant.I1",) if kind is CaseKind.DEFECT else ()
    return Case(name="it", kind=kind, seed=3, text="plan", fault="region_killed", expected=expected, **more)


@pytest.mark.parametrize(
    ("kind", "statuses", "standing"),
    [
        pytest.param("defect", OVERSOLD | FELT, "caught", id="the expected check fails"),
        pytest.param("defect", OVERSOLD | STARVED, "caught", id="on a starved machine it fails all the same"),
        pytest.param("defect", {"invariant.I12.limit": "FAIL"}, "missed", id="only another check fails"),
        pytest.param("defect", {"invariant.I1.no_oversell": "INCONCLUSIVE"}, "missed", id="nothing fails"),
        pytest.param("defect", FELT | STARVED, "starved", id="nothing fails on a starved machine"),
        pytest.param(
            "defect", {"fault.x.effect": "INCONCLUSIVE"}, "unfelt", id="nothing fails, nobody felt the fault"
        ),
        pytest.param("clean", FELT, "clean", id="silence under a fault that was felt"),
        pytest.param(
            "clean", FELT | {"headroom.proof": "INCONCLUSIVE"}, "clean", id="something else is not known"
        ),
        pytest.param("clean", FELT | OVERSOLD, "alarm", id="a false alarm"),
        pytest.param("clean", FELT | OVERSOLD | STARVED, "alarm", id="a false alarm on a starved machine"),
        pytest.param("clean", FELT | STARVED, "starved", id="silence on a starved machine"),
        pytest.param("clean", {"fault.x.effect": "INCONCLUSIVE"}, "unfelt", id="silence, nobody felt it"),
        pytest.param("clean", {}, "broken", id="no finding at all"),
    ],
)
def test_what_a_drill_is_worth(kind: str, statuses: dict[str, str], standing: str) -> None:
    """Caught needs the expected check; clean needs silence, a felt fault and a machine that kept up."""
    assert standing_of(case(CaseKind(kind)), Seen(verdict="X", statuses=statuses)) == standing


def test_a_drill_that_broke_off_is_never_clean_or_missed() -> None:
    """Even with findings beside it: a part of the harness died."""
    seen = Seen(statuses=FELT, broken="exit code 2: no such listener")

    assert standing_of(case(), seen) is Standing.BROKEN
    assert standing_of(case(CaseKind.DEFECT), seen) is Standing.BROKEN
    assert note_of(case(), seen) == "exit code 2: no such listener"


@pytest.mark.parametrize(
    ("check", "expected", "does"),
    [
        ("invariant.I1.no_oversell", ("invariant.I1",), True),
        ("invariant.I1", ("invariant.I1",), True),
        ("invariant.I12.limit_per_shopper", ("invariant.I1",), False),
        ("invariant.I2.stock_conserved", ("invariant.I1", "invariant.I2"), True),
        ("invariant.I1", ("invariant.I1.no_oversell",), False),
        ("resources.memory/region_a", ("resources.memory",), True),
        ("anything", (), False),
    ],
)
def test_a_check_answers_names_up_to_a_dot(check: str, expected: tuple[str, ...], does: bool) -> None:
    """I12 is not I1, however it begins."""
    assert answers(check, expected) is does


@pytest.mark.parametrize(
    ("kind", "statuses", "note"),
    [
        ("defect", OVERSOLD, ""),
        ("defect", {"slo.goodput": "FAIL"}, "expected invariant.I1; slo.goodput failed"),
        ("defect", {"slo.goodput": "PASS"}, "expected invariant.I1; nothing failed"),
        ("clean", OVERSOLD, "invariant.I1.no_oversell failed on the correct shop"),
        ("clean", STARVED, "the machine starved the run: generator.machine"),
        ("clean", {"fault.x.effect": "INCONCLUSIVE"}, "not proven: fault.x.effect"),
        ("clean", {}, "the drill left no findings"),
    ],
)
def test_the_note_says_what_is_wrong(kind: str, statuses: dict[str, str], note: str) -> None:
    """A good case needs no words."""
    assert note_of(case(CaseKind(kind)), Seen(verdict="X", statuses=statuses)) == note


def test_a_result_names_what_failed_in_order_and_where_it_lies() -> None:
    """Checks by name, seconds to a tenth."""
    seen = Seen(verdict="NO_GO", statuses={"b": "FAIL", "a": "FAIL", "c": "PASS"}, run="/runs/x")
    result = result_of(case(CaseKind.DEFECT), seen, seconds=18.04, attempts=2)

    assert (result.found, result.seconds, result.attempts, result.run) == (("a", "b"), 18.0, 2, "/runs/x")
    assert (result.seed, result.fault, result.verdict) == (3, "region_killed", "NO_GO")
