import pytest

from mock_store.pool import Pool
from mock_store.units import NS_PER_S


class Clock:
    """An instant that a test sets."""

    now_ns = 0

    def __call__(self) -> int:
        """Return it."""
        return self.now_ns


@pytest.fixture
def clock() -> Clock:
    """Return a clock at 0."""
    return Clock()


@pytest.fixture
def pool(clock: Clock) -> Pool:
    """Return a pool of three."""
    return Pool("pay_capture", ("http://1", "http://2", "http://3"), clock)


def order(pool: Pool) -> str:
    """Return the members in the order in which they are to be tried now."""
    return "".join(member.url[-1] for member in pool.in_turn())


def test_members_take_turns_and_have_links_of_their_own(pool: Pool) -> None:
    """Round robin; the first link has the plain name."""
    assert [order(pool) for _ in range(4)] == ["231", "312", "123", "231"]
    assert [member.link for member in pool.members] == ["pay_capture", "pay_capture_2", "pay_capture_3"]


def test_a_refused_member_is_left_out_and_comes_back_by_one_request(pool: Pool, clock: Clock) -> None:
    """For a second it is not tried at all; then one request in a second tries it first, until it answers."""
    broken = pool.members[1]
    broken.breaker.note_refused(clock.now_ns)
    out = [order(pool) for _ in range(3)]
    clock.now_ns = NS_PER_S
    back = [order(pool) for _ in range(3)]
    broken.breaker.answered()

    assert out == ["31", "31", "13"]
    assert [tried[0] for tried in back] == ["2", "3", "1"]
    assert order(pool) == "231"


@pytest.mark.parametrize(
    ("lost", "tried"), [(2, "231"), (3, "31")], ids=["two are bad luck", "three are not"]
)
def test_a_member_that_loses_answers_is_left_out_later(pool: Pool, lost: int, tried: str) -> None:
    """A lost answer says less than a refusal."""
    for _ in range(lost):
        pool.members[1].breaker.note_lost(0)

    assert tried == order(pool)


def test_when_all_are_out_all_are_tried(pool: Pool) -> None:
    """There is no better way."""
    for member in pool.members:
        member.breaker.note_refused(0)

    assert sorted(order(pool)) == ["1", "2", "3"]


def test_a_pool_of_one_is_one_address(clock: Clock) -> None:
    """It may be written without a list, and is tried always."""
    pool = Pool("pay_status", "http://1", clock)
    pool.members[0].breaker.note_refused(0)

    assert (order(pool), order(pool)) == ("1", "1")
