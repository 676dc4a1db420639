from __future__ import annotations

import pytest

from actions.orders.errors import SettingsError
from actions.orders.settings import load_settings, webhook_key

GOOD_KEY = "k" * 40
WEBHOOK_SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MODE", "DATABASE_URL", "SECRET_KEY", "MAIL_URL", "ORDER_WEBHOOK_URL", "ORDER_EMAIL"):
        monkeypatch.delenv(f"SUPPORT_{name}", raising=False)


def _production(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    good = {"MODE": "production", "SECRET_KEY": GOOD_KEY, "MAIL_URL": "smtp://mail.example:587"}
    for name, value in (good | values).items():
        monkeypatch.setenv(f"SUPPORT_{name}", value)


def test_everything_has_a_local_default() -> None:
    settings = load_settings()
    assert settings.mode == "local"
    assert settings.database_url.get_secret_value() == "sqlite:///var/support.db"
    assert settings.mail_url.get_secret_value() == "file:var/outbox"


def test_complete_production_settings_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    _production(monkeypatch, DATABASE_URL="postgresql://user:secret@db.example/support")
    assert (
        load_settings().database_url.get_secret_value()
        == "postgresql+psycopg://user:secret@db.example/support"
    )


@pytest.mark.parametrize("key", ["", "local-development-only", "short"])
def test_production_refuses_a_missing_or_known_secret(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    _production(monkeypatch, SECRET_KEY=key)
    with pytest.raises(SettingsError, match="SUPPORT_SECRET_KEY"):
        load_settings()


def test_production_refuses_codes_written_to_files(monkeypatch: pytest.MonkeyPatch) -> None:
    _production(monkeypatch, MAIL_URL="file:var/outbox")
    with pytest.raises(SettingsError, match="SUPPORT_MAIL_URL"):
        load_settings()


def test_production_refuses_an_unencrypted_webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    _production(
        monkeypatch, ORDER_WEBHOOK_URL="http://portal.example/in", ORDER_WEBHOOK_SECRET=WEBHOOK_SECRET
    )
    with pytest.raises(SettingsError, match="https"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://user:hemligt@db/x"),
        ("DATABASE_URL", "hemligt"),
        ("MAIL_URL", "hemligt"),
        ("MAIL_URL", "smtp://:hemligt@"),
        ("ORDER_WEBHOOK_SECRET", "whsec_hemligt!"),
        ("ORDER_WEBHOOK_SECRET", "whsec_aGVtbGlndA=="),
        ("PORTAL_PUBLIC_KEY", "/finns/inte/hemligt.pem"),
        ("MODE", "hemligt"),
    ],
)
def test_a_bad_value_is_named_but_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"SUPPORT_{name}", value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert f"SUPPORT_{name}" in str(refused.value)
    assert "hemligt" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_webhook_needs_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORT_ORDER_WEBHOOK_URL", "http://127.0.0.1:9/in")
    with pytest.raises(SettingsError, match="SUPPORT_ORDER_WEBHOOK_SECRET"):
        load_settings()
    monkeypatch.setenv("SUPPORT_ORDER_WEBHOOK_SECRET", WEBHOOK_SECRET)
    secret = load_settings().order_webhook_secret
    assert secret is not None
    assert len(webhook_key(secret)) == 24
