"""`python -m benchmarks`: measure, print the table, write results/latest.json and latest.md."""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console

from benchmarks import clean_rate, closed_loop, freeze, memory, rig, table
from benchmarks.machine import machine, versions
from benchmarks.results import Circumstances, Document, Raw, document
from benchmarks.settings import FULL, QUICK, Bench, Settings

RESULTS = Path(__file__).parent / "results"
#: In the order they run: the search for the clean rate takes what time the quick form has left.
SECTIONS: dict[str, Callable[[Bench], object]] = {
    "closed_loop": closed_loop.run,
    "freeze": freeze.run,
    "memory": memory.run,
    "clean_rate": clean_rate.run,
}
_QUICK_S = 228.0
#: A search that is out of time still ends the probe it is in.
_LAST_PROBES_S = 25.0
_WIDTH = 100
EXIT_USAGE = 2
EXIT_STOPPED = 5


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmarks asked for; 0 whether or not goals are met: the table says so."""
    given = _parser().parse_args(argv)
    chosen = given.only.split(",") if given.only else list(SECTIONS)
    if unknown := [name for name in chosen if name not in SECTIONS]:
        _say(f"there is no benchmark {', '.join(unknown)}; choose from {', '.join(SECTIONS)}")
        return EXIT_USAGE
    if shutil.which("taskset") is None:
        _say("taskset is missing: it pins each side to its core; install util-linux")
        return EXIT_USAGE
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        done = measure(QUICK if given.quick else FULL, chosen)
    except KeyboardInterrupt:
        rig.stop_all()
        _say("stopped; nothing was written")
        return EXIT_STOPPED
    out = given.out or RESULTS / ("latest.json" if set(chosen) == set(SECTIONS) else "partial.json")
    write(done, out)
    Console(width=max(Console().width, _WIDTH)).print(table.for_terminal(done))
    _say(f"{out} and {out.with_suffix('.md')} are written")
    return 0


def measure(settings: Settings, chosen: Sequence[str]) -> Document:
    """Run the chosen benchmarks one after another."""
    start = time.monotonic()
    about = Circumstances(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        form=settings.name,
        seconds=0.0,
        machine=machine(),
        versions=versions(),
    )
    found: dict[str, object] = {}
    with tempfile.TemporaryDirectory(prefix="rehearsal-bench-") as folder:
        for name, run in SECTIONS.items():
            if name in chosen:
                passed_s = time.monotonic() - start
                bench = Bench(settings=_in_time(settings, passed_s), folder=Path(folder), say=_say)
                found[name] = run(bench)
    about = msgspec.structs.replace(about, seconds=round(time.monotonic() - start, 1))
    return document(msgspec.convert(found, Raw, from_attributes=True), about)


def write(done: Document, out: Path) -> None:
    """Write the JSON, and the Markdown table beside it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(msgspec.json.format(msgspec.json.encode(done), indent=1) + b"\n")
    out.with_suffix(".md").write_text(table.markdown(done), encoding="utf-8")


def _in_time(settings: Settings, passed_s: float) -> Settings:
    if settings is not QUICK:
        return settings
    left_s = max(1.0, _QUICK_S - passed_s - _LAST_PROBES_S)
    return msgspec.structs.replace(settings, clean_budget_s=min(settings.clean_budget_s, left_s))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="four minutes at most")
    parser.add_argument("--only", metavar="NAMES", help=f"some of {', '.join(SECTIONS)}, joined by commas")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the JSON to write")
    return parser


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
