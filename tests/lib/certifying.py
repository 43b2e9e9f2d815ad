"""Certificates for servers of tests."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

KEY = ec.EllipticCurvePrivateKey


def self_signed(folder: Path, name: str, *, days: int = 1) -> Path:
    """A PEM file with a key and a certificate for `name` that signs itself, good for `days` around now."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _written(folder / "certificate.pem", key, _certificate(name, key, is_authority=True, days=days))


class Authority:
    """A certificate authority of its own. `trusting()` is a context that trusts it and nobody else."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._own = _certificate("Authority of the tests", self._key, is_authority=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._own.public_bytes(serialization.Encoding.PEM))

    def certificate(self, name: str, *, ended: bool = False) -> Path:
        """A PEM file with a key and a certificate for a host name or address; `ended` yesterday."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(name, key, issuer=self._own, by=self._key, ended=ended)
        return _written(self._folder / f"{name}-{'ended' if ended else 'valid'}.pem", key, made)

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))


def _certificate(
    name: str,
    key: KEY,
    *,
    issuer: x509.Certificate | None = None,
    by: KEY | None = None,
    is_authority: bool = False,
    ended: bool = False,
    days: int = 1,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    try:
        known: x509.GeneralName = x509.IPAddress(ip_address(name))
    except ValueError:
        known = x509.DNSName(name.replace(" ", "-"))
    return (
        x509.CertificateBuilder(
            issuer.subject if issuer else subject, subject, key.public_key(), x509.random_serial_number()
        )
        .not_valid_before(now - timedelta(days=max(3, days)))
        .not_valid_after(now + timedelta(days=-1 if ended else days))
        .add_extension(x509.SubjectAlternativeName([known]), critical=False)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .sign(by or key, hashes.SHA256())
    )


def _written(path: Path, key: KEY, certificate: x509.Certificate) -> Path:
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
