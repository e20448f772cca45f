"""One look at all requests under way."""

from dataclasses import dataclass, field

import gevent

from scenarios.http.deadlines import Deadlines, deadlines_of


@dataclass(eq=False)
class Request:
    """Writes down that it expired, and may end another or put it off first."""

    deadline_ns: int = 0
    ends: list["Request"] = field(default_factory=list)
    puts_off: list["Request"] = field(default_factory=list)
    deadlines: Deadlines = field(default_factory=lambda: Deadlines(gevent.get_hub()))
    expired: bool = False

    def expire(self) -> None:
        """Expire."""
        self.expired = True
        for other in self.ends:
            self.deadlines.waiting.discard(other)
        for other in self.puts_off:
            other.deadline_ns = 1 << 62


def test_a_request_ended_or_put_off_by_another_does_not_expire() -> None:
    """Whoever wakes first may run the others' code."""
    deadlines = Deadlines(gevent.get_hub())
    one, two = (Request(deadlines=deadlines) for _ in range(2))
    one.ends, two.ends = [two], [one]
    three, four = (Request(deadlines=deadlines) for _ in range(2))
    three.puts_off, four.puts_off = [four], [three]
    for each in (one, two, three, four):
        deadlines.waiting.add(each)
    deadlines._look()
    for each in (three, four):
        deadlines.waiting.discard(each)
    deadlines._look()

    assert sorted([one.expired, two.expired]) == [False, True]
    assert sorted([three.expired, four.expired]) == [False, True]


def test_a_loop_has_one_set_of_deadlines() -> None:
    """And the timer stops when nobody waits: it must not keep a process alive."""
    deadlines = deadlines_of(gevent.get_hub())
    request = Request(1 << 62)
    deadlines.waiting.add(request)
    deadlines.start()
    running = deadlines.running
    deadlines.waiting.discard(request)
    deadlines._look()

    assert deadlines is deadlines_of(gevent.get_hub())
    assert (running, deadlines.running, request.expired) == (True, False, False)
