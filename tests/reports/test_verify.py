"""Verifying a run: the untouched one holds, and nothing that was touched does."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rehearsal.model.errors import RunDirError
from rehearsal.rundir import folder
from reports import envelope, keys
from reports.evidence import sign_run
from reports.statement import CONFIGURATION
from reports.verify import VerifyStep, verify_run
from tests.reports.conftest import KEY

OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def failing(run: Path) -> list[VerifyStep]:
    """Return the steps that do not hold."""
    return [step for step in verify_run(run, trusted=KEY.public_key()) if not step.ok]


def reseal(run: Path, change: Callable[[dict[str, Any]], object], key: Ed25519PrivateKey = KEY) -> None:
    """Sign a changed statement with `key`, as somebody would who has one."""
    sealed = envelope.decode((run / folder.EVIDENCE).read_bytes())
    statement = json.loads(envelope.strict_base64(sealed.payload))
    change(statement)
    content = envelope.encode(envelope.sign(json.dumps(statement).encode(), key))
    (run / folder.EVIDENCE).write_bytes(content)


def test_an_untouched_run_holds(signed: Path) -> None:
    """All steps hold, numbered from 1, one for each file."""
    steps = verify_run(signed, trusted=KEY.public_key())

    assert [step.number for step in steps] == list(range(1, len(CONFIGURATION) + 7))
    assert [step.sentence for step in steps if not step.ok] == []


def test_without_a_trusted_key_the_reader_is_told_to_ask(signed: Path) -> None:
    """The signature holds, and whose key it is stays open."""
    steps = verify_run(signed)

    assert all(step.ok for step in steps)
    assert "ask its owner" in steps[2].sentence
    assert keys.keyid_of(KEY.public_key()) in steps[2].sentence


def test_a_stranger_who_signs_it_all_anew_is_found_out(copy: Path) -> None:
    """Changed files, a new key and a new signature: only the trusted key tells."""
    sign_run(copy, OTHER)

    assert [step.number for step in failing(copy)] == [3]


@pytest.mark.parametrize("name", CONFIGURATION)
def test_a_flipped_byte_in_any_file_names_the_file(copy: Path, name: str) -> None:
    """The step of that file does not hold and says which file changed."""
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)

    assert f"{name} was changed after it was signed." in [step.sentence for step in failing(copy)]


@pytest.mark.parametrize("name", CONFIGURATION)
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    """The step of that file does not hold and says that it is gone."""
    (copy / name).unlink()

    assert f"{name} is missing." in [step.sentence for step in failing(copy)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from([*CONFIGURATION, folder.EVIDENCE, folder.PUBLIC_KEY]),
    at=st.integers(min_value=0),
    flip=st.integers(min_value=1, max_value=255),
)
def test_no_flipped_byte_anywhere_verifies(copy: Path, name: str, at: int, flip: int) -> None:
    """Whatever byte of whatever file is changed, some step does not hold; nothing is raised."""
    original = (copy / name).read_bytes()
    content = bytearray(original)
    content[at % len(content)] ^= flip
    (copy / name).write_bytes(content)
    steps = failing(copy)
    (copy / name).write_bytes(original)

    assert steps


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from([*CONFIGURATION, folder.EVIDENCE, folder.PUBLIC_KEY]), content=st.binary())
def test_garbage_in_any_file_never_raises(copy: Path, name: str, content: bytes) -> None:
    """Hostile content makes a step fail, not the verifier."""
    original = (copy / name).read_bytes()
    (copy / name).write_bytes(content)
    steps = failing(copy)
    (copy / name).write_bytes(original)

    assert steps


def test_an_empty_folder_fails_every_step(tmp_path: Path) -> None:
    """What depends on a missing envelope is said to be not checked."""
    steps = verify_run(tmp_path)

    assert not any(step.ok for step in steps)
    assert steps[0].sentence == "evidence.dsse.json is missing."
    assert all(step.sentence.startswith("Not checked") for step in steps[1:])


def test_a_pipe_in_place_of_a_file_is_not_read(copy: Path) -> None:
    """Reading a pipe would never end."""
    (copy / folder.PLAN).unlink()
    os.mkfifo(copy / folder.PLAN)

    assert "plan.json is missing." in [step.sentence for step in failing(copy)]


def test_unreadable_files_are_named(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that the system refuses to read fails its step with the system's reason."""

    def refuse(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)

    assert verify_run(copy)[0].sentence == "evidence.dsse.json cannot be read: Permission denied."


