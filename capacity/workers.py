"""The load processes of a run: whether their clocks agreed, and whether all they wrote came back."""

from collections.abc import Sequence

from rehearsal.model.clock import NS_PER_MS
from rehearsal.model.verdict import Finding, Status
from rehearsal.rundir.worker_record import WorkerRecord

#: How well the clock of a machine elsewhere must be known.
CLOCK_LIMIT_MS = 10.0


def judge_workers(workers: Sequence[WorkerRecord]) -> tuple[Finding, ...]:
    """Return generator.clocks and generator.histories, for a run of more than one process or machine."""
    if len(workers) == 1 and workers[0].here:
        return ()
    return (judge_clocks(workers), judge_histories(workers)) if workers else ()


def judge_clocks(workers: Sequence[WorkerRecord]) -> Finding:
    """Compare the worst uncertainty of a clock with `CLOCK_LIMIT_MS`: past it instants cannot be compared."""
    away = [worker for worker in workers if not worker.here]
    worst = max(away, key=lambda worker: worker.uncertainty_ns, default=None)
    worst_ms = worst.uncertainty_ns / NS_PER_MS if worst else 0.0
    status, words = Status.PASS, f"All {len(workers)} load processes read one and the same clock."
    if worst and worst_ms > CLOCK_LIMIT_MS:
        status = Status.INVALID
        words = (
            f"The clock of worker {worst.worker} ({worst.host}) is known within {worst_ms:.1f} ms only "
            f"(limit {CLOCK_LIMIT_MS:g} ms), so its times may be wrong by as much."
        )
    elif worst:
        words = (
            f"The clocks of {len(away)} load processes elsewhere are known within {worst_ms:.2f} ms "
            f"(limit {CLOCK_LIMIT_MS:g} ms)."
        )
    return Finding(
        check="generator.clocks",
        status=status,
        summary=words,
        measured=worst_ms,
        limit=CLOCK_LIMIT_MS,
        unit="ms",
        evidence={str(worker.worker): _clock(worker) for worker in away},
    )


def judge_histories(workers: Sequence[WorkerRecord]) -> Finding:
    """Count the chunks of history and histograms that a worker sent and the master never got."""
    short = {str(worker.worker): worker.missing_chunks for worker in workers if worker.missing_chunks}
    words = f"The histories of all {len(workers)} load processes are whole."
    if lost := [worker.worker for worker in workers if worker.lost]:
        names = ", ".join(map(str, lost))
        words = f"The histories of all are whole, but for what worker {names} had still to send."
    if short:
        told = ", ".join(f"worker {worker}: {count}" for worker, count in short.items())
        words = f"Chunks of the history or the histograms never came back ({told}), so numbers are missing."
    return Finding(
        check="generator.histories",
        status=Status.INVALID if short else Status.PASS,
        summary=words,
        measured=float(sum(short.values())),
        limit=0.0,
        unit="chunks",
        evidence={"missing": short},
    )


def _clock(worker: WorkerRecord) -> dict[str, float | str]:
    return {
        "host": worker.host,
        "offset_ms": worker.offset_ns / NS_PER_MS,
        "uncertainty_ms": worker.uncertainty_ns / NS_PER_MS,
        "drift_ms": worker.drift_ns / NS_PER_MS,
    }
