"""DSSE: the specification's vector, what is accepted, what is refused."""

import base64
import json
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from reports.envelope import (
    PAYLOAD_TYPE,
    Envelope,
    EnvelopeRefused,
    Signature,
    decode,
    encode,
    pae,
    sign,
    strict_base64,
    verify,
)
from reports.keys import keyid_of
from tests.reports.conftest import KEY

OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
BODY = b'{"a":"\xc3\xbc"}'

# protocol.md, "Test Vectors"
VECTOR_TYPE = "http://example.com/HelloWorld"
VECTOR_KEY = EllipticCurvePublicNumbers(
    46950820868899156662930047687818585632848591499744589407958293238635476079160,
    5640078356564379163099075877009565129882514886557779369047442380624545832820,
    SECP256R1(),
).public_key()
VECTOR_SIGNATURE = "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="


def vector() -> Envelope:
    """Return the specification's envelope, its raw r || s turned into the DER that OpenSSL expects."""
    raw = base64.b64decode(VECTOR_SIGNATURE)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    signature = Signature(sig=base64.b64encode(der).decode())
    return Envelope(payload="aGVsbG8gd29ybGQ=", payload_type=VECTOR_TYPE, signatures=(signature,))


def test_pae_is_the_specifications() -> None:
    """The bytes that are signed are the specification's example."""
    encoded = pae(VECTOR_TYPE, b"hello world")

    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_pae_counts_bytes_not_characters() -> None:
    """A type with a letter of two bytes is two long."""
    assert pae("\N{LATIN SMALL LETTER U WITH DIAERESIS}", b"") == b"DSSEv1 2 \xc3\xbc 0 "


def test_the_specifications_signature_verifies() -> None:
    """ECDSA P-256 as in the specification is accepted, and its payload returned."""
    payload = verify(vector(), [VECTOR_KEY], payload_type=VECTOR_TYPE)

    assert payload == b"hello world"


def test_another_type_breaks_the_specifications_signature() -> None:
    """The type is signed too."""
    moved = msgspec.structs.replace(vector(), payload_type=PAYLOAD_TYPE)

    with pytest.raises(EnvelopeRefused, match="no signature"):
        verify(moved, [VECTOR_KEY])


@given(st.binary(max_size=200))
def test_what_is_signed_verifies(payload: bytes) -> None:
    """Any payload comes back from its own envelope, through JSON."""
    envelope = decode(encode(sign(payload, KEY)))

    assert verify(envelope, [KEY.public_key()]) == payload


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_flipped_byte_never_verifies_as_something_else(at: int, flip: int) -> None:
    """Whatever byte of an envelope is changed: it is refused, or still says exactly what was signed."""
    content = bytearray(encode(sign(BODY, KEY)))
    content[at % len(content)] ^= flip
    try:
        payload = verify(decode(bytes(content)), [KEY.public_key()])
    except EnvelopeRefused:
        return

    assert payload == BODY


def test_keyid_is_only_a_hint() -> None:
    """All keys are tried, whatever the hint says, or if there is none."""
    sealed = sign(BODY, KEY)
    lying = Signature(keyid=keyid_of(OTHER.public_key()), sig=sealed.signatures[0].sig)
    mute = Signature(sig=sealed.signatures[0].sig)

    for signature in (lying, mute):
        changed = msgspec.structs.replace(sealed, signatures=(signature,))
        assert verify(changed, [OTHER.public_key(), KEY.public_key()]) == BODY


def test_one_good_signature_among_others_is_enough() -> None:
    """A signature by an unknown key beside a good one does not spoil it."""
    sealed = sign(BODY, KEY)
    both = (*sign(BODY, OTHER).signatures, *sealed.signatures)

    assert verify(msgspec.structs.replace(sealed, signatures=both), [KEY.public_key()]) == BODY


def test_url_safe_base64_is_accepted() -> None:
    """The specification lets a producer choose either alphabet."""
    sealed = sign(b"\xfb\xff" * 9, KEY)
    safe = json.loads(encode(sealed))
    safe["payload"] = safe["payload"].translate(str.maketrans("+/", "-_"))

    assert "_" in safe["payload"]
    assert verify(decode(json.dumps(safe).encode()), [KEY.public_key()]) == b"\xfb\xff" * 9


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("QQ", id="padding missing"),
        pytest.param("QQ==\n", id="a line end after it"),
        pytest.param("QQ==QQ==", id="bytes after the padding"),
        pytest.param("QR==", id="bits beyond the last byte"),
        pytest.param("Q Q=", id="a blank inside"),
        pytest.param("+_8=", id="both alphabets at once"),
        pytest.param("\N{LATIN SMALL LETTER U WITH DIAERESIS}===", id="not ASCII"),
    ],
)
def test_loose_base64_is_refused(text: str) -> None:
    """Every byte string has one encoding in each alphabet; anything else is refused."""
    with pytest.raises(EnvelopeRefused):
        strict_base64(text)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe", id="not text"),
        pytest.param(b"[]", id="not an object"),
        pytest.param(b"[" * 100_000, id="nested beyond any depth"),
        pytest.param(b'{"payload":"","payloadType":"x"}', id="no signatures"),
        pytest.param(b'{"payload":"","payloadType":"x","signatures":[]}', id="an empty list of signatures"),
        pytest.param(b'{"payload":"","payloadType":"x","signatures":[{"keyid":"k"}]}', id="no sig"),
        pytest.param(b'{"payload":1,"payloadType":"x","signatures":[{"sig":""}]}', id="payload a number"),
        pytest.param(
            b'{"payload":"","payload":"","payloadType":"x","signatures":[{"sig":""}]}', id="a key twice"
        ),
        pytest.param(
            b'{"payload":"","payloadType":"x","signatures":[{"sig":"a","sig":"b"}]}', id="a key twice, inside"
        ),
    ],
)
def test_what_is_no_envelope_is_refused(content: bytes) -> None:
    """Malformed, ambiguous and unsigned input is refused with a sentence."""
    with pytest.raises(EnvelopeRefused, match="not a DSSE envelope"):
        decode(content)


def test_unknown_fields_are_ignored() -> None:
    """Consumers must ignore fields they do not know (envelope.md)."""
    table: dict[str, Any] = {**json.loads(encode(sign(BODY, KEY))), "bundle": 1}

    assert verify(decode(json.dumps(table).encode()), [KEY.public_key()]) == BODY


def test_unknown_payload_type_is_refused_before_any_signature() -> None:
    """A well-signed payload of another type is not for us."""
    with pytest.raises(EnvelopeRefused, match="payload type"):
        verify(sign(BODY, KEY, payload_type="text/plain"), [KEY.public_key()])


def test_no_key_no_trust() -> None:
    """An empty set of keys accepts nothing."""
    with pytest.raises(EnvelopeRefused, match="no signature"):
        verify(sign(BODY, KEY), [])
