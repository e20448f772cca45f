"""What a person reads when a run is over: what a search for capacity came to, if it made one; the verdict."""

from pathlib import Path

from rich.console import Console
from rich.text import Text

from rehearsal.cli.capacity_text import capacity_text
from rehearsal.cli.verdict_text import verdict_text
from rehearsal.model.verdict import Finding
from rehearsal.pipeline.capacity.page import page_of
from rehearsal.pipeline.capacity.record_file import read_record
from rehearsal.pipeline.judge import read_plan
from rehearsal.rundir import folder
from rehearsal.rundir.record import VerdictRecord


def outcome_text(run: Path, record: VerdictRecord, width: int | None) -> Text:
    """Return it, broken between words at `width` columns (None: not at all, for pipes and logs)."""
    verdict, searched = verdict_text(run, record, width), read_record(run)
    if searched is None:
        return verdict
    findings = folder.read_json(run / folder.FINDINGS, tuple[Finding, ...])
    page = page_of(read_plan(run), searched, findings)
    return verdict if page is None else Text("\n\n").join((capacity_text(page, width), verdict))


def painted(run: Path, record: VerdictRecord) -> str:
    """Return it for standard output: in colours and folded on a terminal, plain elsewhere."""
    console = Console(highlight=False)
    width = console.width if console.is_terminal else None
    with console.capture() as captured:
        console.print(outcome_text(run, record, width), soft_wrap=True)
    return captured.get().rstrip("\n")
