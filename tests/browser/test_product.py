"""The whole product in the browser: widget, gateway, trained engine, actions and order store."""

from __future__ import annotations

import email
import re
from email.policy import default
from typing import Any

from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import NewContext

CUSTOMER, BUYER, HOLDER = "100200", "bestallare@vardcentralen.example", "SE5560360793-1003"


def mailed_code(stack: Any, buyer: str = BUYER) -> str:
    """The six digits of the newest letter to the buyer."""
    letters = sorted(stack.outbox.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in letters:
        letter = email.message_from_bytes(path.read_bytes(), policy=default)
        body = letter.get_body()
        if buyer in str(letter["To"]) and body and (found := re.search(r"\b\d{6}\b", body.get_content())):
            return found.group()
    raise AssertionError("no code has been mailed")


def test_a_puk_code_is_ordered_with_a_code_by_email(stack: Any, new_context: NewContext) -> None:
    page = new_context().new_page()
    page.goto(stack.gateway_url)
    chat = Chat(page).open()
    chat.say(f"Jag vill beställa en PUK-kod till {HOLDER}")
    expect(chat.log.locator("li.bot").last).to_contain_text(re.compile("kundnummer", re.IGNORECASE))
    chat.say(f"Vårt kundnummer är {CUSTOMER}")
    expect(chat.log.locator("li.bot").last).to_contain_text(re.compile("e-post", re.IGNORECASE))
    chat.say(BUYER)
    expect(chat.said("sex siffror")).to_be_visible()
    expect(chat.log.locator("li.bot").last).to_contain_text("Skriv koden")
    code = mailed_code(stack)
    chat.say(code)
    expect(chat.button("Ja, beställ")).to_be_visible()
    expect(chat.log).not_to_contain_text(code)
    expect(chat.log).to_contain_text("••••••")
    chat.button("Ja, beställ").click()
    receipt = chat.window.get_by_role("group", name="Beställningen är mottagen")
    expect(receipt).to_contain_text("Ordernummer")
    expect(receipt).to_contain_text(HOLDER)
    expect(chat.log).to_contain_text("folkbokföringsadress inom några dagar")


def test_a_person_is_reached_while_the_engine_is_down(stack: Any, new_context: NewContext) -> None:
    page = new_context().new_page()
    page.goto(stack.gateway_url)
    chat = Chat(page).open()
    stack.kill("engine")
    try:
        chat.say("Hur låser jag upp kortet?")
        expect(chat.log).to_contain_text("Det tar längre tid än vanligt just nu.")
        chat.button("Prata med en person").last.click()
        expect(chat.window.get_by_role("group", name="Du väntar på en person")).to_be_visible()
    finally:
        stack.restart("engine")
