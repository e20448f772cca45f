import pytest

from chaos import payment_outage, region_failure
from chaos.alone.order import Order, parse
from chaos.alone.rows import kinds_among, on_listeners
from chaos.faults.links import OnLinks
from chaos.faults.shell import Shell
from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import Command, Fault

WHERE = ["--toxiproxy", "http://127.0.0.1:8474/", "--listener", "psp", "--listener", "psp2"]
COMMANDS = ["--inject", "a", "--undo", "b", "--prove", "c", "--prove-healed", "d"]


def parsed(*argv: str) -> Order:
    """Return what a payment drill is to do."""
    return parse(argv, prog="p", codes="P", about="")


def test_a_kind_on_listeners() -> None:
    """A fault is named as in a plan, and strikes the listeners that are named."""
    order = parsed("late_capture", *WHERE, "--hold", "5", "--check", "http://shop/")

    assert (order.kind, order.hold_s, order.check) == (FaultKind.LATE_CAPTURE, 5.0, "http://shop/")
    assert (order.toxiproxy, order.listeners) == ("http://127.0.0.1:8474", ("psp", "psp2"))


def test_commands() -> None:
    """A team's own commands need no Toxiproxy."""
    order = parsed(*COMMANDS, "--timeout", "9")

    assert order.command == Command(inject="a", undo="b", prove="c", prove_healed="d", timeout_s=9.0)
    assert order.kind is FaultKind.COMMAND


def test_a_toxic_of_one_s_own() -> None:
    """Type, stream and attributes in one text; a spread may be left out."""
    order = parsed("--toxic", "latency upstream latency=300", *WHERE)

    assert order.kind is FaultKind.TOXIC
    assert order.toxic is not None
    assert (order.toxic.stream, order.toxic.attributes) == ("upstream", {"latency": 300})


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        pytest.param(["payment_slow"], "say where: --toxiproxy URL and --listener", id="nowhere"),
        pytest.param(["payment_slow", *WHERE[:2]], "say where", id="no listener"),
        pytest.param(WHERE, "say what breaks", id="nothing breaks"),
        pytest.param(["payment_slow", "--toxic", "noop", *WHERE], "say what breaks", id="two things break"),
        pytest.param(["region_killed", *WHERE], "invalid choice: 'region_killed'", id="another drill's"),
        pytest.param(COMMANDS[:4], "needs all of --inject, --undo", id="commands without proof"),
        pytest.param(
            [*COMMANDS[:-1], " "], "needs all of --inject, --undo", id="a proof that is a blank command"
        ),
        pytest.param(["--toxic", " ", *WHERE], "there is no toxic ''", id="a blank toxic"),
        pytest.param(["--toxic", "noop", *WHERE], "'noop' does nothing", id="a toxic that does nothing"),
        pytest.param(["--toxic", "latency latency=0", *WHERE], "does nothing", id="a delay of no time"),
        pytest.param([*COMMANDS, *WHERE], "commands break by themselves", id="commands and listeners"),
        pytest.param(["payment_slow", *WHERE, "--hold", "0"], "must be above 0", id="no hold"),
        pytest.param(["payment_slow", *WHERE, "--hold", "x"], "invalid", id="a hold that is no number"),
        pytest.param(
            ["--toxic", "latncy", *WHERE], "no toxic 'latncy'; there are latency", id="misspelt type"
        ),
        pytest.param(
            ["--toxic", "latency latncy=3", *WHERE], "latency: jitter, latency", id="misspelt attribute"
        ),
        pytest.param(["--toxic", "latency latency=soon", *WHERE], "invalid literal", id="no number"),
        pytest.param(["--toxic", "latency sideways latency=3", *WHERE], "is wrong", id="no such stream"),
    ],
)
def test_wrong_orders(capsys: pytest.CaptureFixture[str], argv: list[str], words: str) -> None:
    """A drill that would not be what was meant is refused, with what would be right."""
    with pytest.raises(SystemExit) as ended:
        parsed(*argv)

    assert ended.value.code == 2
    assert words.lower() in capsys.readouterr().err.lower()


@pytest.mark.parametrize(
    ("main", "kind"),
    [
        pytest.param(payment_outage.main, "answer_lost_after_capture", id="payment"),
        pytest.param(region_failure.main, "region_partitioned", id="region"),
    ],
)
def test_help_tells_all(capsys: pytest.CaptureFixture[str], main: object, kind: str) -> None:
    """Kinds with their sentences and mechanisms, exit codes, and how a killed drill is undone."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])  # type: ignore[operator]

    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(word in text for word in (kind, "timeout", "Exit codes: 0", "rehearse heal"))


@pytest.mark.parametrize("codes", ["P", "R"])
def test_only_links_are_struck(codes: str) -> None:
    """Nobody's processes and databases are touched: whatever is offered strikes the listeners named."""
    kinds = kinds_among(codes)
    names = ("mine",)

    assert len(kinds) >= 5
    for kind in kinds:
        fault = Fault(kind=kind, phase="p", hold_s=1.0, recover_within_s=1.0)
        definition = on_listeners(fault, names)
        struck = [each.patterns for each in definition.breaks if isinstance(each, OnLinks)]

        assert struck == [names] * len(definition.breaks)
        assert definition.canary is None


def test_a_command_strikes_what_it_likes() -> None:
    """It has no listeners."""
    command = Command(inject="a", undo="b", prove="c", prove_healed="d")
    fault = Fault(kind=FaultKind.COMMAND, phase="p", hold_s=1.0, recover_within_s=1.0, command=command)

    assert on_listeners(fault, ()).breaks == (Shell(command),)
