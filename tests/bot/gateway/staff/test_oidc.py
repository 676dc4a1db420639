"""Signing in with OpenID Connect, against a provider that runs on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bot.gateway.staff.accounts import Role
from tests.bot.gateway.conftest import Gateways
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.staff.desk import Desk, make_account
from tests.bot.gateway.staff.provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.bot.gateway.visitor import new_client, problem
from tests.conftest import _free_port


@pytest.fixture
def provider() -> Iterator[Provider]:
    running = Provider(_free_port())
    running.start()
    yield running
    running.stop()


@pytest.fixture
def gateway(provider: Provider, start_gateway: Gateways, monkeypatch: pytest.MonkeyPatch) -> RunningGateway:
    monkeypatch.setenv("SUPPORT_STAFF_OIDC_ISSUER", provider.issuer)
    monkeypatch.setenv("SUPPORT_STAFF_OIDC_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("SUPPORT_STAFF_OIDC_CLIENT_SECRET", CLIENT_SECRET)
    monkeypatch.setenv("SUPPORT_STAFF_OIDC_ROLES", '{"Support": "agent", "Supportchef": "supervisor"}')
    return start_gateway()


def _sign_in(gateway: RunningGateway) -> tuple[httpx.Client, str]:
    """A browser that follows every redirect; and where it ended."""
    client = new_client(base_url=gateway.url, follow_redirects=True)
    answer = client.get("/api/staff/oidc/start")
    return client, str(answer.url).removeprefix(gateway.url)


def test_the_role_and_the_name_follow_the_provider(gateway: RunningGateway, provider: Provider) -> None:
    provider.person |= {"roles": ["annat", "Support", "Supportchef"]}
    client, ended = _sign_in(gateway)
    assert ended == "/personal/"
    me = client.get("/api/staff/session").json()
    assert (me["name"], me["username"], me["role"]) == ("Olga Berg", "olga", Role.SUPERVISOR)
    provider.person |= {"name": "Olga Ek", "roles": "Support"}
    again = _sign_in(gateway)[0].get("/api/staff/session").json()
    assert (again["id"], again["name"], again["role"]) == (me["id"], "Olga Ek", Role.AGENT)
    # a session never keeps more than the account has
    assert client.get("/api/staff/session").json()["role"] == Role.AGENT


def test_without_a_role_nobody_comes_in(gateway: RunningGateway, provider: Provider) -> None:
    provider.person |= {"roles": ["annat"]}
    client, ended = _sign_in(gateway)
    assert ended == "/personal/#fel=oidc_no_role"
    problem(client.get("/api/staff/session"), 401, "signed_out")


@pytest.mark.parametrize(
    "spoil",
    [
        {"nonce": "gammal"},
        {"aud": "en annan"},
        {"aud": [CLIENT_ID, "en annan"]},
        {"iss": "http://127.0.0.1:1"},
        {"exp": int(time.time()) - 3600},
    ],
    ids=["nonce", "audience", "several audiences", "issuer", "expired"],
)
def test_a_token_that_is_not_for_us_is_refused(
    spoil: dict[str, Any], gateway: RunningGateway, provider: Provider
) -> None:
    provider.person |= {"roles": ["Support"]}
    provider.spoil = spoil
    assert _sign_in(gateway)[1] == "/personal/#fel=oidc_failed"


def test_a_forged_signature_is_refused(gateway: RunningGateway, provider: Provider) -> None:
    provider.person |= {"roles": ["Support"]}
    provider.forge = True
    assert _sign_in(gateway)[1] == "/personal/#fel=oidc_failed"


def test_the_answer_of_another_browsers_flow_is_refused(gateway: RunningGateway, provider: Provider) -> None:
    """Sign-in forgery: an attacker's code must not sign the victim in as the attacker."""
    provider.person |= {"roles": ["Support"]}
    attacker = new_client(base_url=gateway.url)
    at_provider = attacker.get(attacker.get("/api/staff/oidc/start").headers["location"])
    link = at_provider.headers["location"]
    victim = new_client(base_url=gateway.url)
    victim.get("/api/staff/oidc/start")
    assert victim.get(link).headers["location"] == "/personal/#fel=oidc_failed"
    problem(victim.get("/api/staff/session"), 401, "signed_out")


