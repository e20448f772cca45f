"""What a drill by itself prints; that it breaks and heals is seen in tests/integration."""

import io

from chaos.alone.run import Steps
from rehearsal.model.clock import SystemClock


class Gone(io.StringIO):
    """A pipe whose reader has gone."""

    def flush(self) -> None:
        """Fail as the kernel does."""
        raise BrokenPipeError(32, "Broken pipe")


def test_lines() -> None:
    """Each tells when it was, and of what step."""
    out = io.StringIO()
    Steps(out, SystemClock()).say("heal", "mended")

    assert out.getvalue().endswith(" s  heal       mended\n")


def test_a_drill_does_not_end_with_its_reader() -> None:
    """What is broken must be healed and proven, whoever looks."""
    out = Gone()
    Steps(out, SystemClock()).say("inject", "it breaks")

    assert "it breaks" in out.getvalue()
