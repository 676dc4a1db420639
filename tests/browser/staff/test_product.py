"""The whole product with a person in it: an order that is handed over, handed back and completed."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from bot.gateway.staff.accounts import Role
from tests.bot.gateway.staff.desk import make_account
from tests.browser.chat import Chat
from tests.browser.conftest import NewContext
from tests.browser.staff.personal import Personal, assert_accessible
from tests.browser.test_product import mailed_code

# Another customer than the other tests of the product have: an order for the same card would be a second one.
CUSTOMER, BUYER, HOLDER = "100300", "bestallare@tandvarden.example", "SE2321000016-TEST1"


def test_an_order_goes_on_with_its_open_question_after_a_person(stack: Any, new_context: NewContext) -> None:
    make_account(stack.database_url, "stina", Role.SUPERVISOR, "Stina")
    stina = Personal(new_context().new_page(), stack.gateway_url).sign_in("stina")
    page = new_context().new_page()
    page.goto(stack.gateway_url)
    chat = Chat(page).open()
    latest = chat.log.locator("li.bot").last
    chat.say(f"Jag vill beställa en PUK-kod till {HOLDER}")
    expect(latest).to_contain_text(re.compile("kundnummer", re.IGNORECASE))
    chat.say(CUSTOMER)
    expect(latest).to_contain_text(re.compile("e-post", re.IGNORECASE))
    chat.say(BUYER)
    expect(chat.said("sex siffror")).to_be_visible()
    expect(latest).to_contain_text("Skriv koden")
    chat.say(mailed_code(stack, BUYER))
    expect(chat.button("Ja, beställ")).to_be_visible()
    chat.say("Jag vill prata med en person först")
    expect(chat.window.get_by_role("group", name="Du väntar på en person")).to_be_visible()
    said_by_the_bot = chat.log.locator("li.bot").count()

    stina.take("Beställa en PUK-kod")
    for known in (f"{CUSTOMER} · Tandvården Exempel AB · verifierad med engångskod", HOLDER):
        expect(stina.known.get_by_text(known)).to_be_visible()
    stina.answer("Koden går hem till dig.")
    expect(chat.said("Koden går hem till dig.")).to_be_visible()
    chat.say("ja, då så")
    expect(stina.said("ja, då så")).to_be_visible()
    assert chat.log.locator("li.bot").count() == said_by_the_bot
    stina.hand_back("Visste inte vart koden skickas")
    chat.button("Ja, beställ").click()
    expect(chat.window.get_by_role("group", name="Beställningen är mottagen")).to_contain_text(HOLDER)

    order = stina.known.get_by_role("heading", name=re.compile("^PUK-kod "))
    expect(order).to_be_visible()
    number = order.inner_text().removeprefix("PUK-kod ")
    assert_accessible(stina.page, "chat with an order")
    stina.page_named("Beställningar")
    stina.button(number).click()
    stina.button("Behandlas").click()
    stina.dialog.get_by_label("Anmärkning").fill("skrivs ut i dag")
    stina.confirm("Spara")
    expect(stina.button("Skickad")).to_be_visible()
    stina.page.get_by_text("Historik").click()
    expect(stina.page.get_by_text("Behandlas · stina – skrivs ut i dag")).to_be_visible()
    assert_accessible(stina.page, "orders")
    stina.page_named("Insikt")
    topics = stina.page.get_by_role("figure").filter(has_text="Vad chattarna handlade om")
    expect(topics.get_by_text("Beställa en PUK-kod")).to_be_visible()
