"""The shop's processes on the scales: this test's own process stands for one of them."""

import os

import psutil

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.history import Row
from rehearsal.pipeline.observe import Observer
from rehearsal.process import Child, created_s
from tests.rehearsal.pipeline.test_observe import Stalling


def weighed(*children: Child) -> list[Row]:
    """Return the rows about processes that two seconds of observation leave."""
    clock, rows = Stalling(), list[Row]()
    observer = Observer(clock, NS_PER_S, rows.append, sku="f", stock=lambda: None, processes=lambda: children)
    with observer:
        assert clock.second.wait(10)
    return [row for row in rows if "/" in row.f]


def child(*, created: float) -> Child:
    """Return this process under a label."""
    return Child(label="region_a", pid=os.getpid(), created=created, argv=())


def test_memory_and_descriptors_are_written_down() -> None:
    """Each second has a row for the memory and one for the descriptors of each process."""
    rows = weighed(child(created=created_s(psutil.Process())))

    assert {row.f for row in rows} == {"rss_mb/region_a", "fds/region_a"}
    assert all(row.value > 1 and row.sent_ns >= 0 for row in rows)


def test_a_process_that_is_gone_has_no_row() -> None:
    """A pid that is somebody else's now says nothing of the shop."""
    rows = weighed(child(created=1.0))

    assert rows == []
