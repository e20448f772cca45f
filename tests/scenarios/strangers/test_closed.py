"""What keeps a load process from serving a stranger's locustfile, told before any user is started."""

from pathlib import Path

import msgspec
import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.rundir import folder
from scenarios.load_order import LOAD_ORDER, LoadOrder
from scenarios.schedule import Schedule
from scenarios.storefront import Endpoints
from scenarios.strangers import closed
from scenarios.visit import Basis

ORDER = LoadOrder(
    adapter="a:B",
    endpoints=Endpoints(url="http://127.0.0.1:1"),
    basis=Basis(sale_sku="flash", limit_per_shopper=2, think_s=0.0),
    seed=1,
    pool=1,
    phases=(("all", 0),),
)
NOBODY = Schedule(schema=1, seed=1, sha256="", planned={}, due_ns=(), kind=(), users=((0, 0),))


@pytest.mark.parametrize(
    ("exists", "told"), [(True, "is not here what it is where the drill"), (False, "cannot be read")]
)
def test_another_file_than_the_drills_is_refused(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    exists: bool,
    told: str,
) -> None:
    """A worker whose file was changed, or is not there, says so and ends; nothing of it is imported."""
    held: list[tuple[str, ...]] = []
    monkeypatch.setattr(closed, "hold_to", held.append)
    monkeypatch.setattr(closed.log, "setup_logging", lambda *_: None)  # type: ignore[attr-defined]
    theirs = tmp_path / "theirs.py"
    if exists:
        theirs.write_text("raise RuntimeError('imported')")
    order = msgspec.structs.replace(ORDER, locustfile=str(theirs), locustfile_sha256="0" * 64)
    folder.write_json(tmp_path / LOAD_ORDER, order)
    folder.write_json(tmp_path / folder.SCHEDULE, NOBODY)
    code = closed.main([str(tmp_path)])

    assert (RehearsalError.exit_code, [()]) == (code, held)
    assert told in capsys.readouterr().err
