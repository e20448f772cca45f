"""run.secrets: whether a secret of the plan's stands in a file of the run."""

from collections.abc import Mapping

from rehearsal.model.checks import sentence
from rehearsal.model.verdict import Finding, Status
from rehearsal.rundir.sweep import Swept

CHECK = "run.secrets"


def judge_secrets(swept: Swept | None) -> tuple[Finding, ...]:
    """Return what the search for secrets came to; nothing if the plan has none.

    Masked in time is a PASS, and the files are named. What stands in a file that cannot be mended is a FAIL:
    nobody may be given this folder.
    """
    if swept is None:
        return ()
    if swept.unread and not swept.left:
        words = f"not every secret could be searched for: {swept.unread}"
        return (Finding(check=CHECK, status=Status.INCONCLUSIVE, summary=sentence(words)),)
    return (
        Finding(
            check=CHECK,
            status=Status.FAIL if swept.left else Status.PASS,
            summary=_summary(swept),
            measured=float(sum(swept.left.values())),
            limit=0.0,
            unit="secrets left",
            ids=tuple(swept.left),
            evidence={"files": swept.files, "masked": swept.masked},
        ),
    )


def besides(swept: Swept | None) -> str:
    """Return what must be said of secrets even of a run that is not judged, "" if nothing."""
    return f" {_summary(swept)}" if swept and swept.left else ""


def _summary(swept: Swept) -> str:
    if swept.left:
        return (
            f"Secrets stand in {_named(swept.left)}, which cannot be masked; delete what is there, and "
            "change these secrets."
        )
    if swept.masked:
        return f"{swept.files} files were searched; secrets in {_named(swept.masked)} were masked."
    return f"{swept.files} files were searched, and no secret was found in any."


def _named(hits: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({count:,})" for name, count in hits.items())
