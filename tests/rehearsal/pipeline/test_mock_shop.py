from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest

from rehearsal.model.errors import Unreachable
from rehearsal.model.plan import Plan
from rehearsal.pipeline import mock_shop
from rehearsal.pipeline.shop_links import lay_links
from rehearsal.process import Child

#: Ports on which nobody listens: those below 1024 are the system's.
LINKS = lay_links(tuple(range(900, 925)))


class Table:
    """Starts nothing, and says what was asked of it."""

    def __init__(self, *, dead: str = "") -> None:
        self.started: list[tuple[str, str]] = []
        self._dead = dead

    def start(self, label: str, argv: Sequence[str], *, log: Path) -> object:
        """Note a start: the label, and the role it is started in."""
        self.started.append((label, argv[3]))
        assert Path(argv[4]).exists()
        return log

    def alive(self, label: str) -> bool:
        """Tell whether a process is not the dead one."""
        return label != self._dead


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let every process answer; return what is asked. The director finds region b at the second look."""
    asked: list[str] = []
    real = httpx.Client

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.url.port}{request.url.path}")
        found = [True, asked.count("900/admin/regions") > 1]
        return httpx.Response(200, json={"regions": [{"healthy": healthy} for healthy in found]})

    def client(**options: object) -> httpx.Client:
        return real(transport=httpx.MockTransport(answer))

    monkeypatch.setattr(httpx, "Client", client)
    return asked


def test_all_processes_are_started_before_any_is_waited_for(
    make_plan: Callable[..., Plan], plan_text: str, tmp_path: Path, answered: list[str]
) -> None:
    """So the shop stands as soon as the slowest does; last the director must have found both regions."""
    table = Table()
    mock_shop.begin_shop(table, tmp_path, make_plan(plan_text), LINKS, ())
    begun = list(answered)
    mock_shop.await_shop(table, tmp_path, LINKS)

    roles = {"region_a": "region", "region_b": "region", "provider": "provider", "provider2": "provider"}
    assert dict(table.started) == {**roles, "director": "director", "worker": "worker"}
    assert begun == []
    assert len(answered) == 7
    assert answered[-2:] == ["900/admin/regions"] * 2


@pytest.mark.parametrize("label", ["provider", "provider2", "region_b", "worker", "director"])
def test_a_process_that_ends_at_once_is_named(tmp_path: Path, answered: list[str], label: str) -> None:
    """With the log that says why, and without waiting for it."""
    with pytest.raises(Unreachable, match=rf"mock shop's {label} did not come up .*{label}\.log says why"):
        mock_shop.await_shop(Table(dead=label), tmp_path, LINKS)


def test_a_sale_that_nobody_takes_is_told() -> None:
    """A shop that does not answer, and one that refuses."""
    with pytest.raises(Unreachable, match="did not take the time of the sale"):
        mock_shop.open_sale(LINKS, 1)


def test_the_shops_own_processes_are_known_by_their_command() -> None:
    """Toxiproxy and the load are not among them."""
    shop = Child(label="x", pid=1, created=0.0, argv=("python", "-m", "mock_store", "region"))
    other = Child(label="x", pid=1, created=0.0, argv=("toxiproxy-server",))

    assert (mock_shop.is_of_shop(shop), mock_shop.is_of_shop(other)) == (True, False)
    assert mock_shop.processes_of("a") == ("region_a",)
