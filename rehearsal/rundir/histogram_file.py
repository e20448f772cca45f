"""Histograms on disk: chunks appended while it happens, one parquet file of added counts afterwards.

A chunk is some lines, each one histogram of one second, phase, path, region, outcome and clock, and a mark.
Only what lies before the last mark counts: a chunk without one was cut off with its writer.
"""

from enum import StrEnum

import msgspec


class Clock(StrEnum):
    """From when to when: response = done - due, service = done - sent, send_lag = sent - due."""

    RESPONSE = "response"
    SERVICE = "service"
    SEND_LAG = "send_lag"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The times of attempts due in one second, in the sparse form of `rehearsal.model.histogram`."""

    second: int
    phase: str
    path: str
    region: str
    outcome: str
    clock: Clock
    buckets: list[int]
    counts: list[int]


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The end of a chunk: how many attempts all lines so far are about; `end` when no more will come."""

    attempts: int
    end: bool = False
