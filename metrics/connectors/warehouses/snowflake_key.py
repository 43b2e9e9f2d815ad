"""The sign-in of Snowflake's key pairs: a token signed with the private key, good for a few minutes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from metrics.connectors.errors import ConnectorError

LIFE_SECONDS = 600
SMALLEST_KEY = 2048


def signed_in(account: str, user: str, secrets: Mapping[str, str], *, now: datetime) -> str:
    """A token for one pull. Raises ConnectorError("config") for what is no such key."""
    passphrase = secrets.get("passphrase", "")
    try:
        key = load_pem_private_key(
            secrets.get("private_key", "").strip().encode(), passphrase.encode() if passphrase else None
        )
    except (ValueError, TypeError):
        raise _wrong(
            "This is no private key, or its passphrase is another one. Paste the PEM file, from "
            "-----BEGIN to -----END."
        ) from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < SMALLEST_KEY:
        raise _wrong(f"The key has to be an RSA key of at least {SMALLEST_KEY} bits.")
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    fingerprint = base64.b64encode(hashlib.sha256(public).digest()).decode()
    # A region behind the account, as in xy12345.eu-central-1, is no part of its name here.
    name = f"{account.split('.')[0].upper()}.{user.upper()}"
    issued = int(now.timestamp())
    claims = {
        "iss": f"{name}.SHA256:{fingerprint}", "sub": name, "iat": issued - 5, "exp": issued + LIFE_SECONDS,
    }  # fmt: skip
    return jwt.encode(claims, key, algorithm="RS256")


def _wrong(sentence: str) -> ConnectorError:
    return ConnectorError("config", sentence, permanent=True, field="private_key")
