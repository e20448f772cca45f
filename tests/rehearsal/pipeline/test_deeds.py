import threading
from pathlib import Path

import httpx
import pytest

from chaos.drill import Evidence
from chaos.process_table import ProcessTable
from rehearsal.model.errors import RehearsalError, Unreachable
from rehearsal.model.plan import Contingency
from rehearsal.model.secrets import Masker, masker
from rehearsal.pipeline.deeds import OwnCommand, SecondChannel, SwitchRegion, deed_of
from rehearsal.pipeline.shop_links import LISTENERS, lay_links


class Shop:
    """Answers requests, or does not; notes them."""

    def __init__(self, *answers: int) -> None:
        """Take the statuses of answers in turn; 0 is none."""
        self._answers = list(answers)
        self.asked: list[tuple[str, str, object]] = []

    def send(self, method: str, url: str, *, json: object = None, **_: object) -> httpx.Response:
        """Answer."""
        self.asked.append((method, url, json))
        status = self._answers.pop(0)
        if not status:
            raise httpx.ConnectError("refused")
        return httpx.Response(status, text="no")


def command(run: str = "exit 0", undo: str = "") -> Contingency:
    """Return a contingency plan of a team's own."""
    return Contingency(name="own", action="command", phase="down", within_s=5.0, run=run, undo=undo)


@pytest.fixture
def table(tmp_path: Path) -> ProcessTable:
    """Return a table that starts nothing."""
    return ProcessTable(tmp_path / "leases", run_id=f"deeds-{tmp_path.name}", run_dir=tmp_path)


def test_leaving_a_region() -> None:
    """The director is told, and told again to take it back."""
    shop = Shop(200, 200)
    deed = SwitchRegion("http://director", "a", shop.send)

    assert "nobody to region a" in deed.do()
    assert "every healthy region" in deed.undo()
    assert shop.asked == [
        ("POST", "http://director/admin/drain", {"region": "a"}),
        ("DELETE", "http://director/admin/drain", None),
    ]


def test_the_second_channel_through_the_region_that_lives() -> None:
    """One region that is dead does not keep the other from switching."""
    shop = Shop(0, 200, 200)
    deed = SecondChannel(("http://a", "http://b"), shop.send)

    assert "second provider" in deed.do()
    assert "first provider" in deed.undo()
    assert [url for _, url, _ in shop.asked] == [
        "http://a/admin/channel",
        "http://b/admin/channel",
        "http://a/admin/channel",
    ]


def test_a_channel_that_nobody_switches() -> None:
    """All that refused are named."""
    with pytest.raises(Unreachable, match=r"http://a.*ConnectError.*http://b.* answers 409: no"):
        SecondChannel(("http://a", "http://b"), Shop(0, 409).send).do()


@pytest.fixture
def ends() -> list[threading.Event | None]:
    """Return what each command that was run would end with."""
    return []


@pytest.fixture(autouse=True)
def run_lines(
    monkeypatch: pytest.MonkeyPatch, table: ProcessTable, ends: list[threading.Event | None]
) -> list[tuple[str, int]]:
    """Return the commands that were run, each with how many undoings were owed then; none is run really."""
    lines: list[tuple[str, int]] = []

    def shell(
        what: str, line: str, *, timeout_s: float, run_id: str, over: threading.Event | None, mask: Masker
    ) -> Evidence:
        ends.append(over)
        lines.append((line, len(table.lease.undos)))
        code = line.rpartition(" ")[2]
        return Evidence(proven=code == "0", saw=mask(f"{what} ended with exit code {code}"))

    monkeypatch.setattr("rehearsal.pipeline.deeds.shell", shell)
    return lines


def test_a_command_of_ones_own(table: ProcessTable, run_lines: list[tuple[str, int]]) -> None:
    """Its undoing is owed from before it is run until it has gone well."""
    deed = OwnCommand(command("break; exit 0", "mend; exit 0"), table)
    deed.do()
    deed.undo()

    assert run_lines == [("break; exit 0", 1), ("mend; exit 0", 1)]
    assert table.lease.undos == ()


def test_what_a_command_says_is_masked(table: ProcessTable) -> None:
    """Before it is cut to its last words, in which half a secret would be none that is known."""
    deed = deed_of(command(), None, table, threading.Event(), mask=masker(["exit code"]))

    assert deed.do() == "run ended with *** 0"


def test_only_the_doing_ends_with_the_run(table: ProcessTable, ends: list[threading.Event | None]) -> None:
    """What is still being done when the run is over is given up; its undoing is not."""
    over = threading.Event()
    deed = deed_of(command("exit 0", "exit 0"), None, table, over)
    deed.do()
    deed.undo()

    assert ends == [over, None]


def test_commands_that_fail(table: ProcessTable) -> None:
    """The command is named, and what could not be undone stays owed."""
    deed = OwnCommand(command("exit 3", "exit 4"), table)

    with pytest.raises(RehearsalError, match=r"run ended with exit code 3. The command: exit 3"):
        deed.do()
    with pytest.raises(RehearsalError, match=r"undo ended with exit code 4"):
        deed.undo()
    assert [undo.command for undo in table.lease.undos] == ["exit 4"]


def test_a_command_with_nothing_to_undo(table: ProcessTable) -> None:
    """Then nothing is owed."""
    deed = OwnCommand(command(), table)
    deed.do()

    assert (table.lease.undos, deed.undo()) == ((), "nothing is to be undone")


@pytest.mark.parametrize(
    ("action", "ours", "kind"),
    [
        ("switch_region", True, SwitchRegion),
        ("second_channel", True, SecondChannel),
        ("command", True, OwnCommand),
        ("command", False, OwnCommand),
    ],
)
def test_which_deed(table: ProcessTable, action: str, ours: bool, kind: type[object]) -> None:
    """The mock shop is switched by its own admin pages; another shop only by commands."""
    links = lay_links(range(18000, 18000 + len(LISTENERS) + 7)) if ours else None
    contingency = command().model_copy(update={"action": action})

    assert isinstance(deed_of(contingency, links, table, threading.Event()), kind)
