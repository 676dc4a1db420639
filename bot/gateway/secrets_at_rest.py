"""Tokens are kept as hashes; a one-time code is kept encrypted until the engine has taken it."""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def new_token() -> str:
    """A bearer token with 256 random bits, safe in a header."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """What is stored of a token. No salt: the token is random already, and it is looked up by this."""
    return hashlib.sha256(token.encode()).hexdigest()


class CodeBox:
    """Encrypts one-time codes with a key derived from the product's secret."""

    def __init__(self, secret_key: str) -> None:
        derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"gateway one-time code")
        self._fernet = Fernet(base64.urlsafe_b64encode(derive.derive(secret_key.encode())))

    def lock(self, code: str) -> bytes:
        """The code, encrypted."""
        return self._fernet.encrypt(code.encode())

    def open(self, locked: bytes) -> str | None:
        """The code again; None when the product's secret was changed in between."""
        try:
            return self._fernet.decrypt(locked).decode()
        except InvalidToken:
            return None
