"""The customer portal's signed word for who its user is: a JWT (RFC 7519)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from actions.orders.errors import PortalTokenInvalid, SettingsError

PORTAL_AUDIENCE: Final = "support-chat"
_LEEWAY_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class PortalIdentity:
    """What a valid token says."""

    customer_number: str
    contact_email: str
    contact_name: str


class PortalTokens:
    """Checks tokens against one public key. The key decides the algorithm, not the token (RFC 8725, 3.1)."""

    def __init__(self, public_key_pem: str | None) -> None:
        self._key: Ed25519PublicKey | RSAPublicKey | None = None
        self._algorithm = ""
        if public_key_pem is None:
            return
        try:
            key = load_pem_public_key(public_key_pem.encode())
        except ValueError:
            raise SettingsError("SUPPORT_PORTAL_PUBLIC_KEY is not a PEM public key") from None
        if isinstance(key, Ed25519PublicKey):
            self._key, self._algorithm = key, "EdDSA"
        elif isinstance(key, RSAPublicKey) and key.key_size >= 2048:
            self._key, self._algorithm = key, "RS256"
        else:
            raise SettingsError("SUPPORT_PORTAL_PUBLIC_KEY must be Ed25519, or RSA of at least 2048 bits")

    def decode(self, token: str) -> PortalIdentity:
        """Who the token speaks for; raises `PortalTokenInvalid`.

        Needed claims: `aud` = `support-chat`, `exp`, `iat`, `customer_number`, `email`; `name` is optional.
        """
        if self._key is None:
            raise PortalTokenInvalid("not_configured")
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[self._algorithm],
                audience=PORTAL_AUDIENCE,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "aud", "customer_number", "email"]},
            )
        except jwt.ExpiredSignatureError:
            raise PortalTokenInvalid("expired") from None
        except jwt.PyJWTError:
            raise PortalTokenInvalid("invalid") from None
        number, email, name = claims["customer_number"], claims["email"], claims.get("name", "")
        if (
            not all(isinstance(value, str) for value in (number, email, name))
            or not number
            or "@" not in email
        ):
            raise PortalTokenInvalid("invalid")
        return PortalIdentity(number, email.strip().lower(), name)
