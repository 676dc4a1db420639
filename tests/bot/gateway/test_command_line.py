"""`python -m bot.gateway`: what it prints, and how it refuses to start."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.gateway.__main__ import main
from tests.bot.gateway.conftest import Gateways
from tests.bot.gateway.visitor import Visitor, eventually


@pytest.fixture(autouse=True)
def own_database(monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> str:
    monkeypatch.setenv("SUPPORT_DATABASE_URL", sqlite_url)
    # Logs of the whole process would go on to this test's captured output after it is closed.
    monkeypatch.setattr("bot.gateway.logs.configure", lambda *_, **__: None)
    return sqlite_url


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line on standard error of a command that must fail."""
    capsys.readouterr()
    assert main(list(arguments)) == 1
    error = capsys.readouterr().err
    assert error.startswith("gateway: ")
    assert error.count("\n") == 1
    return error


def test_an_unmigrated_or_old_database_is_refused(
    capsys: pytest.CaptureFixture[str], own_database: str
) -> None:
    assert "python -m bot.gateway migrate" in refused(capsys, "serve", "--port", "0")
    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0
    engine = sa.create_engine(own_database, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version_gateway SET version_num = '0000'"))
    assert "python -m bot.gateway migrate" in refused(capsys, "serve", "--port", "0")


def test_a_taken_port_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    main(["migrate"])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"127.0.0.1:{port}" in refused(capsys, "serve", "--port", port)


def test_a_second_gateway_on_the_same_database_is_refused(
    capsys: pytest.CaptureFixture[str], start_gateway: Gateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.gateway.exclusive._WAIT_SECONDS", 0.2)
    start_gateway()
    assert "another gateway" in refused(capsys, "serve", "--port", "0")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SUPPORT_DATABASE_URL", "mysql://x"),
        ("SUPPORT_MODE", "prod"),
        ("SUPPORT_WRITES_PER_MINUTE", "0"),
        ("SUPPORT_PORTAL_PUBLIC_KEY", "/finns/inte.pem"),
        ("SUPPORT_OPENING_HOURS", "alltid"),
    ],
)
def test_a_wrong_setting_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    if name != "SUPPORT_DATABASE_URL":
        main(["migrate"])
    monkeypatch.setenv(name, value)
    line = refused(capsys, "serve", "--port", "0")
    assert name in line or value in line


@pytest.mark.parametrize("secret", [None, "", "short", "local-development-only"])
def test_outside_local_mode_a_secret_of_ones_own_is_needed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, secret: str | None
) -> None:
    monkeypatch.setenv("SUPPORT_MODE", "production")
    if secret is not None:
        monkeypatch.setenv("SUPPORT_SECRET_KEY", secret)
    assert "SUPPORT_SECRET_KEY" in refused(capsys, "serve", "--port", "0")


def test_an_operator_sets_banner_and_hours_while_it_runs(
    capsys: pytest.CaptureFixture[str], start_gateway: Gateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.gateway.site._SEEN_WITHIN_SECONDS", 0.05)
    gateway = start_gateway(outage_banner="Från miljön")
    visitor = Visitor(gateway.url)

    def site() -> dict[str, object]:
        answer: dict[str, object] = visitor.http.get("/api/site").json()
        return answer

    assert site()["banner"] == {"level": "warning", "text": "Från miljön"}
    assert main(["site", "banner", "Kundportalen ligger nere.", "--level", "info"]) == 0
    eventually(lambda: site()["banner"] == {"level": "info", "text": "Kundportalen ligger nere."})
    assert main(["site", "banner"]) == 0
    eventually(lambda: site()["banner"] is None)
    assert main(["site", "banner", "--default"]) == 0
    eventually(lambda: site()["banner"] == {"level": "warning", "text": "Från miljön"})
    assert main(["site", "hours", "mån-sön 00:00-23:59", "--closed", "2030-01-02"]) == 0
    eventually(lambda: site()["opening"]["text"] is not None)  # type: ignore[index]
    assert main(["site", "show"]) == 0
    assert "mån-sön 00:00-23:59" in capsys.readouterr().out
    assert "cannot read" in refused(capsys, "site", "hours", "jämt")


def test_the_default_database_is_made_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORT_DATABASE_URL", f"sqlite:///{tmp_path}/ny/mapp/support.db")
    assert main(["migrate"]) == 0
    assert (tmp_path / "ny" / "mapp" / "support.db").exists()
