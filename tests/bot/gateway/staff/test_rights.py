"""Every staff route for nobody, an agent, a supervisor and an admin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from bot.gateway.app import create_app
from bot.gateway.settings import Settings
from bot.gateway.staff.accounts import Role
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.staff.desk import Desk, make_account
from tests.bot.gateway.visitor import Visitor, close_clients, new_client, problem

PREFIX = "/api/staff"
# Who may at least: nobody signed in (None), or a role and those above it.
MATRIX: dict[tuple[str, str], Role | None] = {
    ("GET", "/ways"): None,
    ("POST", "/sign-in"): None,
    ("GET", "/oidc/start"): None,
    ("GET", "/oidc/callback"): None,
    ("GET", "/session"): Role.AGENT,
    ("POST", "/sign-out"): Role.AGENT,
    ("GET", "/colleagues"): Role.AGENT,
    ("GET", "/events"): Role.AGENT,
    ("GET", "/lists"): Role.AGENT,
    ("GET", "/conversations"): Role.AGENT,
    ("GET", "/conversations/{conversation_id}"): Role.AGENT,
    ("POST", "/conversations/{conversation_id}/take"): Role.AGENT,
    ("POST", "/conversations/{conversation_id}/messages"): Role.AGENT,
    ("POST", "/conversations/{conversation_id}/typing"): Role.AGENT,
    ("POST", "/conversations/{conversation_id}/forward"): Role.AGENT,
    ("POST", "/conversations/{conversation_id}/hand-back"): Role.AGENT,
    ("POST", "/conversations/{conversation_id}/close"): Role.AGENT,
    ("POST", "/conversations/{conversation_id}/notes"): Role.AGENT,
    ("PUT", "/conversations/{conversation_id}/hold"): Role.SUPERVISOR,
    ("DELETE", "/conversations/{conversation_id}"): Role.SUPERVISOR,
    ("GET", "/canned"): Role.AGENT,
    ("POST", "/canned"): Role.SUPERVISOR,
    ("PUT", "/canned/{canned_id}"): Role.SUPERVISOR,
    ("DELETE", "/canned/{canned_id}"): Role.SUPERVISOR,
    ("GET", "/orders"): Role.AGENT,
    ("GET", "/orders/{number}"): Role.AGENT,
    ("POST", "/orders/{number}/state"): Role.AGENT,
    ("GET", "/insight"): Role.SUPERVISOR,
    ("GET", "/insight.csv"): Role.SUPERVISOR,
    ("POST", "/training-draft"): Role.SUPERVISOR,
    ("GET", "/customers/{number}/export"): Role.SUPERVISOR,
    ("GET", "/audit"): Role.ADMIN,
}
RANK = [None, *Role]


def _routes(of: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """Every method and path of an app or a router, however deep it is included."""
    for route in of.routes:
        if isinstance(route, APIRoute):
            yield from ((method, before + route.path) for method in sorted(route.methods))
        elif (included := getattr(route, "original_router", None)) is not None:
            yield from _routes(included, before + route.include_context.prefix)


@pytest.fixture(scope="module")
def desks(shared_gateway: RunningGateway) -> dict[Role, Desk]:
    for role in Role:
        make_account(shared_gateway.settings.database_url, f"matris-{role}", role)
    return {role: Desk(shared_gateway.url, f"matris-{role}") for role in Role}


@pytest.fixture(scope="module", autouse=True)
def _close() -> Iterator[None]:
    yield
    close_clients()


def test_the_matrix_knows_every_route_of_the_app() -> None:
    served = {(method, path) for method, path in _routes(create_app(Settings())) if path.startswith(PREFIX)}
    assert {(method, path.removeprefix(PREFIX)) for method, path in served} == set(MATRIX)


@pytest.mark.parametrize("role", RANK)
@pytest.mark.parametrize(("method", "path"), MATRIX)
def test_a_route_is_open_to_those_who_may_and_to_nobody_else(
    method: str, path: str, role: Role | None, shared_gateway: RunningGateway, desks: dict[Role, Desk]
) -> None:
    needed = MATRIX[method, path]
    url = PREFIX + re.sub(r"\{[a-z_]+\}", "1", path)
    # Signing out ends the session, so it has one of its own.
    desk = (
        Desk(shared_gateway.url, f"matris-{role}") if role and path == "/sign-out" else role and desks[role]
    )
    client = desk.http if desk else new_client(base_url=shared_gateway.url)
    headers = desk.headers if desk else {}
    body = {} if method in ("POST", "PUT") else None
    with client.stream(method, url, headers=headers, json=body) as answer:
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            assert needed is Role.AGENT and role is not None  # it never ends
            return
        answer.read()
    if needed is not None and role is None:
        problem(answer, 401, "signed_out")
    elif RANK.index(role) < RANK.index(needed):
        problem(answer, 403, "not_allowed")
    else:
        kind = answer.headers.get("content-type")
        said = answer.json() if answer.content and kind == "application/json" else {}
        code = said.get("code") if isinstance(said, dict) else None
        assert code not in ("signed_out", "not_allowed", "csrf_failed")
        assert answer.status_code < 500 or code == "orders_unavailable"


@pytest.mark.parametrize(
    ("method", "path"), [route for route, role in MATRIX.items() if route[0] != "GET" and role]
)
def test_a_change_without_the_sessions_token_is_refused(
    method: str, path: str, desks: dict[Role, Desk]
) -> None:
    url = PREFIX + re.sub(r"\{[a-z_]+\}", "1", path)
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
