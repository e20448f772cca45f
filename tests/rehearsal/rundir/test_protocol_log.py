from pathlib import Path

from rehearsal.model.history import Outcome
from rehearsal.model.protocol import ProtocolStep
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import read_log
from rehearsal.rundir.protocol_log import ProtocolLog, book_protocol, read_protocol


class Hands:
    """A clock that moves on by a second each time it is asked."""

    def __init__(self) -> None:
        self.now = 0

    def now_ns(self) -> int:
        """Return the next second."""
        self.now += 1_000_000_000
        return self.now

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Return at once."""


def test_steps_are_read_back_but_for_a_cut_one(tmp_path: Path) -> None:
    """What was begun, what was found, and since when."""
    protocol = ProtocolLog(tmp_path, Hands())
    protocol.begin(ProtocolStep.INJECT, "payment_unreachable")
    protocol.tell(ProtocolStep.REPLACED, "it hung", outcome=Outcome.INFO, since_ns=5)
    with (tmp_path / folder.PROTOCOL).open("ab") as file:
        file.write(b'{"step":"ho')

    lines = [(line.step, line.at_ns, line.done_ns, line.outcome) for line in read_protocol(tmp_path)]
    assert lines == [
        ("inject", 1_000_000_000, 1_000_000_000, "ok"),
        ("replaced", 5, 2_000_000_000, "info"),
    ]


def test_the_history_has_it_once_on_the_run_s_clock(tmp_path: Path) -> None:
    """Steps before the origin are before zero."""
    protocol = ProtocolLog(tmp_path, Hands())
    protocol.begin(ProtocolStep.STAND_UP)
    protocol.begin(ProtocolStep.BASELINE)
    book_protocol(tmp_path, 1_500_000_000)
    book_protocol(tmp_path, 1_500_000_000)

    rows = read_log(tmp_path / folder.CONDUCTOR_LOG).select("kind", "f", "sent_ns").rows()
    assert rows == [("protocol", "stand_up", -500_000_000), ("protocol", "baseline", 500_000_000)]


def test_a_run_without_steps(tmp_path: Path) -> None:
    """There is nothing to add, and no log is made for it."""
    book_protocol(tmp_path, 1)

    assert read_protocol(tmp_path) == ()
    assert not (tmp_path / folder.CONDUCTOR_LOG).exists()
