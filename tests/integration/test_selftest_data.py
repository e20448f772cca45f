from pathlib import Path

import pytest

from rehearsal.pipeline.selftest.data import try_data

pytestmark = pytest.mark.integration


def test_users_are_given_out_once_and_secrets_stay_secret(tmp_path: Path) -> None:
    """Two load processes, a shop that books and chatters, an adapter that lets slip what it can."""
    tried = try_data(400, 200.0, tmp_path / "room")

    assert tried.holds, tried
    assert (tried.booked + tried.dropped, tried.files > 20) == (400, True)
