"""The bot looks at the card: the widget, the real gateway, the real reader bridge and virtual cards."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.browser.conftest import NewContext
from tests.browser.scripted_engine import ScriptedEngine
from tests.reader_bridge.bridge_process import BridgeProcess
from tests.reader_bridge.certificates import HSA_ID
from tests.reader_bridge.kinds import KINDS
from tests.reader_bridge.pcscd import Pcscd
from tests.reader_bridge.vpcd import InsertedCard


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcscd]:
    running = Pcscd(tmp_path_factory.mktemp("pcscd"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def bridge(service: Pcscd, ports: list[int], gateway_url: str) -> Iterator[BridgeProcess]:
    """The bridge where the gateway tells the widget to look for it."""
    options = ["--port", str(ports[3]), "--allow-origin", gateway_url]
    with BridgeProcess(service.environment, *options) as running:
        yield running


def insert(service: Pcscd, kind: str) -> InsertedCard:
    """A card in the reader, seen by a process of its own (PC/SC takes its address once a process)."""
    card = InsertedCard(KINDS[kind](), service.ports[0])
    command = [sys.executable, "-m", "reader_bridge", "diagnose", "--json"]
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        done = subprocess.run(command, env=service.environment, capture_output=True, check=False)
        if any(reader["state"] != "empty" for reader in json.loads(done.stdout)["readers"]):
            return card
    raise AssertionError("the reader never saw the card")


def check_card(chat: Chat, purpose: str = "kontrollera kortet", start: str = "Kontrollera kortet") -> None:
    chat.ask(purpose, "Det gör vi.")
    chat.button(start).last.click()


def pair(chat: Chat, code: str) -> None:
    field = chat.window.get_by_label("Sexsiffrig kod")
    expect(field).to_be_focused()
    field.fill(code)
    field.press("Enter")


def reasons(engine: ScriptedEngine) -> list[str]:
    """Why checks failed, as the engine was told."""
    events = [
        asked["metadata"] for asked in engine.seen if asked["metadata"].get("event") == "card_check_failed"
    ]
    return [event["reason"] for event in events]


def test_an_expired_card_is_found_shown_and_told_to_the_bot(
    chat: Chat, bridge: BridgeProcess, service: Pcscd, engine: ScriptedEngine
) -> None:
    with insert(service, "expired"):
        check_card(chat)
        pair(chat, "12")
        expect(chat.window).to_contain_text("Koden är sex siffror.")
        wrong = "000000" if bridge.code != "000000" else "000001"
        pair(chat, wrong)
        expect(chat.window.get_by_label("Sexsiffrig kod")).to_have_attribute("aria-invalid", "true")
        pair(chat, bridge.code)
        report = chat.window.get_by_role("group", name="Kontroll av kortet")
        expect(report).to_contain_text("Certifikatet på kortet gick ut")
        expect(chat.said("Tack, jag har sett resultatet.")).to_be_visible()
        told = engine.seen[-1]["metadata"]
        assert told["event"] == "card_report"
        assert told["report"]["findings"][0]["code"] == "CERTIFICATE_EXPIRED"
        expect(chat.button("Kontrollera kortet")).to_be_hidden()

        check_card(chat)
        expect(chat.window.get_by_role("group", name="Kontroll av kortet")).to_have_count(2)
        chat.page.reload()
        expect(chat.window.get_by_role("group", name="Kontroll av kortet")).to_have_count(2)
        expect(chat.window.get_by_label("Sexsiffrig kod")).to_be_hidden()


def test_the_hsa_id_is_read_only_after_a_yes(
    chat: Chat, bridge: BridgeProcess, service: Pcscd, engine: ScriptedEngine
) -> None:
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    with insert(service, "ordinary"):
        chat.ask("läs hsa-id", "Det gör vi.")
        expect(chat.window.get_by_role("group", name="Läs HSA-id från kortet")).to_contain_text(
            "HSA-id, namn"
        )
        assert not [url for url in asked if f":{bridge.port}" in url]
        chat.button("Ja, läs HSA-id").click()
        pair(chat, bridge.code)
        expect(chat.said("Tack, jag har sett resultatet.")).to_be_visible()
        assert engine.seen[-1]["metadata"]["report"]["identity"]["hsa_id"] == HSA_ID


def test_a_bridge_that_was_not_started_is_found_at_the_second_try(
    chat: Chat, service: Pcscd, ports: list[int], gateway_url: str
) -> None:
    check_card(chat)
    expect(chat.window).to_contain_text("Jag hittar inte programmet Kortkontroll på den här datorn.")
    options = ["--port", str(ports[3]), "--allow-origin", gateway_url]
    with BridgeProcess(service.environment, *options) as bridge:
        chat.button("Försök igen").click()
        pair(chat, bridge.code)
        report = chat.window.get_by_role("group", name="Kontroll av kortet")
        expect(report).to_contain_text("det sitter inget kort i den")


def test_without_a_bridge_the_bot_goes_on_with_questions(chat: Chat, engine: ScriptedEngine) -> None:
    before = len(reasons(engine))
    check_card(chat)
    chat.button("Fortsätt utan kontroll").click()
    expect(chat.said("Då frågar jag i stället.")).to_be_visible()
    assert reasons(engine)[before:] == ["no_bridge"]
    chat.ask("kontrollera kortet", "Det gör vi.")
    chat.button("Nej, inte nu").click()
    expect(chat.said("Då frågar jag i stället.")).to_have_count(2)
    assert reasons(engine)[before:] == ["no_bridge", "declined"]


def test_three_wrong_codes_end_the_pairing_and_nothing_is_dead_ended(
    chat: Chat, bridge: BridgeProcess, engine: ScriptedEngine
) -> None:
    check_card(chat)
    wrong = "111111" if bridge.code != "111111" else "222222"
    for _ in range(3):
        pair(chat, wrong)
    chat.button("Försök igen").click()
    expect(chat.window).to_contain_text("Koden gäller inte längre.")
    chat.button("Fortsätt utan kontroll").click()
    expect(chat.said("Då frågar jag i stället.")).to_be_visible()
    assert reasons(engine)[-1] == "error"


def test_a_refused_permission_is_told_to_the_bot_at_once(page: Page, engine: ScriptedEngine) -> None:
    # Headless Chromium shows no permission prompt, so the browser's answer is put in its mouth.
    page.add_init_script("navigator.permissions.query = async () => ({state: 'denied'})")
    page.reload()
    chat = Chat(page).open()
    check_card(chat)
    expect(chat.window).to_contain_text("Webbläsaren lät inte sidan nå programmet")
    expect(chat.said("Då frågar jag i stället.")).to_be_visible()
    assert reasons(engine)[-1] == "permission_denied"


def test_a_phone_is_not_sent_looking_for_a_program(
    new_context: NewContext, gateway_url: str, engine: ScriptedEngine
) -> None:
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"
    page = new_context(user_agent=agent).new_page()
    page.goto(gateway_url)
    chat = Chat(page).open()
    check_card(chat)
    expect(chat.window).to_contain_text("Den här webbläsaren kan inte nå programmet.")
    expect(chat.said("Då frågar jag i stället.")).to_be_visible()
    assert reasons(engine)[-1] == "unsupported_browser"
