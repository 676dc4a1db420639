"""A visitor whom the customer portal vouches for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.bot.gateway.conftest import Gateways
from tests.bot.gateway.engine_stand_in import EngineStandIn
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.visitor import Visitor, problem

KEY = Ed25519PrivateKey.generate()
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def token(key: Any = KEY, algorithm: str = "EdDSA", **claims: Any) -> str:
    present = datetime.now(UTC)
    usual = {
        "aud": "support-chat",
        "iat": present,
        "exp": present + timedelta(minutes=5),
        "customer_number": "100200",
        "email": "Bestallare@vardcentralen.example",
        "name": "Berit Beställare",
    }
    return jwt.encode({**usual, **claims}, key, algorithm)


@pytest.fixture
def portal_gateway(start_gateway: Gateways) -> RunningGateway:
    return start_gateway(portal_public_key=PEM)


def test_the_engine_is_told_who_a_verified_visitor_is(
    portal_gateway: RunningGateway, engine: EngineStandIn
) -> None:
    visitor = Visitor(portal_gateway.url, customer_token=token()).greeted()
    visitor.ask("hej")
    customer = {
        "customer_number": "100200",
        "name": "Berit Beställare",
        "contact_email": "bestallare@vardcentralen.example",
    }
    assert [body["metadata"]["customer"] for body in engine.received] == [customer, customer]


def test_an_anonymous_visitor_is_no_customer(portal_gateway: RunningGateway, engine: EngineStandIn) -> None:
    Visitor(portal_gateway.url).greeted().ask("kund 100200")
    assert all("customer" not in body["metadata"] for body in engine.received)


@pytest.mark.parametrize(
    "bad",
    [
        "inte-en-token",
        token(Ed25519PrivateKey.generate()),
        token(exp=datetime.now(UTC) - timedelta(hours=1)),
        token(aud="annat"),
        token(customer_number=None),
        jwt.encode({"customer_number": "100200"}, None, "none"),
        token(PEM.replace("-", "").encode(), "HS256"),
    ],
)
def test_a_token_that_is_not_valid_opens_nothing(
    portal_gateway: RunningGateway, engine: EngineStandIn, bad: str
) -> None:
    answer = httpx.post(f"{portal_gateway.url}/api/conversations", json={"customer_token": bad})
    problem(answer, 401, "customer_token_invalid")
    assert engine.received == []


def test_without_a_key_no_token_is_valid(start_gateway: Gateways) -> None:
    answer = httpx.post(f"{start_gateway().url}/api/conversations", json={"customer_token": token()})
    problem(answer, 401, "customer_token_invalid")
