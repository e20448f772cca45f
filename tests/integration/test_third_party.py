"""The evidence is checked without this project: by the commands the report prints, and from the raw bytes."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Verdict
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import read_history
from reports.evidence import sign_run
from reports.html import render
from reports.report import report_of
from tests.reports.run_factory import findings_of, plan_of, readings_of, record_of, write_run

pytestmark = pytest.mark.integration

_DRAW = """
import sys, tests.integration.test_third_party as here
sys.stdout.write(here.page(here.Path(sys.argv[1])))
"""


def page(run: Path) -> str:
    """Return the report of a run's folder."""
    plan = plan_of()
    timeline = timeline_of(plan)
    frame = read_history(run)
    findings = findings_of(timeline)
    return render(report_of(plan, timeline, record_of(), findings, Verdict.GO, frame, readings_of()), run)


def by_raw_bytes(run: Path) -> bool:
    """Verify with a JSON parser, SHA-256 and Ed25519 alone: what the printed commands do, step by step."""
    sealed = json.loads((run / "evidence.dsse.json").read_bytes())
    body = base64.b64decode(sealed["payload"])
    signed = b"DSSEv1 28 application/vnd.in-toto+json %d %s" % (len(body), body)
    key = load_pem_public_key((run / "harness.pub.pem").read_bytes())
    assert isinstance(key, Ed25519PublicKey)
    try:
        key.verify(base64.b64decode(sealed["signatures"][0]["sig"]), signed)
    except InvalidSignature:
        return False
    return all(
        hashlib.sha256((run / part["name"]).read_bytes()).hexdigest() == part["digest"]["sha256"]
        for part in json.loads(body)["predicate"]["configuration"]
    )


def by_printed_commands(run: Path) -> bool:
    """Verify with jq, OpenSSL and coreutils, by the very lines that the report prints."""
    lines = files("reports").joinpath("templates", "verify.sh").read_text()
    shell = shutil.which("bash") or "bash"
    result = subprocess.run(
        [shell, "-euo", "pipefail", "-c", lines], cwd=run, capture_output=True, timeout=120, check=False
    )
    return result.returncode == 0


#: The commands need programs that a machine may lack; the raw bytes need none.
VERIFIERS = [by_raw_bytes]
if all(shutil.which(tool) for tool in ("bash", "jq", "openssl", "sha256sum")):
    VERIFIERS.append(by_printed_commands)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a signed run that is not to be changed."""
    made = write_run(tmp_path_factory.mktemp("runs") / "run")
    folder.write_bytes(made / folder.REPORT, page(made).encode())
    sign_run(made, Ed25519PrivateKey.generate())
    return made


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    """Return a copy of it that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "run"))


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_a_third_party_accepts_the_untouched_run(run: Path, verifier: Callable[[Path], bool]) -> None:
    """Signature and digests hold without a line of this project."""
    assert verifier(run)


@pytest.mark.parametrize("verifier", VERIFIERS)
@pytest.mark.parametrize("name", folder.SIGNED)
def test_a_third_party_refuses_a_changed_file(run: Path, name: str, verifier: Callable[[Path], bool]) -> None:
    """One flipped bit in any signed file is found."""
    content = bytearray((run / name).read_bytes())
    content[-2] ^= 1
    (run / name).write_bytes(content)

    assert not verifier(run)


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_a_third_party_refuses_a_changed_statement(run: Path, verifier: Callable[[Path], bool]) -> None:
    """The signature covers the statement's exact bytes."""
    sealed = json.loads((run / folder.EVIDENCE).read_bytes())
    body = base64.b64decode(sealed["payload"]).replace(b"PASSED", b"FAILED")
    sealed["payload"] = base64.b64encode(body).decode()
    (run / folder.EVIDENCE).write_text(json.dumps(sealed))

    assert not verifier(run)


def test_another_process_draws_the_same_bytes(run: Path) -> None:
    """Neither the hash seed, nor the time zone, nor the language of the machine shows in a report."""
    environ = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai", "LC_ALL": "C", "PYTHONUTF8": "1"}
    root = Path(__file__).parents[2]
    drawn = subprocess.run(
        [sys.executable, "-c", _DRAW, str(run)],
        cwd=root,
        env=environ,
        capture_output=True,
        timeout=1200,
        check=True,
    )

    assert drawn.stdout == (run / folder.REPORT).read_bytes()
