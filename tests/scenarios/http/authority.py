"""A certificate authority of the tests' own."""

import datetime as dt
import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = dt.timedelta(days=1)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@dataclass
class Authority:
    """Signs certificates; `ca_file` is its own."""

    folder: Path
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        """Write the authority's own certificate."""
        self.ca_file = self.folder / "ca.pem"
        self.ca_file.write_bytes(_pem(self._certificate("Test CA", self.key, "", age=0 * DAY)))

    def issue(self, host: str, *, age: dt.timedelta = 0 * DAY, signed_by_itself: bool = False) -> Path:
        """Return a file with a key and a certificate for a host, valid for a day from `age` ago on."""
        key = ec.generate_private_key(ec.SECP256R1())
        signer = key if signed_by_itself else self.key
        certificate = self._certificate(
            host, key, host, age=age, signer=signer, issuer=host if signed_by_itself else "Test CA"
        )
        file = self.folder / f"{host}-{age.days}-{signed_by_itself}.pem"
        file.write_bytes(self.private(key) + _pem(certificate))
        return file

    @staticmethod
    def private(key: ec.EllipticCurvePrivateKey) -> bytes:
        """Return a key as a server reads it."""
        return key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def _certificate(
        self,
        subject: str,
        key: ec.EllipticCurvePrivateKey,
        host: str,
        *,
        age: dt.timedelta,
        signer: ec.EllipticCurvePrivateKey | None = None,
        issuer: str = "Test CA",
    ) -> x509.Certificate:
        begins = dt.datetime.now(dt.UTC) - age - dt.timedelta(minutes=5)
        signer = signer or self.key
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + DAY)
            .add_extension(x509.BasicConstraints(ca=not host, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
            )
        )
        if host:
            builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(host)]), critical=False)
        else:
            builder = builder.add_extension(_SIGNS, critical=True)
        return builder.sign(signer, hashes.SHA256())


_SIGNS = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