def test_a_stolen_code_is_worth_nothing_without_its_verifier(
    gateway: RunningGateway, provider: Provider
) -> None:
    """PKCE (RFC 7636): the thief's own flow has another verifier, and the provider refuses."""
    provider.person |= {"roles": ["Support"]}
    victim, thief = (new_client(base_url=gateway.url) for _ in range(2))
    stolen = httpx.URL(
        victim.get(victim.get("/api/staff/oidc/start").headers["location"]).headers["location"]
    )
    own = httpx.URL(thief.get("/api/staff/oidc/start").headers["location"])
    link = stolen.copy_set_param("state", own.params["state"])
    assert thief.get(link).headers["location"] == "/personal/#fel=oidc_failed"
    assert provider.refused == ["invalid_grant"]
    problem(thief.get("/api/staff/session"), 401, "signed_out")


@pytest.mark.parametrize(
    "change", ["state", "no state", "no code", "no cookie", "forged cookie", "used code"]
)
def test_an_answer_that_is_not_the_flows_own_is_refused(
    change: str, gateway: RunningGateway, provider: Provider
) -> None:
    provider.person |= {"roles": ["Support"]}
    client = new_client(base_url=gateway.url)
    link = httpx.URL(client.get(client.get("/api/staff/oidc/start").headers["location"]).headers["location"])
    if change == "state":
        link = link.copy_set_param("state", "x" * 64)
    elif change == "no state":
        link = link.copy_remove_param("state")
    elif change == "no code":  # what a provider sends when the person refuses (RFC 6749, 4.1.2.1)
        link = link.copy_remove_param("code").copy_set_param("error", "access_denied")
    elif change == "no cookie":
        client.cookies.clear()
    elif change == "forged cookie":
        sealed = client.cookies["support_staff_flow"]
        client.cookies.clear()
        client.cookies.set("support_staff_flow", sealed[:-2] + ("aa" if sealed[-2:] != "aa" else "bb"))
    else:
        used = new_client(base_url=gateway.url, cookies=dict(client.cookies))
        assert used.get(link).headers["location"] == "/personal/"
    assert client.get(link).headers["location"] == "/personal/#fel=oidc_failed"
    problem(client.get("/api/staff/session"), 401, "signed_out")


def test_a_token_without_a_signature_is_refused(gateway: RunningGateway, provider: Provider) -> None:
    provider.person |= {"roles": ["Support"]}
    provider.unsigned = True
    assert _sign_in(gateway)[1] == "/personal/#fel=oidc_failed"


def test_a_provider_that_calls_itself_another_or_is_away_is_not_trusted(
    gateway: RunningGateway, provider: Provider
) -> None:
    provider.called = "http://127.0.0.1:1"
    client = new_client(base_url=gateway.url)
    problem(client.get("/api/staff/oidc/start"), 401, "oidc_failed")
    provider.stop()
    problem(client.get("/api/staff/oidc/start"), 401, "oidc_failed")


def test_a_provider_cannot_take_over_a_local_account(gateway: RunningGateway, provider: Provider) -> None:
    make_account(gateway.settings.database_url, "olga", Role.ADMIN)
    provider.person |= {"roles": ["Support"]}
    me = _sign_in(gateway)[0].get("/api/staff/session").json()
    assert me["role"] == Role.AGENT and me["username"] != "olga"
    assert Desk(gateway.url, "olga").me["id"] != me["id"]


def test_a_disabled_account_stays_out(gateway: RunningGateway, provider: Provider) -> None:
    from bot.gateway.database import create_engine
    from bot.gateway.staff import accounts

    provider.person |= {"roles": ["Support"]}
    client, _ = _sign_in(gateway)
    engine = create_engine(gateway.settings.database_url, immediate=True)
    with engine.begin() as connection:
        accounts.disable(connection, "olga")
    engine.dispose()
    problem(client.get("/api/staff/session"), 401, "signed_out")
    assert _sign_in(gateway)[1] == "/personal/#fel=sign_in_failed"


def test_without_a_provider_there_is_no_such_way(start_gateway: Gateways) -> None:
    gateway = start_gateway()
    client = new_client(base_url=gateway.url)
    assert client.get("/api/staff/ways").json() == {"oidc": None}
    problem(client.get("/api/staff/oidc/start"), 404, "oidc_off")
