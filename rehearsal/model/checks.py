"""What all checks have in common: they speak in sentences, and one that crashes is not a pass."""

from collections.abc import Callable

from rehearsal.model.verdict import Finding, Status


def sentence(words: str) -> str:
    """Return words as a sentence: a capital first, one full stop last. A sentence stays as it is."""
    return f"{words[:1].upper()}{words[1:].removesuffix('.')}."


def safely(check: str, judge: Callable[[], tuple[Finding, ...]]) -> tuple[Finding, ...]:
    """Return what a check finds; INCONCLUSIVE, naming the exception, if it crashes (Jepsen's check-safe)."""
    try:
        return judge()
    except Exception as error:  # noqa: BLE001 - whatever a check dies of, the other checks still count
        words = f"the check itself crashed ({type(error).__name__}: {error}), so nothing is known"
        return (Finding(check=check, status=Status.INCONCLUSIVE, summary=sentence(words)),)
