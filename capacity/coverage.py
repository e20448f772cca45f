"""Was every step of the shop's path there to be measured? A renamed endpoint must not look like a slow shop.

A step is **absent** if it was never reached in the whole run: some attempts were answered 404, 405 or 410
("there is no such thing here"), and none was answered well or refused in the shop's own words. One attempt
that got through shows that the step exists, and then a 404 is the shop's own mistake like any other answer.

An absent step is the address's fault or the plan's, and its answers say nothing about the shop: they came at
once, and nobody was served. So they are left out of the phase's SLOs. What fails without them is a FAIL;
anything else is INCONCLUSIVE, for the promise was made for the whole path. Payments are not judged at all if
paying or asking for a payment is absent, for each needs the other.

Of an access log, whose visits never log in, the same is said of what was led elsewhere (3xx) or refused (401,
403) in every attempt, though the log has an answer.

`slo.coverage` says so for each phase, and finds the steps that no visit came to although it should have
(`paths`). A step that follows on another's success is expected only where that succeeded: why it did not
succeed is told by the goodput.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from msgspec.structs import replace

from capacity.paths import Paths
from capacity.samples import PAYING
from rehearsal.model.history import Kind, Outcome
from rehearsal.model.verdict import Finding, Status

#: Not found, method not allowed, gone (RFC 9110, 15.5.5, 15.5.6, 15.5.11).
NOT_THERE = (404, 405, 410)
#: Besides: moved, found elsewhere, log in first, forbidden (RFC 9110, 15.4, 15.5.2, 15.5.4).
NOT_SERVED = (*NOT_THERE, 301, 302, 303, 307, 308, 401, 403)
_SERVER_ERROR = 500
_AS_LOGGED = "was not served as in the log"
_NO_LOGIN = "correct the address; what needs a login, only an adapter can rehearse"


@dataclass(frozen=True, slots=True)
class Absent:
    """The absent steps of a run, each with its number of attempts; what to say of them, and the mend."""

    attempts: Mapping[str, int]
    fate: str = "was not found"
    mend: str = "correct the address, or the adapter"

    def without(self, requests: pl.DataFrame) -> pl.DataFrame:
        """Return the requests on which the shop can be judged."""
        return requests.filter(~pl.col("f").is_in(sorted(self._touched())))

    def temper(self, finding: Finding) -> Finding:
        """Return what a finding on the other requests means for the phase; there is no PASS any more."""
        if finding.status in {Status.FAIL, Status.INVALID}:
            return finding
        return replace(
            finding,
            status=Status.INCONCLUSIVE,
            summary=f"{finding.summary}; but {self.words()}, so this says nothing of the whole path",
        )

    def words(self) -> str:
        """Return the absent steps as a clause."""
        return ", ".join(
            f"{step} {self.fate} in any of {count} attempts" for step, count in self.attempts.items()
        )

    def _touched(self) -> set[str]:
        steps = set(self.attempts)
        return steps | set(PAYING) if steps & set(PAYING) else steps


def absent_of(requests: pl.DataFrame, *, logged: bool = False) -> Absent:
    """Return the steps that were never reached in a run (`requests` as of `samples.requests_of`).

    `logged`: the load was an access log.
    """
    lost = pl.col("status").is_in(NOT_SERVED if logged else NOT_THERE) & ~pl.col("good")
    answered = pl.col("good") | (pl.col("status").is_between(1, _SERVER_ERROR - 1) & ~lost)
    steps = requests.group_by("f").agg(lost.sum().alias("lost"), answered.any().alias("there"), pl.len())
    gone = steps.filter((pl.col("lost") > 0) & ~pl.col("there")).sort("f")
    attempts = dict(gone.select("f", "len").iter_rows())
    return Absent(attempts, _AS_LOGGED, _NO_LOGIN) if logged else Absent(attempts)


def seen_of(frame: pl.DataFrame, requests: pl.DataFrame) -> pl.DataFrame:
    """Return what visits came to: `phase` and `path` (kind) of the visits, step `f`, `ok` in how many."""
    visits = _visits(frame).select("visit", "phase", "path").unique()
    asked = requests.select("visit", "f", (pl.col("outcome") == Outcome.OK).alias("ok"))
    went_well = pl.col("visit").filter("ok").n_unique().alias("ok")
    return visits.join(asked, on="visit").group_by("phase", "path", "f").agg(went_well)


def judge_coverage(
    frame: pl.DataFrame, due: pl.DataFrame, seen: pl.DataFrame, *, phase: str, absent: Absent, paths: Paths
) -> Finding:
    """Look for the steps that the visits due in a phase should have come to, in whatever phase that was.

    `due` are the requests due in the phase, `seen` what visits came to (`seen_of`), `paths` what they should.
    """
    counted = _visits(frame).filter(pl.col("phase") == phase)["path"].value_counts().sort("path")
    counts: dict[str, int] = dict(counted.iter_rows())
    asked = seen.filter(pl.col("phase") == phase)
    missing = {kind: lacking for kind in counts if (lacking := _missing(kind, counts[kind], asked, paths))}
    steps: set[str] = {*due["f"].unique(), *asked["f"]}
    gone = dataclasses.replace(absent, attempts={f: n for f, n in absent.attempts.items() if f in steps})
    known = Finding(
        check="slo.coverage",
        subject=phase,
        status=Status.INCONCLUSIVE,
        summary=f"{phase}: no visit was started, so no step of the shop's path was seen",
        evidence={"visits": counts, "missing": missing, "absent": dict(gone.attempts)},
    )
    if not counts and not steps:
        return known
    if gone.attempts:
        return replace(known, summary=f"{phase}: {gone.words()}; {gone.mend}")
    if missing:
        lacks = (
            f"none of {counts[kind]} {kind} visits came to {' or '.join(steps)}"
            for kind, steps in missing.items()
        )
        return replace(known, summary=f"{phase}: {'; '.join(lacks)}")
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    words = f"{phase}: {told} visits came to each step of their path"
    if not counts:  # a load that knows requests only, no visits
        words = f"{phase}: each of {len(steps)} kinds of requests reached something"
    return replace(known, status=Status.PASS, summary=words)


def _visits(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("kind") == Kind.VISIT).with_columns(pl.col("f").alias("path"))


def _missing(kind: str, visits: int, asked: pl.DataFrame, paths: Paths) -> list[str]:
    own = asked.filter(pl.col("path") == kind)
    went_well: dict[str, int] = dict(own.select("f", "ok").iter_rows())
    if kind not in paths:
        return [] if went_well else ["any step"]
    reached = (
        (step, due.expected(went_well.get(due.after, 0) if due.after else visits))
        for step, due in paths[kind].items()
    )
    return [step.value for step, expected in reached if expected and step not in went_well]
