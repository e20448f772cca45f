import os
import sys

import pytest

from rehearsal.cli.address import address_of, crew_of
from rehearsal.cli.worker import worker
from rehearsal.model.errors import RehearsalError
from rehearsal.pipeline.crew import PORT, Crew


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.5", ("10.0.0.5", PORT)),
        ("loadbox:6000", ("loadbox", 6000)),
        ("[::1]:6000", ("::1", 6000)),
        ("[::1]", ("::1", PORT)),
        ("::1", ("::1", PORT)),
    ],
    ids=["a host", "host and port", "IPv6 and port", "IPv6 in brackets", "bare IPv6"],
)
def test_addresses(text: str, expected: tuple[str, int]) -> None:
    """Locust's own port unless another is named."""
    assert expected == address_of(text, option="--master")


@pytest.mark.parametrize("text", ["", ":6000", "box:", "box:0", "box:65536", "box:six", "box:-1", "box:²"])
def test_no_addresses(text: str) -> None:
    """The option and an example are named."""
    with pytest.raises(RehearsalError, match=r"--bind .* is no HOST or HOST:PORT; write for instance"):
        address_of(text, option="--bind")


def test_crews() -> None:
    """From here by default; from elsewhere if they are expected; never both."""
    assert crew_of(3, 0, bind="x", within_s=1.0) == Crew(workers=3)
    expected = Crew(workers=2, elsewhere=True, host="10.0.0.5", port=PORT, within_s=9.0)
    assert crew_of(1, 2, bind="10.0.0.5", within_s=9.0) == expected
    with pytest.raises(RehearsalError, match="choose one"):
        crew_of(2, 2, bind="x", within_s=1.0)


def test_the_worker_verb_becomes_the_load_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing accompanies it that could be left behind, or leave it behind."""
    became: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda *all_of_it: became.append(all_of_it))
    worker(master="loadbox:6000", within=9.0)

    ((program, argv, environment),) = became
    assert program == sys.executable
    assert argv[1:] == [
        "-m",
        "scenarios.fleet.worker",
        "--host",
        "loadbox",
        "--port",
        "6000",
        "--within",
        "9",
    ]
    assert "PYTHONPATH" in environment
