"""Rehearses the shop in seven short drills and compares each with what must come out: `python run.py`.

It makes the shop's environment first if it is not there. About four minutes; exit code 0 only if all came out
as expected. `--only rush` makes the drills of one plan only.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, NamedTuple

import polars as pl
import serve

HERE = Path(__file__).resolve().parent
REHEARSE = Path(sys.executable).with_name("rehearse")
OVERSELL, PAYMENT = "invariant.I1.no_oversell", "slo.payment_success"
STOCK = 50
_SHOWN = 3
_MOST = 0.5


class Run(NamedTuple):
    """What came out of one drill."""

    verdict: str
    findings: tuple[dict[str, Any], ...]
    folder: Path

    def failed(self, check: str) -> dict[str, Any] | None:
        """Return the finding of a check that failed, None if none did."""
        named = (found for found in self.findings if found["check"] == check)
        return next((found for found in named if found["status"] == "FAIL"), None)

    def passed(self, check: str) -> bool:
        """Tell whether a check passed wherever it was made."""
        said = {found["status"] for found in self.findings if found["check"] == check}
        return said == {"PASS"}

    def broken_invariants(self) -> list[str]:
        """Return the names of the business invariants that failed."""
        failed = (found["check"] for found in self.findings if found["status"] == "FAIL")
        return [check for check in failed if check.startswith("invariant.")]

    def orders(self) -> int:
        """Return how many orders the shop's own books hold."""
        return len(json.loads((self.folder / "final.json").read_text())["orders"])

    def share_of_200(self) -> float:
        """Return the share of answers that were a 200."""
        statuses = pl.read_parquet(self.folder / "history.parquet").filter(pl.col("kind") == "op")["status"]
        return float((statuses == HTTPStatus.OK).mean() or 0.0)  # type: ignore[arg-type]


class Drill(NamedTuple):
    """A plan, the shop it meets, what must come of it in words, and what finds out whether it did."""

    plan: str
    shop: tuple[str, ...]
    expected: str
    found: Callable[[Run], tuple[bool, str]]


def oversold(run: Run) -> tuple[bool, str]:
    """Tell whether the oversell was found, with its stock, the units sold and the orders beyond."""
    broken = run.failed(OVERSELL)
    if broken is None:
        return False, f"{run.verdict}, no oversell found; {run.orders()} orders"
    units, ids = broken["evidence"], broken["ids"]
    named = f"orders {', '.join(ids[:_SHOWN])} and {broken['measured'] - _SHOWN:.0f} more"
    good = run.verdict == "NO_GO" and units["stock"] == STOCK < units["sold"] and len(ids) > 0
    return good, f"{run.verdict}, {OVERSELL}: {units['sold']} sold of {units['stock']}, {named}"


def not_oversold(run: Run) -> tuple[bool, str]:
    """Tell whether orders were taken and no business invariant, the oversell among them, was broken."""
    orders, broken = run.orders(), run.broken_invariants()
    said = ", ".join(broken) or "no invariant broken"
    return orders > 0 and not broken, f"{run.verdict}, {said}; {orders} orders"


def paid(run: Run) -> tuple[bool, str]:
    """Tell whether payments succeeded: else the drills in which they fail would say nothing."""
    good = run.passed(PAYMENT)
    return good, f"{run.verdict}, {PAYMENT} {'PASS' if good else 'did not pass'}; {run.orders()} orders"


def unpaid(run: Run) -> tuple[bool, str]:
    """Tell whether the missing payments were found, although the shop answers 200."""
    broken, share = run.failed(PAYMENT), run.share_of_200()
    said = f"{PAYMENT} FAIL" if broken else "no failed payment found"
    good = run.verdict == "NO_GO" and broken is not None and share > _MOST
    return good, f"{run.verdict}, {said}; {100 * share:.0f} % of the answers were a 200"


POSTGRESQL, SQLITE = ("--database", "postgresql"), ("--database", "sqlite")
DRILLS = (
    Drill("rush", POSTGRESQL, "NO_GO: the oversell, with its orders", oversold),
    Drill("rush", SQLITE, "NO_GO: the oversell, with its orders", oversold),
    Drill("small", POSTGRESQL, "no oversell, nothing else broken", not_oversold),
    Drill("small", SQLITE, "no oversell, nothing else broken", not_oversold),
    Drill("pay", POSTGRESQL, "payments succeed", paid),
    Drill("pay", (*POSTGRESQL, "--decline-all"), "NO_GO: payment success", unpaid),
    Drill("dead", (*POSTGRESQL, "--payment-at", "18131"), "NO_GO: payment success", unpaid),
)


def carry_out(drill: Drill, out: Path) -> Run:
    """Start the drill's shop afresh, rehearse it, end it; RuntimeError if there is no verdict."""
    shop = serve.wanted(*drill.shop, "--stock", str(STOCK), "--logs", str(out / "shop"))
    with serve.shop(shop):
        # The adapter is imported from the folder in which the harness is started.
        argv: list[str | Path] = [REHEARSE, "drill", f"{drill.plan}.toml", "--out", out, "--quiet"]
        subprocess.run(argv, cwd=HERE, check=False, stdout=subprocess.DEVNULL)
    folder = (out / "latest").resolve()
    if not (folder / "verdict.json").exists():
        raise RuntimeError(f"The drill {drill.plan} came to no verdict; what it said stands above.")
    findings = tuple(json.loads((folder / "findings.json").read_text()))
    verdict = str(json.loads((folder / "verdict.json").read_text())["verdict"])
    return Run(verdict, findings, folder)


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Return rows as a text in columns."""
    lines = [("", "plan", "shop", "expected", "found"), *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    pad = (zip(line, widths, strict=True) for line in lines)
    return "\n".join("  ".join(word.ljust(width) for word, width in line).rstrip() for line in pad)


def main() -> int:
    """Carry out the drills; return 0 if each came out as expected, 1 if one did not, 2 if one broke off."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=sorted({drill.plan for drill in DRILLS}), help="one plan's drills")
    parser.add_argument("--out", type=Path, default=HERE / "runs", help="folder of the runs")
    said = parser.parse_args()
    os.environ.setdefault(serve.STAFF_TOKEN, token_urlsafe(24))
    rows, good = [], True
    try:
        serve.set_up()
        for number, drill in enumerate(d for d in DRILLS if said.only in (None, d.plan)):
            shop = " ".join(drill.shop).replace("--database ", "").replace("--", "")
            serve.say(f"{drill.plan} ({shop}) …")
            out = (said.out / f"{number}-{drill.plan}").resolve()
            shutil.rmtree(out, ignore_errors=True)
            as_expected, found = drill.found(carry_out(drill, out))
            rows.append(("ok" if as_expected else "NOT", drill.plan, shop, drill.expected, found))
            good &= as_expected
    except (RuntimeError, subprocess.CalledProcessError) as error:
        serve.say(str(error))
        return 2
    except KeyboardInterrupt:
        serve.say("Stopped.")
        return 2
    sys.stdout.write(f"{table(rows)}\nReports: {said.out}/*/latest/report.html\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
