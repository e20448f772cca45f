"""What `rehearse heal` says and returns; that it heals is seen in tests/integration."""

import pytest

from chaos.heal import Healed, HealSummary
from rehearsal.cli import heal as subject

WELL = Healed(run_id="r1", listeners=("edge",))
LEFT = Healed(run_id="r2", owes=True, problems=("edge could not be healed: silent.",))
WATCHED = Healed(run_id="r3", by_supervisor=True)


@pytest.mark.parametrize(
    ("summary", "code", "says", "warns"),
    [
        pytest.param(HealSummary(), 0, "Nothing to heal.", "", id="nothing"),
        pytest.param(HealSummary(healed=(WELL,)), 0, "r1: listeners healed: edge;", "", id="healed"),
        pytest.param(HealSummary(healed=(WATCHED,)), 0, "its supervisor has healed it", "", id="before"),
        pytest.param(
            HealSummary(healed=(WELL, LEFT)), 1, "edge could not be healed", "Not all is mended", id="left"
        ),
        pytest.param(HealSummary(refused=("r4 goes on.",)), 2, "", "r4 goes on.", id="still going"),
        pytest.param(HealSummary(set_aside=("x is no lease.",)), 1, "", "x is no lease.", id="set aside"),
    ],
)
def test_heal(
    summary: HealSummary,
    code: int,
    says: str,
    warns: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Zero means that nothing is left broken; what is, is said with what to do."""
    monkeypatch.setattr(subject, "heal_leases", lambda *_: summary)
    returned = subject.heal()
    said = capsys.readouterr()

    assert returned == code
    assert says in said.out
    assert warns in said.err
