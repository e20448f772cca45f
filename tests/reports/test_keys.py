"""The harness's key: made once, private, and refused if it is not."""

import hashlib
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports import keys
from reports.keys import KeyRefused, key_path, keyid_of, load_or_make, load_private, load_public, public_pem
from tests.reports.conftest import KEY

RFC_8410_SPKI = "302a300506032b6570032100"


def private_pem(
    key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey,
    how: serialization.KeySerializationEncryption | None = None,
) -> bytes:
    """Return a private key as PEM."""
    encryption = how or serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def write_key(path: Path, content: bytes, mode: int = 0o600) -> Path:
    """Write a key file in a private folder."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_key_lies_in_the_configured_folder() -> None:
    """An absolute XDG_CONFIG_HOME is used."""
    assert key_path({"XDG_CONFIG_HOME": "/conf"}) == Path("/conf/rehearsal/harness.key.pem")


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({}, id="not set"),
        pytest.param({"XDG_CONFIG_HOME": ""}, id="empty"),
        pytest.param({"XDG_CONFIG_HOME": "conf"}, id="relative, which the specification says to ignore"),
    ],
)
def test_key_lies_in_dot_config_otherwise(environ: dict[str, str]) -> None:
    """Without a usable setting the key lies under the home folder."""
    assert key_path(environ) == Path.home() / ".config" / "rehearsal" / "harness.key.pem"


def test_first_use_makes_a_private_key(tmp_path: Path) -> None:
    """The file is for its owner alone, in a folder for its owner alone, with nothing left beside it."""
    path = tmp_path / "rehearsal" / "harness.key.pem"
    load_or_make(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [path] == list(path.parent.iterdir())


def test_second_use_finds_the_same_key(tmp_path: Path) -> None:
    """A key is made once."""
    path = tmp_path / "rehearsal" / "harness.key.pem"
    first, second = load_or_make(path), load_or_make(path)

    assert keyid_of(first.public_key()) == keyid_of(second.public_key())


def test_the_first_of_two_makers_wins(tmp_path: Path) -> None:
    """A key made by another process in between is kept; the late one is thrown away."""
    path = write_key(tmp_path / "keys" / "k.pem", private_pem(KEY))
    keys._make(path)

    assert keyid_of(load_private(path).public_key()) == keyid_of(KEY.public_key())
    assert [path] == list(path.parent.iterdir())


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_key_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    """A key that others can read proves nothing; the sentence says how to mend it."""
    path = write_key(tmp_path / "keys" / "k.pem", private_pem(KEY), mode)

    with pytest.raises(KeyRefused, match=f"chmod 600 {path}"):
        load_private(path)


def test_key_in_a_folder_that_others_can_write_is_refused(tmp_path: Path) -> None:
    """Who can write the folder can replace the key."""
    path = write_key(tmp_path / "keys" / "k.pem", private_pem(KEY))
    path.parent.chmod(0o770)

    with pytest.raises(KeyRefused, match=f"chmod 700 {path.parent}"):
        load_private(path)


def test_key_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One signs with a key of one's own."""
    path = write_key(tmp_path / "keys" / "k.pem", private_pem(KEY))
    monkeypatch.setattr(os, "geteuid", lambda: 12345)

    with pytest.raises(KeyRefused, match="belongs to another user"):
        load_private(path)


def test_missing_key_is_refused(tmp_path: Path) -> None:
    """Loading does not make a key."""
    with pytest.raises(KeyRefused, match="cannot be read"):
        load_private(tmp_path / "none.pem")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", id="damaged"),
        pytest.param(private_pem(KEY, serialization.BestAvailableEncryption(b"pass")), id="encrypted"),
        pytest.param(private_pem(ec.generate_private_key(ec.SECP256R1())), id="of another kind"),
    ],
)
def test_what_is_no_ed25519_key_is_refused(tmp_path: Path, content: bytes) -> None:
    """The sentence says what is expected and how to go on."""
    path = write_key(tmp_path / "keys" / "k.pem", content)

    with pytest.raises(KeyRefused, match="not an unencrypted Ed25519 private key"):
        load_private(path)


def test_public_key_survives_pem() -> None:
    """A public key written and read is the same key."""
    public = load_public(public_pem(KEY.public_key()))

    assert keyid_of(public) == keyid_of(KEY.public_key())


def test_keyid_is_the_digest_of_the_spki() -> None:
    """Keyid = SHA-256 of SubjectPublicKeyInfo in DER, which for Ed25519 is a constant prefix and the key."""
    raw = KEY.public_key().public_bytes_raw()

    assert hashlib.sha256(bytes.fromhex(RFC_8410_SPKI) + raw).hexdigest() == keyid_of(KEY.public_key())


def test_what_is_no_public_key_is_refused() -> None:
    """Garbage is refused with a sentence."""
    with pytest.raises(KeyRefused, match="not a PEM public key"):
        load_public(b"garbage")


def test_rsa_public_key_is_refused() -> None:
    """Only Ed25519 and ECDSA are verified here."""
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    with pytest.raises(KeyRefused, match="neither Ed25519 nor ECDSA"):
        load_public(pem)
