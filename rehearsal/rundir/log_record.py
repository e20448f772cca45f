"""What a run's load was, if it was an access log: part of run.json."""

import msgspec

#: The sessions that a run's visits play, in its folder.
SESSIONS = "sessions.parquet"


class PhaseLoad(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of a phase by the log's clock: those that its visits bring in all, and those due in it."""

    brought: int
    due: int


class LogRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The log, what was taken from it and what was left, and the load that it comes to.

    `sha256` is the log's, `played_sha256` that of what is played: by so many `visits`, `played` of its
    `sessions`, each of `steps_mean` requests over `length_mean_s` seconds; a request comes `offset_mean_s`
    after its session's first. `left_out` counts requests by why they are not sent. `normal_per_s` is the
    log's own normal volume, None if it supports none. `under_way` is how many visits there are at once, at
    most, if each answer comes at once.
    """

    log: str
    sha256: str
    played_sha256: str
    visits: int
    requests: int
    sessions: int
    played: int
    steps_mean: float
    length_mean_s: float
    offset_mean_s: float
    left_out: dict[str, int]
    unreadable: int
    normal_per_s: float | None
    under_way: int
    phases: dict[str, PhaseLoad]

    def words(self) -> str:
        """Return in a clause what was taken from the log and what was not."""
        left = [f"{count:,} {why}" for why, count in self.left_out.items()]
        if self.unreadable:
            left.append(f"{self.unreadable:,} lines that are no requests")
        mean = f"{self.steps_mean:.1f} requests in {self.length_mean_s:.0f} s in the mean"
        if self.normal_per_s is not None:
            mean += f" (its own normal volume: {self.normal_per_s:.3g} sessions/s)"
        whole = f"{self.played:,} of its {self.sessions:,} sessions, of {mean}"
        return f"{whole}; left out: {', '.join(left)}" if left else whole
