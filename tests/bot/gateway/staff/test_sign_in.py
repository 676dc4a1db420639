"""Signing in with a local account: what opens, what locks, what a cookie may do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.gateway.database import create_engine
from bot.gateway.staff import accounts
from bot.gateway.staff.accounts import Role
from bot.gateway.staff.tables import accounts as account_table
from bot.gateway.staff.tables import audit, sessions
from tests.bot.gateway.conftest import Gateways
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.staff.desk import PASSWORD, Desk, make_account
from tests.bot.gateway.visitor import new_client, problem

ROOT = Path(__file__).parents[4]


def _try(gateway: RunningGateway, username: str, password: str) -> object:
    body = {"username": username, "password": password}
    return new_client(base_url=gateway.url).post("/api/staff/sign-in", json=body)


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(start_gateway: Gateways) -> None:
    gateway = start_gateway()
    make_account(gateway.settings.database_url, "anna")
    answer = _try(gateway, "  ANNA ", PASSWORD)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie
    token = answer.cookies["support_staff"]
    engine = create_engine(gateway.settings.database_url)
    with engine.begin() as connection:
        assert token not in str(connection.execute(sa.select(sessions)).all())
        stored = connection.execute(sa.select(account_table.c.password_hash)).scalar_one()
    engine.dispose()
    assert stored.startswith("$argon2id$") and PASSWORD not in stored


def test_in_production_the_cookie_never_leaves_tls(start_gateway: Gateways) -> None:
    gateway = start_gateway(mode="production", secret_key="x" * 40)
    make_account(gateway.settings.database_url, "anna")
    cookie = _try(gateway, "anna", PASSWORD).headers["set-cookie"]
    assert cookie.startswith("__Host-support_staff=") and "secure" in cookie.lower()


def test_a_name_is_locked_whether_or_not_it_exists(
    start_gateway: Gateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORT_STAFF_LOCK_AFTER", "3")
    gateway = start_gateway()
    make_account(gateway.settings.database_url, "anna")
    for name in ("anna", "finns-inte"):
        for _ in range(3):
            problem(_try(gateway, name, "fel lösenord"), 401, "sign_in_failed")
        answer = _try(gateway, name, PASSWORD)
        problem(answer, 429, "sign_in_locked")
        assert 0 < int(answer.headers["retry-after"]) <= 900
    gateway.stop()
    gateway.start()
    problem(_try(gateway, "anna", PASSWORD), 429, "sign_in_locked")  # a restart opens no lock
    engine = create_engine(gateway.settings.database_url, immediate=True)
    with engine.begin() as connection:
        accounts.set_password(connection, "anna", "ett annat lösenord")
    engine.dispose()
    assert _try(gateway, "anna", "ett annat lösenord").status_code == 200


def test_signing_out_ends_the_session_on_the_server(start_gateway: Gateways) -> None:
    gateway = start_gateway()
    make_account(gateway.settings.database_url, "anna")
    anna = Desk(gateway.url, "anna")
    kept = anna.http.cookies["support_staff"]
    assert anna.post("/sign-out").status_code == 204
    again = new_client(base_url=gateway.url, cookies={"support_staff": kept})
    problem(again.get("/api/staff/session"), 401, "signed_out")


def test_a_session_ends_by_itself(start_gateway: Gateways, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORT_STAFF_SESSION_IDLE_MINUTES", "0.000001")
    gateway = start_gateway()
    make_account(gateway.settings.database_url, "anna")
    problem(Desk(gateway.url, "anna").get("/session"), 401, "signed_out")


def test_the_command_line_makes_and_closes_accounts(
    start_gateway: Gateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = start_gateway()
    monkeypatch.setenv("SUPPORT_DATABASE_URL", gateway.settings.database_url)

    def run(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bot", "staff", *words]
        return subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True, check=False)

    short = run("add", "eva", "--name", "Eva", given="kort\n")
    assert short.returncode == 1 and "12" in short.stderr
    added = run("add", "eva", "--name", "Eva Lind", "--role", "admin", given=f"{PASSWORD}\n")
    assert added.returncode == 0, added.stderr
    eva = Desk(gateway.url, "eva")
    assert eva.me["role"] == Role.ADMIN and eva.me["name"] == "Eva Lind"
    assert "eva" in run("list").stdout
    assert run("add", "EVA", "--name", "E", given=f"{PASSWORD}\n").returncode == 1
    assert run("password", "eva", given="ett nytt lösenord\n").returncode == 0
    problem(eva.get("/session"), 401, "signed_out")
    Desk(gateway.url, "eva", "ett nytt lösenord")
    assert run("disable", "eva").returncode == 0
    problem(_try(gateway, "eva", "ett nytt lösenord"), 401, "sign_in_failed")
    assert run("enable", "eva").returncode == 0
    Desk(gateway.url, "eva", "ett nytt lösenord")
    assert run("disable", "finns-inte").returncode == 1


def test_the_audit_log_cannot_be_changed(gateway: RunningGateway) -> None:
    make_account(gateway.settings.database_url, "anna")
    Desk(gateway.url, "anna")
    engine = create_engine(gateway.settings.database_url, immediate=True)
    for change in (sa.delete(audit), sa.update(audit).values(username="någon")):
        with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
            connection.execute(change)
    engine.dispose()
