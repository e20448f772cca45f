import pytest

from mock_store.breaker import PROOF_NS, Breaker

S = 1_000_000_000


def test_a_new_breaker_is_closed() -> None:
    """Nothing has gone wrong yet."""
    assert Breaker().admit(0)


@pytest.mark.parametrize(
    ("refused", "lost", "is_open"),
    [(2, 0, False), (3, 0, True), (0, 9, False), (0, 10, True), (2, 9, False)],
    ids=[
        "two refusals are bad luck",
        "three refusals in a row open it",
        "nine lost answers may have been done",
        "ten lost answers open it",
        "the two are counted apart",
    ],
)
def test_failures_in_a_row_open_it(refused: int, lost: int, *, is_open: bool) -> None:
    """A refusal weighs more than a lost answer."""
    breaker = Breaker()
    for _ in range(refused):
        breaker.note_refused(0)
    for _ in range(lost):
        breaker.note_lost(0)

    assert is_open == breaker.is_open(0)


def test_an_answer_between_failures_starts_the_count_anew() -> None:
    """Only failures in a row count."""
    breaker = Breaker()
    for _ in range(2):
        breaker.answered()
        breaker.note_refused(0)
        breaker.note_refused(0)

    assert breaker.admit(0)


def test_half_open_one_probe_a_second_passes() -> None:
    """After a second one request passes, the next only a second later."""
    breaker = Breaker(refused_after=1)
    breaker.note_refused(0)

    expected = [(S - 1, False), (S, True), (S, False), (2 * S - 1, False), (2 * S, True)]
    assert expected == [(at_ns, breaker.admit(at_ns)) for at_ns, _ in expected]


def test_a_probe_that_is_answered_closes_it() -> None:
    """One answer is enough."""
    breaker = Breaker(refused_after=1)
    breaker.note_refused(0)
    breaker.admit(S)
    breaker.answered()

    assert all(breaker.admit(S) for _ in range(3))


def test_a_probe_that_is_refused_opens_it_again() -> None:
    """The wait begins anew with the refusal."""
    breaker = Breaker()
    for _ in range(3):
        breaker.note_refused(0)
    breaker.admit(S)
    breaker.note_refused(S + 5)

    assert (breaker.admit(2 * S + 4), breaker.admit(2 * S + 5)) == (False, True)


def test_while_callbacks_prove_the_work_lost_answers_do_not_count() -> None:
    """Answers may be lost for ever as long as callbacks come; when those end too, the count begins."""
    breaker = Breaker(lost_after=2)
    breaker.note_lost(0)
    breaker.note_proof(0)
    for _ in range(50):
        breaker.note_lost(PROOF_NS - 1)
    proved = breaker.is_open(PROOF_NS - 1)
    breaker.note_lost(PROOF_NS)
    breaker.note_lost(PROOF_NS)

    assert (proved, breaker.is_open(PROOF_NS)) == (False, True)


def test_a_proof_does_not_close_what_refusals_opened() -> None:
    """A callback that was still on its way says nothing of the endpoint now."""
    breaker = Breaker(refused_after=1)
    breaker.note_refused(0)
    breaker.note_proof(0)

    assert not breaker.admit(0)