def test_undigestible_files_are_named(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same while a digest is taken."""

    def refuse(_: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(folder, "sha256_of", refuse)

    assert "plan.json cannot be read: Permission denied." in [step.sentence for step in failing(copy)]


def test_a_reformatted_envelope_is_refused(copy: Path) -> None:
    """The evidence has one form, so that no byte of it is free."""
    path = copy / folder.EVIDENCE
    path.write_bytes(json.dumps(json.loads(path.read_bytes()), indent=1).encode())

    assert "not in the form" in failing(copy)[0].sentence


def test_a_lone_surrogate_does_not_raise(copy: Path) -> None:
    """JSON can smuggle in what is no text."""
    (copy / folder.EVIDENCE).write_bytes(
        b'{"payload":"","payloadType":"\\ud800","signatures":[{"keyid":"","sig":""}]}'
    )

    assert failing(copy)[0].number == 1


@pytest.mark.parametrize(
    ("change", "number", "words"),
    [
        pytest.param(lambda s: s.update(_type="x"), 4, "unknown type", id="another statement type"),
        pytest.param(lambda s: s.update(predicateType="x"), 4, "unknown type", id="another predicate type"),
        pytest.param(lambda s: s.pop("subject"), 4, "not an in-toto statement", id="no subject"),
        pytest.param(
            lambda s: s["predicate"]["configuration"].pop(),
            4,
            "does not cover each file",
            id="a file not covered",
        ),
        pytest.param(
            lambda s: s["predicate"]["configuration"].append(s["predicate"]["configuration"][0]),
            4,
            "does not cover each file",
            id="a file covered twice",
        ),
        pytest.param(
            lambda s: s["predicate"]["configuration"][0].update(digest={"md5": "00"}),
            5,
            "plan.json was changed",
            id="a digest of another kind",
        ),
        pytest.param(
            lambda s: s["subject"][0].update(digest={"sha256": "00" * 32}),
            14,
            "another shop",
            id="another shop",
        ),
        pytest.param(lambda s: s["subject"].clear(), 14, "another shop", id="no shop at all"),
        pytest.param(
            lambda s: s["predicate"].update(result="FAILED"), 15, "does not follow", id="another result"
        ),
        pytest.param(
            lambda s: s["predicate"].update(warnedTests=["x"]), 15, "does not follow", id="a warned test"
        ),
        pytest.param(
            lambda s: s["predicate"]["passedTests"].pop(), 15, "does not follow", id="a test left out"
        ),
    ],
)
def test_a_wrong_statement_fails_even_if_well_signed(
    copy: Path, change: Callable[[dict[str, Any]], object], number: int, words: str
) -> None:
    """A signature says who signed, not that it is true: the rest is checked all the same."""
    reseal(copy, change)
    steps = failing(copy)

    assert steps[0].number == number
    assert words in steps[0].sentence


def test_a_signature_from_another_envelope_is_refused(copy: Path, tmp_path: Path) -> None:
    """A good signature over other bytes is worth nothing here."""
    sealed = envelope.decode((copy / folder.EVIDENCE).read_bytes())
    foreign = envelope.sign(b"{}", KEY)
    moved = msgspec.structs.replace(sealed, signatures=foreign.signatures)
    (copy / folder.EVIDENCE).write_bytes(envelope.encode(moved))

    assert failing(copy)[0].number == 2


def test_a_wrong_hint_is_pointed_out(copy: Path) -> None:
    """The hint decides nothing, but one that names another key is not what was written."""
    sealed = envelope.decode((copy / folder.EVIDENCE).read_bytes())
    lying = envelope.Signature(keyid="00", sig=sealed.signatures[0].sig)
    changed = msgspec.structs.replace(sealed, signatures=(lying,))
    (copy / folder.EVIDENCE).write_bytes(envelope.encode(changed))

    assert "do not agree" in failing(copy)[0].sentence


def test_evidence_of_an_older_run_does_not_pass(copy: Path, signed: Path) -> None:
    """Evidence moved beside other files names the files that differ."""
    (copy / folder.FINDINGS).write_bytes(b"[]")
    sign_run(copy, KEY)
    shutil.copy(signed / folder.FINDINGS, copy / folder.FINDINGS)

    assert failing(copy)[0].sentence == "findings.json was changed after it was signed."


def test_a_signed_lie_about_the_verdict_is_found(copy: Path) -> None:
    """GO above findings that do not add up to it fails the last step, though every digest is right."""
    (copy / folder.FINDINGS).write_bytes(b"[]")
    sign_run(copy, KEY)
    steps = failing(copy)

    assert [step.number for step in steps] == [15]
    assert steps[0].sentence == "verdict.json says GO, but the findings add up to INCONCLUSIVE."


def test_findings_nested_beyond_any_depth_do_not_raise(copy: Path) -> None:
    """The verifier survives what no reader could parse."""
    (copy / folder.FINDINGS).write_bytes(b"[" * 100_000)

    assert [step.number for step in failing(copy)] == [10, 15]


@pytest.mark.parametrize("name", [*CONFIGURATION])
def test_an_incomplete_run_is_not_signed(copy: Path, name: str) -> None:
    """Every file must be there before anything is signed."""
    (copy / name).unlink()

    with pytest.raises(RunDirError, match=name):
        sign_run(copy, KEY)
