"""Every staff route for nobody, an agent, a supervisor and an admin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from bot.gateway.staff.accounts import Role
from bot.gateway.staff.routes import router
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.staff.desk import Desk, make_account
from tests.bot.gateway.visitor import Visitor, close_clients, new_client, problem

OPEN = {("GET", "/ways"), ("POST", "/sign-in"), ("GET", "/oidc/start"), ("GET", "/oidc/callback")}
SUPERVISOR = {
    ("PUT", "/conversations/{conversation_id}/hold"),
    ("DELETE", "/conversations/{conversation_id}"),
    ("POST", "/canned"),
    ("PUT", "/canned/{canned_id}"),
    ("DELETE", "/canned/{canned_id}"),
    ("GET", "/insight"),
    ("GET", "/insight.csv"),
    ("POST", "/training-draft"),
    ("GET", "/customers/{number}/export"),
}
ADMIN = {("GET", "/audit")}
RANK = [None, Role.AGENT, Role.SUPERVISOR, Role.ADMIN]


def _routes(of: Any = router) -> Iterator[tuple[str, str]]:
    for route in of.routes:
        if isinstance(route, APIRoute):
            for method in sorted(route.methods):
                yield method, route.path.removeprefix("/api/staff")
        else:
            included = getattr(route, "original_router", None)
            if included is not None:
                yield from _routes(included)


ROUTES = sorted(set(_routes()))


@pytest.fixture(scope="module")
def desks(shared_gateway: RunningGateway) -> dict[Role, Desk]:
    for role in Role:
        make_account(shared_gateway.settings.database_url, f"matris-{role}", role)
    return {role: Desk(shared_gateway.url, f"matris-{role}") for role in Role}


@pytest.fixture(scope="module", autouse=True)
def _close() -> Iterator[None]:
    yield
    close_clients()


def test_the_matrix_knows_every_route() -> None:
    assert set(ROUTES) >= OPEN | SUPERVISOR | ADMIN
    assert len(ROUTES) >= 28


@pytest.mark.parametrize("role", RANK)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_route_is_open_to_those_who_may_and_to_nobody_else(
    method: str, path: str, role: Role | None, shared_gateway: RunningGateway, desks: dict[Role, Desk]
) -> None:
    if path in ("/events", "/sign-out") and role is not None:
        pytest.skip("tested by itself: it does not end, or ends the session")
    needed = (
        None
        if (method, path) in OPEN
        else Role.ADMIN
        if (method, path) in ADMIN
        else Role.SUPERVISOR
        if (method, path) in SUPERVISOR
        else Role.AGENT
    )
    url = "/api/staff" + re.sub(r"\{[a-z_]+\}", "1", path)
    client = new_client(base_url=shared_gateway.url) if role is None else desks[role].http
    headers = {} if role is None else desks[role].headers
    answer = client.request(method, url, headers=headers, json={} if method in ("POST", "PUT") else None)
    code = (
        answer.json().get("code")
        if answer.headers["content-type"] == "application/json"
        and answer.content
        and isinstance(answer.json(), dict)
        else None
    )
    if needed is not None and role is None:
        problem(answer, 401, "signed_out")
    elif RANK.index(role) < RANK.index(needed):
        problem(answer, 403, "not_allowed")
    else:
        assert code not in ("signed_out", "not_allowed", "csrf_failed")
        assert answer.status_code < 500 or code == "orders_unavailable"


@pytest.mark.parametrize(
    ("method", "path"), [route for route in ROUTES if route[0] != "GET" and route not in OPEN]
)
def test_a_change_without_the_sessions_token_is_refused(
    method: str, path: str, desks: dict[Role, Desk]
) -> None:
    url = "/api/staff" + re.sub(r"\{[a-z_]+\}", "1", path)
    http = desks[Role.ADMIN].http
    for headers in ({}, {"X-CSRF-Token": "fel"}):
        problem(http.request(method, url, headers=headers, json={}), 403, "csrf_failed")
    forged = {**desks[Role.ADMIN].headers, "Sec-Fetch-Site": "cross-site"}
    problem(http.request(method, url, headers=forged, json={}), 403, "csrf_failed")


def test_an_agent_reads_open_chats_and_own_old_ones_a_supervisor_all(
    desks: dict[Role, Desk], shared_gateway: RunningGateway
) -> None:
    visitor = Visitor(shared_gateway.url).greeted()
    agent, supervisor = desks[Role.AGENT], desks[Role.SUPERVISOR]
    visitor.write("unikt ord grävling")
    path = f"/conversations/{visitor.id}"
    assert agent.get(path).status_code == 200
    visitor.post("/close")
    problem(agent.get(path), 403, "not_allowed")
    problem(agent.post(f"{path}/notes", text="hej"), 403, "not_allowed")
    assert agent.get("/conversations", params={"text": "grävling"}).json() == []
    found = supervisor.get("/conversations", params={"text": "grävling"}).json()
    assert [chat["id"] for chat in found] == [visitor.id]
    own = Visitor(shared_gateway.url).greeted()
    own.post("/handoff")
    agent.take(own.id)
    agent.post(f"/conversations/{own.id}/close", reason="solved")
    assert agent.get(f"/conversations/{own.id}").status_code == 200


def test_readings_takeovers_and_exports_are_in_the_audit_log(
    desks: dict[Role, Desk], shared_gateway: RunningGateway
) -> None:
    visitor = Visitor(shared_gateway.url).greeted()
    agent = desks[Role.AGENT]
    agent.get(f"/conversations/{visitor.id}")
    agent.take(visitor.id)
    desks[Role.SUPERVISOR].get("/insight.csv")
    lines = desks[Role.ADMIN].get("/audit").json()
    seen = {(line["action"], line["conversation_id"]) for line in lines}
    assert {("read", visitor.id), ("take", visitor.id), ("export_insight", None)} <= seen
