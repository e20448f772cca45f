import pytest

from rehearsal.model.fault_facts import FACTS, PAIRS, STEPS_OF
from rehearsal.model.faults import Facts, FaultKind, Function, Promise
from rehearsal.model.history import Step


def test_every_kind_has_its_facts() -> None:
    """Whatever a plan can name is known before any drill, under its own name."""
    assert {kind: kind for kind in FaultKind} == {kind: facts.kind for kind, facts in FACTS.items()}


def test_codes_are_the_catalogue_s() -> None:
    """All 18 payment, 11 region and 14 other faults are there, five pairs, and a plan's own two."""
    numbered = [("P", 18), ("R", 11), ("O", 14), ("X", 5), ("C", 2)]
    codes = [f"{letter}{number}" for letter, last in numbered for number in range(1, last + 1)]
    codes.insert(codes.index("O10") + 1, "O10b")

    assert codes == [facts.code for facts in FACTS.values()]


@pytest.mark.parametrize("facts", FACTS.values(), ids=str)
def test_facts_are_sentences(facts: Facts) -> None:
    """Effect, check and recovery are sentences for a person; a title is words without a stop."""
    sentences = (facts.effect, facts.steady, facts.recovery)

    assert all(text[0].isupper() and text.endswith(".") for text in sentences)
    assert facts.title == facts.title.strip(".")
    assert facts.hits


@pytest.mark.parametrize(("kind", "parts"), PAIRS.items(), ids=str)
def test_a_pair_promises_the_weaker_of_both(kind: FaultKind, parts: tuple[FaultKind, FaultKind]) -> None:
    """Of two faults at once nobody can be promised more than of either alone."""
    order = list(Promise)

    for function in Function:
        alone = [FACTS[part].promise.get(function, Promise.WORKS) for part in parts]

        assert FACTS[kind].promise.get(function, Promise.WORKS) == max(alone, key=order.index)


def test_every_step_belongs_to_one_function() -> None:
    """No request of a shopper is left out of the matrix, none counts twice."""
    steps = [step for steps in STEPS_OF.values() for step in steps]

    assert sorted(Step) == sorted(steps)
    assert set(Function) == set(STEPS_OF)
