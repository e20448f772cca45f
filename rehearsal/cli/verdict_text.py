"""The verdict as a person reads it at the end of a drill: what, why, and where the files are."""

import textwrap
from pathlib import Path

from rich.text import Text

from rehearsal.model.verdict import Status, Verdict
from rehearsal.rundir import folder
from rehearsal.rundir.record import Deciding, VerdictRecord

_STYLES = {
    Verdict.GO: "bold green",
    Verdict.NO_GO: "bold red",
    Verdict.INVALID: "bold yellow",
    Verdict.INCONCLUSIVE: "bold yellow",
}
_STATUS_STYLES = {Status.FAIL: "bold red", Status.INVALID: "bold yellow", Status.INCONCLUSIVE: "bold yellow"}
_MEANINGS = {
    Verdict.GO: "every check passed",
    Verdict.NO_GO: "at least one check failed",
    Verdict.INVALID: "the harness or its machine was at fault; the shop is not judged: repeat it undisturbed",
    Verdict.INCONCLUSIVE: "nothing failed, but not everything could be shown",
}
_INDENT = "  "
#: So many findings are told, the worst first: what comes after them mostly follows from them.
_SHOWN = 8
#: Below this many columns lines are not made shorter: a word or two a line is harder to read than a fold.
_NARROWEST = 40


def verdict_text(run: Path, record: VerdictRecord, width: int | None) -> Text:
    """Return the verdict, what it means, the findings that decided it, and where the files are.

    Sentences and ids are broken between words at `width` columns (None: not at all, for pipes and logs);
    ids and paths are never broken, so that they can be copied.
    """
    verdict = record.verdict.value.replace("_", " ")
    counts = ", ".join(f"{number} {status}" for status, number in record.counts.items())
    text = _paragraph(f"{verdict}  {_MEANINGS[record.verdict]} ({counts})", width, first="")
    text.stylize(_STYLES[record.verdict], 0, len(verdict))
    for deciding in record.deciding[:_SHOWN]:
        text.append("\n").append_text(_reason(deciding, width))
    if (more := len(record.deciding) - _SHOWN) > 0:
        words = f"{more} more did not pass; the report and {folder.VERDICT} name them."
        text.append("\n").append_text(_paragraph(words, width, first=""))
    text.append("\n")
    for name, words in _places(run):
        text.append(f"{name:<8}  ", style="dim").append(f"{words}\n")
    text.rstrip()
    return text


def _reason(deciding: Deciding, width: int | None) -> Text:
    status = deciding.status.value
    head = _paragraph(f"{status}  {deciding.check}  {deciding.subject}".rstrip(), width, first="")
    head.stylize(_STATUS_STYLES.get(deciding.status, "bold"), 0, len(status))
    ids = _paragraph(_ids(deciding), width)
    ids.stylize("dim")
    return head.append_text(_paragraph(deciding.summary, width)).append_text(ids)


def _ids(deciding: Deciding) -> str:
    rest = f", and {deciding.more_ids} more" if deciding.more_ids else ""
    return ", ".join(deciding.ids) + rest


def _paragraph(words: str, width: int | None, *, first: str = _INDENT) -> Text:
    """Return words as lines, all but the first indented; `first` is put before that one."""
    if width:
        lines = textwrap.wrap(
            words,
            width=max(width, _NARROWEST),
            initial_indent=first,
            subsequent_indent=_INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        )
    else:
        lines = [first + words] if words else []
    return Text("".join(f"{line}\n" for line in lines))


def _places(run: Path) -> tuple[tuple[str, str], ...]:
    return (
        ("report", str(run / folder.REPORT)),
        ("evidence", str(run / folder.EVIDENCE)),
        ("check it", f"rehearse verify {run}"),
    )
