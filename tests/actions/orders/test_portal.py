from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr

from actions.orders import OrderService, OrderSettings, VerificationMethod
from actions.orders.errors import PortalTokenInvalid, SettingsError, VerificationExpired
from actions.orders.portal import PortalTokens

from .conftest import CONTACT, CUSTOMER, OTHER_CONTACT, OTHER_CUSTOMER, Clock, ServiceMaker

ED25519 = Ed25519PrivateKey.generate()
RSA = generate_rsa(public_exponent=65537, key_size=2048)
Key = Ed25519PrivateKey | RSAPrivateKey


def _pem(key: Any) -> str:
    return str(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def _token(key: Key = ED25519, **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "aud": "support-chat",
        "iat": now,
        "exp": now + 300,
        "customer_number": CUSTOMER,
        "email": CONTACT,
        "name": "Bo",
    }
    kept = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode(kept, key, algorithm="EdDSA" if isinstance(key, Ed25519PrivateKey) else "RS256")


@pytest.fixture
def portal(make_service: ServiceMaker, settings: OrderSettings) -> OrderService:
    return make_service(settings.model_copy(update={"portal_public_key": _pem(ED25519)}))


@pytest.mark.parametrize("key", [ED25519, RSA])
def test_a_signed_token_says_who(key: Key) -> None:
    identity = PortalTokens(_pem(key)).decode(_token(key))
    assert (identity.customer_number, identity.contact_email, identity.contact_name) == (
        CUSTOMER,
        CONTACT,
        "Bo",
    )


def test_a_token_verifies_its_conversation(portal: OrderService, clock: Clock) -> None:
    customer = portal.verify_portal_token("c1", _token())
    assert (customer.customer_number, customer.method) == (CUSTOMER, VerificationMethod.PORTAL)
    assert portal.verified_customer("c1") == customer
    clock.pass_time(minutes=30)
    assert portal.verified_customer("c1") is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": 1}, "expired"),
        ({"exp": None}, "invalid"),
        ({"iat": None}, "invalid"),
        ({"aud": "another-service"}, "invalid"),
        ({"customer_number": None}, "invalid"),
        ({"customer_number": 100200}, "invalid"),
        ({"customer_number": ""}, "invalid"),
        ({"email": "nobody"}, "invalid"),
        ({"name": 7}, "invalid"),
        ({"customer_number": "999999"}, "unknown_customer"),
    ],
)
def test_an_unusable_token_is_refused(portal: OrderService, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(PortalTokenInvalid) as refused:
        portal.verify_portal_token("c1", _token(**changes))
    assert refused.value.reason == reason
    assert portal.verified_customer("c1") is None


def _forgeries() -> list[str]:
    claims = jwt.decode(_token(), options={"verify_signature": False})
    head, body, signature = _token().split(".")
    return [
        _token(Ed25519PrivateKey.generate()),
        _token(RSA),
        jwt.encode(claims, "", algorithm="none"),
        f"{head}.{body}.",
        f"{head}.{body[:-4]}AAAA.{signature}",
        "",
        "a.b.c",
        "x" * 5000,
    ]


@pytest.mark.parametrize("forgery", _forgeries())
def test_a_forged_token_is_refused(forgery: str) -> None:
    with pytest.raises(PortalTokenInvalid) as refused:
        PortalTokens(_pem(ED25519)).decode(forgery)
    assert refused.value.reason == "invalid"


def test_the_public_key_cannot_be_used_as_a_shared_secret() -> None:
    import base64
    import hashlib
    import hmac

    pem = _pem(RSA)
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=")
    body = _token(RSA).split(".")[1].encode()
    mac = hmac.new(pem.encode(), head + b"." + body, hashlib.sha256).digest()
    forged = b".".join([head, body, base64.urlsafe_b64encode(mac).rstrip(b"=")]).decode()
    with pytest.raises(PortalTokenInvalid):
        PortalTokens(pem).decode(forged)


def test_without_a_key_no_token_is_good(service: OrderService) -> None:
    with pytest.raises(PortalTokenInvalid) as refused:
        service.verify_portal_token("c1", _token())
    assert refused.value.reason == "not_configured"


@pytest.mark.parametrize("pem", ["no key", _pem(generate_private_key(SECP256R1()))])
def test_an_unusable_key_stops_the_start(pem: str) -> None:
    with pytest.raises(SettingsError, match="SUPPORT_PORTAL_PUBLIC_KEY"):
        PortalTokens(pem)


def test_a_key_may_stand_in_a_file(tmp_path: Any) -> None:
    path = tmp_path / "portal.pem"
    path.write_text(_pem(ED25519))
    assert OrderSettings(portal_public_key=str(path)).portal_public_key == _pem(ED25519)
    assert OrderSettings(secret_key=SecretStr("x"), portal_public_key="  ").portal_public_key is None


def test_repeated_metadata_does_not_prolong(service: OrderService, clock: Clock) -> None:
    first = service.accept_portal_customer("c1", CUSTOMER, CONTACT)
    clock.pass_time(minutes=29)
    assert service.accept_portal_customer("c1", CUSTOMER, CONTACT.upper()) == first
    clock.pass_time(minutes=1)
    with pytest.raises(VerificationExpired):
        service.accept_portal_customer("c1", CUSTOMER, CONTACT)
    assert (
        service.accept_portal_customer("c1", OTHER_CUSTOMER, OTHER_CONTACT).customer_number == OTHER_CUSTOMER
    )
