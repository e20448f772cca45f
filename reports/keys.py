"""The harness's own signing key: made on first use, kept where only its owner can read it."""

import contextlib
import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rehearsal.model.errors import RehearsalError

PublicKey = Ed25519PublicKey | EllipticCurvePublicKey


class KeyRefused(RehearsalError):
    """A key file is unreadable, of another kind, or open to other users."""


def key_path(environ: Mapping[str, str]) -> Path:
    """Return where this user's key lies, after the XDG base directory specification."""
    configured = Path(environ.get("XDG_CONFIG_HOME", ""))
    base = configured if configured.is_absolute() else Path.home() / ".config"
    return base / "rehearsal" / "harness.key.pem"


def load_or_make(path: Path) -> Ed25519PrivateKey:
    """Return the key at `path`, made first if there is none; KeyRefused if it is open to others."""
    if not path.exists():
        _make(path)
    return load_private(path)


def load_private(path: Path) -> Ed25519PrivateKey:
    """Return the Ed25519 key at `path`; KeyRefused if it is missing, damaged or open to other users."""
    try:
        _refuse_open(path.parent, forbidden=0o022, mend="chmod 700")
        _refuse_open(path, forbidden=0o077, mend="chmod 600")
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise KeyRefused(f"The signing key {path} cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyRefused(_OTHER_KIND.format(path=path)) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyRefused(_OTHER_KIND.format(path=path))
    return key


def load_public(pem: bytes) -> PublicKey:
    """Return a public key (Ed25519, or ECDSA on any curve) from PEM; KeyRefused if it is not one."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise KeyRefused("The public key is not a PEM public key.") from None
    if not isinstance(key, Ed25519PublicKey | EllipticCurvePublicKey):
        raise KeyRefused("The public key is neither Ed25519 nor ECDSA.")
    return key


def public_pem(key: PublicKey) -> bytes:
    """Return a public key as PEM (SubjectPublicKeyInfo, RFC 7468)."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def keyid_of(key: PublicKey) -> str:
    """Return the key's name: SHA-256, in hex, of its SubjectPublicKeyInfo in DER."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


_OTHER_KIND = "{path} is not an unencrypted Ed25519 private key; move it away and a new one is made."


def _make(path: Path) -> None:
    """Write a new key whole or not at all; link(2) lets only the first of two writers win."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_private_pem(Ed25519PrivateKey.generate()))
    try:
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def _private_pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _refuse_open(path: Path, *, forbidden: int, mend: str) -> None:
    status = path.stat()
    if stat.S_IMODE(status.st_mode) & forbidden:
        raise KeyRefused(f"{path} is open to other users, so a signature by it proves nothing: {mend} {path}")
    if status.st_uid != os.geteuid():
        raise KeyRefused(f"{path} belongs to another user; sign with a key of your own.")
