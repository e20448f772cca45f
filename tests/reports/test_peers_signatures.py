"""Errors of other tools that check signatures, each rebuilt and seen accepting, and ours refusing.

Rebuilt, not run: securesystemslib 1.6.0, and pdfsig of poppler 22.12.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rehearsal.cli.verify import verify as verify_command
from rehearsal.rundir import folder
from reports.envelope import Envelope, Signature, decode, encode, sign, signers, strict_base64, verify
from reports.keys import PublicKey, public_pem
from reports.statement import Statement
from reports.verify import verify_run
from tests.reports.conftest import KEY
from tests.reports.test_envelope import BODY, OTHER

ONE, TWO = KEY.public_key(), OTHER.public_key()


def signed_as(*keyids: str) -> Envelope:
    """Return an envelope that one key signed once, its signature listed under each of these keyids."""
    sealed = sign(BODY, KEY)
    listed = tuple(Signature(keyid=keyid, sig=sealed.signatures[0].sig) for keyid in keyids)
    return msgspec.structs.replace(sealed, signatures=listed)


def counted_by_keyid(envelope: Envelope, registered: Mapping[str, PublicKey]) -> int:
    """Return how many signatures the peer counts: one for each registered keyid whose key accepts."""
    return sum(
        bool(
            signers(msgspec.structs.replace(envelope, signatures=(signature,)), [registered[signature.keyid]])
        )
        for signature in envelope.signatures
        if signature.keyid in registered
    )


def read_by_peer(table: dict[str, Any]) -> bytes:
    """Return the payload as the peer reads a parsed envelope: it takes the fields out of its argument."""
    signatures = table.pop("signatures")
    assert all(signature["keyid"] for signature in signatures)
    return strict_base64(table.pop("payload"))


def test_one_key_under_two_names_is_one_signer() -> None:
    """The peer's threshold of two is met by one private key that is registered twice; ours counts one."""
    envelope = signed_as("finance", "operations")

    assert counted_by_keyid(envelope, {"finance": ONE, "operations": ONE}) == 2
    assert len(signers(envelope, [ONE, ONE])) == 1


def test_two_keys_are_two_signers_whatever_they_are_called() -> None:
    """Two keys under one name are two; a key that did not sign, or is not given, is none."""
    both = (*signed_as("same").signatures, Signature(keyid="same", sig=sign(BODY, OTHER).signatures[0].sig))
    envelope = msgspec.structs.replace(signed_as("same"), signatures=both)

    assert signers(envelope, [TWO, ONE, TWO]) == (TWO, ONE)
    assert signers(envelope, [ONE]) == (ONE,)
    assert signers(signed_as("same"), [TWO]) == ()


def test_reading_an_envelope_twice_gives_it_twice() -> None:
    """The peer's second reading of one table fails, for the first emptied it; ours leaves what it reads."""
    content = encode(sign(BODY, KEY))
    table = json.loads(content)

    assert read_by_peer(table) == BODY
    with pytest.raises(KeyError):
        read_by_peer(table)
    assert decode(content) == decode(content)
    assert verify(decode(content), [ONE]) == verify(decode(content), [ONE]) == BODY


def test_a_signature_without_a_keyid_is_read() -> None:
    """DSSE leaves it to the signer; the peer asks for it."""
    table = json.loads(encode(sign(BODY, KEY)))
    del table["signatures"][0]["keyid"]

    with pytest.raises(KeyError):
        read_by_peer(dict(table))
    assert verify(decode(json.dumps(table).encode()), [ONE]) == BODY


def test_evidence_that_lists_its_signature_twice_is_refused(copy: Path) -> None:
    """A run is signed once by one key; two of its signature are not two people's."""
    sealed = decode((copy / folder.EVIDENCE).read_bytes())
    twice = msgspec.structs.replace(sealed, signatures=sealed.signatures * 2)
    (copy / folder.EVIDENCE).write_bytes(encode(twice))
    told = next(step for step in verify_run(copy, trusted=ONE) if not step.ok)

    assert (told.number, told.sentence) == (2, "evidence.dsse.json carries 2 signatures, and one key signed.")


def holds_by_range(run: Path, name: str, signed_bytes: int) -> bool:
    """Return what pdfsig calls valid: the signed range has its digest; what follows it is not looked at."""
    sealed = decode((run / folder.EVIDENCE).read_bytes())
    statement = msgspec.json.decode(verify(sealed, [ONE]), type=Statement)
    digest = next(each.digest for each in statement.predicate.configuration if each.name == name)
    return digest == {"sha256": hashlib.sha256((run / name).read_bytes()[:signed_bytes]).hexdigest()}


@pytest.mark.parametrize("name", [folder.REPORT, folder.PLAN, folder.FINDINGS])
def test_a_file_continued_after_the_signed_bytes_is_refused(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """A signed page repainted by what is appended to it: valid by its range; here named, exit code 1."""
    length = (copy / name).stat().st_size
    with (copy / name).open("ab") as file:
        file.write(b"<style>.verdict::after{content:'GO'}</style>")
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(public_pem(ONE))

    assert holds_by_range(copy, name, length)
    assert verify_command(copy, trusted) == 1
    assert f"FAIL  {name} was changed after it was signed." in capsys.readouterr().out


def test_the_same_file_as_it_was_signed_holds(
    signed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is refused above is what was appended: without it the command ends with 0."""
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(public_pem(ONE))

    assert verify_command(signed, trusted) == 0
    assert "The evidence holds." in capsys.readouterr().out
