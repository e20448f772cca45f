"""Looking at certificates as the load will: whether each is believed, until when, and if not, why.

The numbers are OpenSSL's (openssl/x509_vfy.h, X509_V_ERR_…), the names those of RFC 6125.
"""

import datetime as dt
import socket
import ssl
from collections.abc import Iterable
from urllib.parse import urlsplit

from cryptography import x509

from rehearsal.pipeline.tryout.sight import Sight, dubious, well, wrong
from scenarios.http.tls import context_of

_ABOUT = "TLS"
_LIMIT_S = 5.0
_SOON = dt.timedelta(days=14)
_PORTS = {"https": 443, "http": 80}
_EXPIRED, _NOT_YET = 10, 9
_SELF_SIGNED, _SELF_SIGNED_ROOT = 18, 19
_UNKNOWN_ISSUER = frozenset({2, 20, 21})
_WRONG_HOST = frozenset({62, 64})


def tls_seen(urls: Iterable[str], ca_file: str, *, now: dt.datetime) -> dict[str, Sight]:
    """Return by host and port what is to be said of the certificate of each https origin, each once."""
    parts = (urlsplit(url) for url in urls)
    places = dict.fromkeys(one.netloc for one in parts if one.scheme == "https")
    return {place: look(f"https://{place}", ca_file, now=now) for place in places}


def look(origin: str, ca_file: str, *, now: dt.datetime) -> Sight:
    """Look at one origin's certificate; `ca_file` names whom to trust instead of this machine's own."""
    parts = urlsplit(origin)
    host, port = parts.hostname or "", parts.port or _PORTS["https"]
    try:
        certificate = _shown(host, port, context_of(ca_file or True))
    except ssl.SSLCertVerificationError as error:
        return wrong(_ABOUT, f"{parts.netloc} {why(error, host, port)}.")
    except ssl.SSLError as error:
        words = (error.reason or "it broke off").lower().replace("_", " ")
        mend = "see that the port speaks https, else write http:// in the plan"
        return wrong(_ABOUT, f"{parts.netloc} does not finish a TLS handshake ({words}); {mend}.")
    except OSError as error:
        return wrong(
            _ABOUT, f"{parts.netloc} cannot be connected to ({error}); start it, or correct the plan."
        )
    return _until(parts.netloc, certificate, now)


def _until(place: str, certificate: x509.Certificate, now: dt.datetime) -> Sight:
    ends = certificate.not_valid_after_utc
    words = f"{place} shows a certificate that is believed until {ends:%Y-%m-%d %H:%M} UTC"
    if ends - now < _SOON:
        return dubious(_ABOUT, f"{words}; renew it before the promotion.")
    return well(_ABOUT, f"{words}.")


def why(error: ssl.SSLCertVerificationError, host: str, port: int) -> str:
    """Return why a certificate is not believed, and what mends it."""
    shown = _shown(host, port, context_of(False))  # noqa: FBT003 - nothing is sent to whom nobody vouches for
    code = error.verify_code
    if code == _EXPIRED:
        return f"shows a certificate that expired on {shown.not_valid_after_utc:%Y-%m-%d}; renew it"
    if code == _NOT_YET:
        begins = f"{shown.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        return f"shows a certificate that is not valid before {begins}; see both clocks"
    if code in _WRONG_HOST:
        return f"shows a certificate for {_names(shown)}, not for {host}; use that name in the plan"
    if code == _SELF_SIGNED:
        return "shows a self-signed certificate; name a file that holds it: target.ca_file"
    if code == _SELF_SIGNED_ROOT or code in _UNKNOWN_ISSUER:
        issuer = shown.issuer.rfc4514_string()
        return f"shows a certificate of {issuer}, whom nobody here trusts; name its file: target.ca_file"
    return f"shows a certificate that is not believed ({error.verify_message}); mend it"


def _names(certificate: x509.Certificate) -> str:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return "no host at all"
    return ", ".join(str(name.value) for name in names)


def _shown(host: str, port: int, context: ssl.SSLContext) -> x509.Certificate:
    """Return the certificate that a host shows; the settings say what makes it an ssl.SSLError."""
    with (
        socket.create_connection((host, port), timeout=_LIMIT_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as tls,
    ):
        return x509.load_der_x509_certificate(tls.getpeercert(binary_form=True) or b"")
