"""What is written beside the history: the run's identity and circumstances."""

import msgspec


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """`run.json`: what was run, when, on what. The history counts from the monotonic instant `origin_ns`."""

    schema: int
    run_id: str
    harness_version: str
    started_at: str
    origin_ns: int
    seed: int
    defects: tuple[str, ...]
    versions: dict[str, str]
    machine: dict[str, str]
    shop_digest: str
    stopped: str = ""
