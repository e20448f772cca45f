from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rehearsal.model.plan import Plan
from rehearsal.pipeline import circumstances
from rehearsal.pipeline.circumstances import new_run, record_of, shop_digest

AT = datetime(2026, 6, 18, 12, 0, 0, 42_999, tzinfo=UTC)


def test_runs_are_named_by_time_plan_and_seed_and_never_share_a_folder(
    tmp_path: Path, make_plan: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs in one millisecond get two folders; when names run out that is an error, not an overwrite."""
    names = [new_run(tmp_path, make_plan(), AT).name for _ in range(2)]

    assert names == ["20260618T120000042Z-small-7", "20260618T120000042Z-small-7-1"]
    monkeypatch.setattr(circumstances, "_MOST_AT_ONCE", 2)
    with pytest.raises(FileExistsError):
        new_run(tmp_path, make_plan(), AT)


def test_a_record_says_it_has_not_ended(make_plan: Callable[..., Plan]) -> None:
    """Until the run ends, its record says that the harness died; seed and defects are kept."""
    record = record_of(make_plan(), "r", at=AT, defects=["d"], toxiproxy=None)

    assert (record.seed, record.defects, record.started_at) == (7, ("d",), "2026-06-18T12:00:00+00:00")
    assert "died" in record.stopped
    assert record.versions["toxiproxy"] == "not used"


def test_what_was_tested_has_a_digest(make_plan: Callable[..., Plan]) -> None:
    """The mock shop's sources, or another shop's address."""
    plan = make_plan()
    target = plan.target.model_copy(update={"shop": "url", "url": "http://x"})

    assert len(shop_digest(plan)) == 64
    assert shop_digest(plan) == shop_digest(plan)
    assert shop_digest(plan.model_copy(update={"target": target})) != shop_digest(plan)
