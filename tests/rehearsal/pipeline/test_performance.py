"""What ends a load at once; that it goes its way is seen in tests/integration."""

from unittest.mock import MagicMock

import pytest

from chaos.lease_file import this_process
from rehearsal.model.errors import BrokenOff
from rehearsal.pipeline.performance import Performance
from rehearsal.process import Child

DEAD = Child(label="toxiproxy", pid=1, created=1.0, argv=())


@pytest.mark.parametrize(
    ("own", "code", "server", "says"),
    [
        pytest.param(True, None, None, "", id="a server of its own that runs"),
        pytest.param(True, -9, None, "Toxiproxy died while the load ran", id="one that died"),
        pytest.param(False, -9, None, "", id="a team's own, of which nobody knows the process"),
        pytest.param(False, None, this_process(), "", id="links that are kept up"),
        pytest.param(False, None, DEAD, "keep `rehearse links up` running", id="links that went down"),
    ],
)
def test_the_server_of_the_links(own: bool, code: int | None, server: Child | None, says: str) -> None:
    """Every way through it is gone with it: what fails from there on is not the shop's fault."""
    standing, table = MagicMock(own=own, server=server), MagicMock()
    table.exit_code.return_value = code
    look = Performance(MagicMock(), MagicMock(), MagicMock(), standing, table)._looker(None)
    if not says:
        look()
        return

    with pytest.raises(BrokenOff, match=says):
        look()
