"""Why a secured connection did not come about, in words."""

from __future__ import annotations

import ssl

_VERIFY = {
    10: "its certificate has expired. Renew it there.",
    9: "its certificate is not valid yet. Check the clocks.",
    18: "its certificate signs itself. Give it one of a known authority, or name your own in SSL_CERT_FILE.",
    19: "an authority that is not known here signed its certificate. Name yours in SSL_CERT_FILE.",
    20: "an authority that is not known here signed its certificate. Name yours in SSL_CERT_FILE.",
    62: "its certificate is made out to another host. Check the host name.",
    64: "its certificate is made out to another address. Type the host name instead.",
}


def tls_fault(error: BaseException | None) -> str:
    """The reason, if the error or one that led to it is about TLS; else empty. Never falls back to plain."""
    seen = 0
    while error is not None and seen < 12:
        if isinstance(error, ssl.SSLCertVerificationError):
            return _VERIFY.get(error.verify_code, "its certificate cannot be trusted. Check it there.")
        if isinstance(error, ssl.SSLError):
            return _reason(error)
        error, seen = error.__cause__ or error.__context__, seen + 1
    return ""


def _reason(error: ssl.SSLError) -> str:
    reason = (error.reason or "").upper()
    if "WRONG_VERSION_NUMBER" in reason or "HTTP_REQUEST" in reason:
        return "it does not speak TLS on this port. Check the port, or whether it is http."
    if "VERSION" in reason or "PROTOCOL" in reason:
        return "it only speaks a TLS version that is too old. TLS 1.2 or newer is needed."
    return "the secured connection could not be made. Check its certificate and TLS version."
