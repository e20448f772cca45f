from collections.abc import Callable

import numpy as np
import pytest

from scenarios.replay import amplify
from scenarios.replay.fidelity import Fidelity, fidelity, mix_counts, transition_counts
from scenarios.replay.steps import Steps

Make = Callable[..., Steps]
MS = 1_000_000
NS = 1_000_000_000


def broken(found: Fidelity) -> set[str]:
    """Return the parts beyond their limits."""
    return {part.name for part in found.parts if not part.is_kept}


def amplified(log: Steps, multiplier: float, seed: int = 2) -> Steps:
    """Return a replay by more sessions."""
    interval_ns = amplify.arrival_interval_ns(log.start_ns, MS)
    return amplify.amplify(log, multiplier, interval_ns, np.random.default_rng(seed))


def test_the_log_itself_scores_one(poisson_steps: Make) -> None:
    """Every distance is 0."""
    found = fidelity(poisson_steps(), poisson_steps(), multiplier=1, resolution_ns=MS)

    assert found.score == 1
    assert found.is_faithful


@pytest.mark.parametrize("multiplier", [1, 5, 7.5, 8, 10])
def test_more_sessions_stay_faithful(poisson_steps: Make, multiplier: float) -> None:
    """Five to ten times by sessions: every limit kept, the score high; once is as good as the log."""
    log = poisson_steps()
    found = fidelity(log, amplified(log, multiplier), multiplier=multiplier, resolution_ns=MS)

    assert broken(found) == set()
    assert found.score >= (0.95 if multiplier == 1 else 0.75)


def test_a_faster_clock_fails(poisson_steps: Make) -> None:
    """Five times by speed: the mix and the gaps are right, think times and sessions are not, and it shows."""
    log = poisson_steps()
    found = fidelity(log, amplify.speed_up(log, 5), multiplier=5, resolution_ns=MS)

    assert {"think times", "session length, time", "arrival curve"} <= broken(found)
    assert not {"path mix", "transitions", "inter-arrival times", "session length, steps"} & broken(found)
    assert found.score < 0.1


def changed(steps: Steps, **change: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Steps:
    """Return steps with other columns."""
    columns = {"length": steps.length, "at_ns": steps.at_ns, "template": steps.template, **change}
    return Steps(**columns, row=steps.row, labels=steps.labels)


def test_each_part_sees_what_it_is_for(poisson_steps: Make) -> None:
    """One thing changed at a time breaks the part that names it."""
    log = poisson_steps(rate_per_s=3.0)
    once = {"multiplier": 1.0, "resolution_ns": MS}
    other_mix = changed(log, template=np.zeros_like(log.template))
    shuffled = changed(log, template=np.tile([0, 1, 2], log.sessions))
    lockstep = changed(log, at_ns=log.at_ns - np.repeat(log.start_ns % (10 * NS), 3))
    batches = changed(log, at_ns=log.at_ns - np.repeat(log.start_ns % NS, 3))
    short = Steps(np.full(log.sessions * 3, 1), np.sort(log.at_ns), log.template, log.row, log.labels)

    assert {"path mix", "transitions"} <= broken(fidelity(log, other_mix, **once))  # type: ignore[arg-type]
    assert broken(fidelity(log, shuffled, **once)) == {"transitions"}  # type: ignore[arg-type]
    assert {"inter-arrival times", "burstiness at 1 s"} <= broken(fidelity(log, lockstep, **once))  # type: ignore[arg-type]
    assert "burstiness at 100 ms" in broken(fidelity(log, batches, **once))  # type: ignore[arg-type]
    assert "session length, steps" in broken(fidelity(log, short, **once))  # type: ignore[arg-type]


def test_clones_in_lockstep_fail(poisson_steps: Make) -> None:
    """Eight copies of each session at the same instant are not eight shoppers."""
    log = poisson_steps()
    copies = log.pick(np.repeat(np.arange(log.sessions), 8))

    assert {"inter-arrival times", "burstiness at 1 s"} <= broken(
        fidelity(log, copies, multiplier=8, resolution_ns=MS)
    )


def test_what_a_coarse_clock_hides_is_not_invented(poisson_steps: Make, steps_of: Make) -> None:
    """Seconds say nothing of 100 ms; a short log nothing of bursts at all. Neither counts in the score."""
    log = poisson_steps()
    coarse = {part.name: part for part in fidelity(log, log, multiplier=1, resolution_ns=NS).parts}
    few = steps_of(*[[(float(at), 0)] for at in range(30)])
    short = {part.name: part for part in fidelity(few, few, multiplier=1, resolution_ns=MS).parts}

    assert coarse["burstiness at 100 ms"].distance is None
    assert "clock steps by 1 s" in coarse["burstiness at 100 ms"].note
    assert coarse["burstiness at 1 s"].distance == 0
    assert "less than 100 times 1 s" in short["burstiness at 1 s"].note
    assert fidelity(few, few, multiplier=1, resolution_ns=MS).score == 1


def test_a_millisecond_late_is_no_other_think_time(steps_of: Make) -> None:
    """Within the tolerance times of whole seconds are equal; without it every one differs."""
    planned = steps_of(*[[(at, 0), (at + 3, 1)] for at in range(300)])
    late = steps_of(*[[(at, 0), (at + 3.002, 1)] for at in range(300)])
    strict = fidelity(planned, late, multiplier=1, resolution_ns=NS)
    lenient = fidelity(planned, late, multiplier=1, resolution_ns=NS, tolerance_s=0.02)

    assert "think times" in broken(strict)
    assert broken(lenient) == set()


def test_small_samples_have_wider_limits(poisson_steps: Make) -> None:
    """Chance alone must not fail a small log."""
    log = poisson_steps(rate_per_s=0.1)
    limits = {part.name: part.limit for part in fidelity(log, log, multiplier=1, resolution_ns=MS).parts}

    assert limits["inter-arrival times"] > 0.1
    assert limits["path mix"] == 0.1


def test_counts_of_paths_and_transitions(steps_of: Make) -> None:
    """The last row is the start, the last column the end."""
    steps = steps_of([(0, 0), (1, 1), (2, 1)], [(5, 1)])

    assert mix_counts(steps).tolist() == [1, 3, 0]
    assert transition_counts(steps).tolist() == [[0, 1, 0, 0], [0, 1, 0, 2], [0, 0, 0, 0], [1, 1, 0, 0]]
