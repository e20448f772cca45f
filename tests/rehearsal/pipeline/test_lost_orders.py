from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from rehearsal.model.errors import RehearsalError, Unreachable
from rehearsal.model.history import Kind, Outcome, Row, Step
from rehearsal.model.readings import OrderReading
from rehearsal.pipeline.lost_orders import Acknowledged, LostOrders, missing
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import HistoryLog

S = 1_000_000_000


class Hands:
    """A clock whose hands the test turns."""

    now = 100 * S

    def now_ns(self) -> int:
        """Return the instant."""
        return self.now

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Move to it."""
        self.now = instant_ns


def order(order_id: str, status: str = "paid") -> OrderReading:
    """Return an order of the books."""
    return OrderReading(
        order_id=order_id,
        shopper="s",
        intent=f"i-{order_id}",
        status=status,
        channel="card",
        total_cents=1,
        region="a",
        lines=(),
    )


def told(run: Path, *rows: tuple[str, str, str, int], worker: int = 0) -> None:
    """Append rows of a load process: step, outcome, order, and when it was done."""
    log = HistoryLog(run / folder.load_log(worker))
    for step, outcome, order_id, done_ns in rows:
        log.append(Row(kind=Kind.OP, f=step, outcome=outcome, order_id=order_id, done_ns=done_ns))
    log.close()


def test_who_was_told_that_she_paid(tmp_path: Path) -> None:
    """Only a payment or a query that was ok tells it, of all workers; a half row not yet, a cut one never."""
    told(tmp_path, (Step.PAY, Outcome.OK, "o1", S), (Step.PAY, Outcome.INFO, "o2", S))
    told(tmp_path, (Step.QUERY, Outcome.OK, "o3", 2 * S), (Step.ORDER, Outcome.OK, "o4", S), worker=1)
    with (tmp_path / folder.load_log(0)).open("ab") as file:
        file.write(b'{"kind":"op","f"\n{"kind":"op","f":"pay","outco')
    acknowledged = Acknowledged(tmp_path)
    acknowledged.read()

    assert acknowledged.told_ns == {"o1": S, "o3": 2 * S}
    assert acknowledged.before(S) == {"o1"}

    with (tmp_path / folder.load_log(0)).open("ab") as file:
        file.write(b'me":"ok","order_id":"o5","done_ns":3}\n')
    acknowledged.read()

    assert set(acknowledged.told_ns) == {"o1", "o3", "o5"}


def test_what_is_missing() -> None:
    """An order is there if it was sold, though it was cancelled since; pending or expired is not sold."""
    books = [order("o1"), order("o2", "confirmed"), order("o3", "cancelled"), order("o4", "expired")]

    assert missing(frozenset({"o1", "o2", "o3", "o4", "o5"}), books) == {"o4", "o5"}


@pytest.fixture
def looking(tmp_path: Path) -> Callable[..., LostOrders]:
    """Return a function that makes a comparison 100 s into a run in which o1 was told at 10 s."""
    told(tmp_path, (Step.PAY, Outcome.OK, "o1", 10 * S))

    def make(read: Callable[[], Iterable[OrderReading] | None], after_s: float = 5.0) -> LostOrders:
        return LostOrders(tmp_path, read, clock=Hands(), origin_ns=0, after_s=after_s, wanted=False)

    return make


def _refuse() -> Iterable[OrderReading]:
    raise Unreachable("no answer")


def _starve() -> Iterable[OrderReading]:
    raise OSError("too many open files")


@pytest.mark.parametrize(
    ("read", "after_s", "expected"),
    [
        pytest.param(list, 5.0, 1, id="it is not in the books"),
        pytest.param(lambda: [order("o1")], 5.0, 0, id="it is"),
        pytest.param(list, 95.0, 0, id="it has time yet"),
        pytest.param(lambda: None, 5.0, 0, id="the adapter cannot read orders"),
        pytest.param(_refuse, 5.0, 0, id="the books cannot be read now"),
        pytest.param(_starve, 5.0, 0, id="nothing can be opened now"),
    ],
)
def test_comparing(
    looking: Callable[..., LostOrders],
    read: Callable[[], Iterable[OrderReading]],
    after_s: float,
    expected: int,
) -> None:
    """What could not be read is not lost."""
    assert looking(read, after_s).look() == expected


def test_what_was_lost_stays_lost_until_it_is_read_again(looking: Callable[..., LostOrders]) -> None:
    """A shop that does not answer for a while does not take back what it has shown."""
    answers: list[object] = [[], RehearsalError("busy"), [order("o1")]]

    def read() -> Iterable[OrderReading]:
        answer = answers.pop(0)
        if isinstance(answer, RehearsalError):
            raise answer
        return answer  # type: ignore[return-value]

    lost = looking(read)

    assert [lost.look(), lost.look(), lost.look()] == [1, 1, 0]


def test_unwanted_comparing_begins_nothing(looking: Callable[..., LostOrders]) -> None:
    """A plan without the condition costs no thread and no reading."""
    with looking(_refuse) as lost:
        assert lost.count == 0
