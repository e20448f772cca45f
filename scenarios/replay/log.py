"""Reading logs: their format found out, every line understood or counted as rejected."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import msgspec
import polars as pl

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.errors import RehearsalError
from scenarios.replay import combined, har, json_lines, source
from scenarios.replay.rejects import Rejects
from scenarios.replay.requests import CUT, REQUEST, understand

Format = Literal["combined", "json", "har"]

#: Requests kept in memory, at some 30 bytes each.
MOST_REQUESTS = 50_000_000

_SAMPLE = 1000

#: Steps a log's clock may have; a log keeps the coarsest of which all but one in a thousand times are whole.
_RESOLUTIONS_NS = (60 * NS_PER_S, NS_PER_S, 100_000_000, 10_000_000, 1_000_000, 1_000, 1)
_ODD_TIMES = 0.001


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """How to read. `format` empty: found out. `fields` names fields of JSON lines by role."""

    format: str = ""
    zone: str = "UTC"
    fields: Mapping[str, str] = {}
    static: bool = False
    bots: bool = False


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in the logs besides the requests kept. Counts are of lines."""

    formats: tuple[str, ...]
    lines: int
    kept: int
    rejected: dict[str, int]
    left_out: dict[str, int]
    zoneless: int
    out_of_order: int
    resolution_ns: int


class Log(NamedTuple):
    """Requests in time order (columns REQUEST), what else there was, and the lines rejected."""

    requests: pl.DataFrame
    facts: Facts
    rejects: Rejects


def read(paths: Sequence[Path], wanted: Wanted, watch: Callable[[int], None] = lambda _: None) -> Log:
    """Read log files as one log. `watch` hears the number of lines read so far.

    RehearsalError if a file is no log, or no request is left.
    """
    rejects, left_out, parts, lines = Rejects(), Counter[str](), [], 0
    formats = {path: _format(path, wanted.format) for path in paths}
    for path in paths:
        for raw, chunk in _raw(path, formats[path], wanted):
            understood = understand(raw, zone=wanted.zone)
            rejects.add_all(_named(understood.rejected, chunk))
            lines += raw.height
            parts.append(_sift(understood.requests, wanted, left_out))
            watch(lines)
        if sum(part.height for part in parts) > MOST_REQUESTS:
            raise RehearsalError(f"The logs hold over {MOST_REQUESTS:,} requests: give fewer of them.")
    requests = pl.concat(parts) if parts else pl.DataFrame(schema=REQUEST)
    if requests.is_empty():
        raise RehearsalError(_nothing_left(paths, lines, rejects, left_out))
    facts = Facts(
        formats=tuple(sorted(set(formats.values()))),
        lines=lines,
        kept=requests.height,
        rejected=dict(rejects.counts.most_common()),
        left_out=dict(left_out),
        zoneless=int((~requests["is_zoned"]).sum()),
        out_of_order=int((requests["at_ns"] < requests["at_ns"].cum_max()).sum()),
        resolution_ns=resolution_ns(requests["at_ns"]),
    )
    return Log(requests.sort("at_ns", maintain_order=True), facts, rejects)


def resolution_ns(at_ns: pl.Series) -> int:
    """Return the step of the clock that wrote these times: the coarsest that fits nearly all."""
    allowed = len(at_ns) * _ODD_TIMES
    return next(step for step in _RESOLUTIONS_NS if int((at_ns % step != 0).sum()) <= allowed)


def _format(path: Path, asked: str) -> Format:
    if asked:
        known: dict[str, Format] = {name: name for name in get_args(Format)} | {"common": "combined"}
        if asked not in known:
            raise RehearsalError(f"{asked!r} is no format; the formats are {', '.join(known)}.")
        return known[asked]
    text = source.head(path)
    if har.fits(text):
        return "har"
    sample = [line for line in text.split("\n")[:_SAMPLE] if line.strip()]
    votes: dict[Format, int] = {
        "json": sum(value is not None for value in json_lines.objects(sample)),
        "combined": int(combined.extract(sample)["reason"].is_null().sum()),
    }
    best = max(votes, key=lambda name: votes[name])
    if not votes[best]:
        raise RehearsalError(
            f"{path} is in no format known here (combined, common, JSON lines, HAR). "
            "If it is one of them behind a bad start, say so with --format."
        )
    return best


def _raw(path: Path, form: Format, wanted: Wanted) -> Iterator[tuple[pl.DataFrame, source.Chunk]]:
    if form == "har":
        raw = har.extract(source.whole(path, har.LARGEST), str(path))
        yield raw, source.Chunk(lines=[f"entry {number + 1}" for number in range(raw.height)], first=1)
        return
    names: json_lines.Names | None = None
    for chunk in source.chunks(path):
        if form == "json":
            names = names or json_lines.guess(json_lines.objects(chunk.lines[:_SAMPLE]), wanted.fields)
            yield json_lines.extract(chunk.lines, names), chunk
        else:
            yield combined.extract(chunk.lines), chunk


def _named(rejected: Sequence[tuple[int, str]], chunk: source.Chunk) -> Iterator[tuple[int, str, str]]:
    last = len(chunk.lines) - 1
    for row, reason in rejected:
        yield chunk.first + row, CUT if chunk.is_cut and row == last else reason, chunk.lines[row]


def _sift(requests: pl.DataFrame, wanted: Wanted, left_out: Counter[str]) -> pl.DataFrame:
    """Leave out what no shopper chose to ask for: files that pages pull in, and robots."""
    for column, words, is_wanted in (
        ("is_bot", "robots", wanted.bots),
        ("is_static", "static files", wanted.static),
    ):
        if not is_wanted:
            kept = requests.filter(~pl.col(column))
            left_out[words] += requests.height - kept.height
            requests = kept
    return requests


def _nothing_left(paths: Sequence[Path], lines: int, rejects: Rejects, left_out: Counter[str]) -> str:
    counts = ", ".join(f"{count:,} {reason}" for reason, count in (rejects.counts + left_out).most_common())
    names = ", ".join(str(path) for path in paths)
    return f"No request of a shopper is left in {names}: of {lines:,} lines, {counts or 'none'}."
