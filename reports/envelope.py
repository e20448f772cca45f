"""Signed bytes: a DSSE envelope, verified before anything inside it is read.

Source: DSSE v1.0.2, https://github.com/secure-systems-lab/dsse (protocol.md and envelope.md).
The signature covers the exact payload bytes and their type, never a re-encoding of them.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rehearsal.model.errors import RehearsalError
from reports.keys import PublicKey, keyid_of

PAYLOAD_TYPE = "application/vnd.in-toto+json"


class EnvelopeRefused(RehearsalError):
    """An envelope is malformed, of an unknown type, or signed by none of the keys."""


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """One signature in base64. `keyid` is an unauthenticated hint and decides nothing."""

    keyid: str = ""
    sig: str


class Envelope(msgspec.Struct, frozen=True, kw_only=True, rename={"payload_type": "payloadType"}):
    """A DSSE envelope: `payload` in base64, its media type, and at least one signature."""

    payload: str
    payload_type: str
    signatures: tuple[Signature, ...]


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding: the bytes that are signed (lengths count bytes)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, key: Ed25519PrivateKey, *, payload_type: str = PAYLOAD_TYPE) -> Envelope:
    """Return an envelope around `payload`, signed by `key`."""
    signature = Signature(
        keyid=keyid_of(key.public_key()),
        sig=base64.b64encode(key.sign(pae(payload_type, payload))).decode(),
    )
    return Envelope(
        payload=base64.b64encode(payload).decode(), payload_type=payload_type, signatures=(signature,)
    )


def encode(envelope: Envelope) -> bytes:
    """Return the envelope as one line of JSON: the only form in which this project writes it."""
    return msgspec.json.encode(envelope) + b"\n"


def decode(content: bytes) -> Envelope:
    """Read an envelope from JSON; EnvelopeRefused if malformed, ambiguous (a key twice) or unsigned."""
    try:
        envelope = msgspec.convert(unambiguous_json(content), Envelope)
    except (ValueError, RecursionError) as error:
        raise EnvelopeRefused(f"not a DSSE envelope: {error}") from None
    if not envelope.signatures:
        raise EnvelopeRefused("not a DSSE envelope: it carries no signature")
    return envelope


def verify(envelope: Envelope, keys: Sequence[PublicKey], *, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Return the payload if any signature is by any of `keys`, all being tried; else EnvelopeRefused.

    Only the bytes returned here are to be used; they are parsed by the caller, after this.
    """
    if envelope.payload_type != payload_type:
        raise EnvelopeRefused(f"payload type {envelope.payload_type!r} is not {payload_type!r}")
    if not signers(envelope, keys):
        raise EnvelopeRefused("no signature is by a given key")
    return strict_base64(envelope.payload)


def signers(envelope: Envelope, keys: Iterable[PublicKey]) -> tuple[PublicKey, ...]:
    """Return which of `keys` signed the envelope, each once however often it signed or is given.

    Told apart by the key itself, never by a keyid, which is whatever its writer put there: so two names of
    one key are one signer (DSSE v1.0.2, protocol.md: a threshold counts distinct keys). EnvelopeRefused for
    a field that is not base64.
    """
    message = pae(envelope.payload_type, strict_base64(envelope.payload))
    candidates = [strict_base64(signature.sig) for signature in envelope.signatures]
    distinct = {keyid_of(key): key for key in keys}
    return tuple(
        key for key in distinct.values() if any(_accepts(key, candidate, message) for candidate in candidates)
    )


def strict_base64(text: str) -> bytes:
    """Decode standard or URL-safe base64; EnvelopeRefused unless it is the one encoding of its bytes."""
    try:
        content = base64.b64decode(text.translate(_TO_STANDARD), validate=True)
    except ValueError:
        raise EnvelopeRefused("a field is not base64") from None
    if text.encode() not in (base64.b64encode(content), base64.urlsafe_b64encode(content)):
        raise EnvelopeRefused("a field is not the one base64 form of its bytes")
    return content


def unambiguous_json(content: bytes) -> Any:
    """Parse JSON; ValueError if it is not JSON or an object has a key twice (RFC 8259, section 4)."""
    return json.loads(content, object_pairs_hook=_distinct)


_TO_STANDARD = str.maketrans("-_", "+/")


def _distinct(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    listed = list(pairs)
    value = dict(listed)
    if len(value) != len(listed):
        raise ValueError("a key occurs twice in one object")
    return value


def _accepts(key: PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        else:
            key.verify(signature, message, ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
