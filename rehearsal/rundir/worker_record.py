"""A load process as run.json keeps it."""

import msgspec


class WorkerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Worker k, which served stripe k of the schedule.

    `here`: it ran on the drill's machine and shares its clock. Elsewhere its clock less the drill's was
    `offset_ns` at first, give or take `uncertainty_ns` (the worst of the run), and moved by `drift_ns`.
    `lost` says in words how it went before its end (""), `lost_s` when, from the origin.
    """

    worker: int
    host: str = ""
    pid: int = 0
    here: bool = True
    offset_ns: int = 0
    uncertainty_ns: int = 0
    drift_ns: int = 0
    missing_chunks: int = 0
    lost: str = ""
    lost_s: float = 0.0
