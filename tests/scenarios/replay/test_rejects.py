from scenarios.replay.rejects import SHOWN, Rejected, Rejects


def test_every_rejected_line_is_counted_and_the_first_are_kept() -> None:
    """Counts go by reason; only the first few lines are remembered, however many come."""
    rejects = Rejects()
    rejects.add_all((line, "no time" if line % 2 else "junk", f"text {line}") for line in range(1, 101))

    assert (rejects.total, dict(rejects.counts)) == (100, {"no time": 50, "junk": 50})
    assert len(rejects.first) == SHOWN
    assert rejects.first[0] == Rejected(1, "no time", "text 1")


def test_a_line_cannot_speak_to_the_terminal() -> None:
    """Escape sequences are shown, not obeyed, and long lines are cut."""
    rejects = Rejects()
    rejects.add(1, "junk", "\x1b[2Jgone\ttab")
    rejects.add(2, "junk", "x" * 500)

    assert rejects.first[0].text == "\\x1b[2Jgone\\x09tab"
    assert rejects.first[1].text == "x" * 120 + "…"
