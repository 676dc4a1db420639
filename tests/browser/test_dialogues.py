"""What a visitor can do in the chat, from the first sentence to the end."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.browser.conftest import NewContext
from tests.browser.scripted_engine import GREETING, HOSTILE, LONG, ORDER_NUMBER, ScriptedEngine

# From the key press to the visitor's own words, and to the sign that the bot is writing, in ms.
MEASURE = """async () => {
  const widget = document.querySelector('support-chat').shadowRoot;
  const area = widget.querySelector('textarea');
  area.value = 'Hur snabbt syns det här?';
  const start = performance.now();
  area.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}));
  const shown = (find) => new Promise((resolve) => {
    const look = () => find() ? resolve(performance.now() - start) : requestAnimationFrame(look);
    look();
  });
  const own = await shown(() => widget.querySelector('.visitor')?.textContent.includes('Hur snabbt'));
  const typing = await shown(() => widget.querySelector('.dots').checkVisibility());
  return [own, typing];
}"""


def test_the_visitor_is_told_at_once_that_it_is_a_bot_and_that_a_person_can_be_reached(page: Page) -> None:
    chat = Chat(page)
    chat.launcher.click()
    expect(chat.window).to_contain_text("Jag är en bot.")
    expect(chat.button("Prata med en person")).to_be_visible()
    expect(chat.window).to_contain_text("Skriv aldrig personnummer")
    expect(chat.said(GREETING)).to_be_visible()


def test_a_puk_code_is_ordered_with_buttons_and_typed_answers(chat: Chat) -> None:
    chat.button("Beställa PUK-kod").click()
    expect(chat.said("Vilket HSA-id har kortanvändaren?")).to_be_visible()
    expect(chat.button("Beställa PUK-kod")).to_be_hidden()
    chat.ask("SE5560360793-1003", "Ska jag beställa en PUK-kod")
    chat.button("Ja").click()
    receipt = chat.window.get_by_role("group", name="Beställningen är mottagen")
    expect(receipt).to_contain_text(ORDER_NUMBER)
    expect(receipt).to_contain_text("Vårdcentralen Exempel AB")
    expect(receipt).to_contain_text("inom några dagar")
    assert chat.words()[1:4] == [
        "Du skrev: Beställa PUK-kod",
        "Supportboten skrev: Vilket HSA-id har kortanvändaren?",
        "Du skrev: SE5560360793-1003",
    ]


def test_own_words_and_the_typing_sign_show_within_100_ms(chat: Chat, engine: ScriptedEngine) -> None:
    engine.delay = 1
    own, typing = chat.page.evaluate(MEASURE)
    assert own < 100
    assert typing < 100
    expect(chat.said("Svar på Hur snabbt")).to_be_visible()
    expect(chat.window.locator(".dots")).to_be_hidden()


def test_codes_are_masked_in_what_the_visitor_sees(chat: Chat) -> None:
    chat.say("Mitt personnummer är 640823-3234")
    expect(chat.log.locator("li.visitor").filter(has_text="•")).to_be_visible()
    expect(chat.log).not_to_contain_text("640823")


def test_hostile_text_stays_text_wherever_it_comes_from(chat: Chat) -> None:
    chat.say(HOSTILE)
    expect(chat.said(f"Svar på {HOSTILE}")).to_be_visible()
    chat.say("elakt")
    expect(chat.window.get_by_role("group", name="Beställningen är mottagen")).to_contain_text(HOSTILE)
    expect(chat.log.locator("img, script, iframe")).to_have_count(0)
    assert chat.page.evaluate("window.hacked") is None


def test_only_safe_addresses_become_links(chat: Chat) -> None:
    chat.say("länkar")
    links = chat.log.get_by_role("link")
    expect(links).to_have_count(3)
    addresses = [link.get_attribute("href") for link in links.all()]
    assert addresses == ["https://minasidor.siths.se/start", "tel:0184811900", "mailto:a@b.se"]
    assert links.first.get_attribute("rel") == "noopener noreferrer"
    expect(links.first).to_have_accessible_name("https://minasidor.siths.se/start (öppnas i ny flik)")
    chat.say("lömska länkar")
    expect(chat.said("javascript:alert(1)")).to_be_visible()
    expect(links).to_have_count(3)


def test_the_visitor_waits_for_a_person_and_changes_their_mind(chat: Chat) -> None:
    chat.button("Prata med en person").click()
    waiting = chat.window.get_by_role("group", name="Du väntar på en person")
    expect(waiting).to_contain_text(re.compile(r"Du är först i kön\.|Du har plats \d+ i kön\."))
    expect(chat.button("Prata med en person")).to_be_hidden()
    waiting.get_by_role("button", name="Lämna kontaktuppgifter").click()
    waiting.get_by_role("button", name="Spara").click()
    expect(waiting.get_by_role("alert")).to_have_text("Skriv ett telefonnummer eller en e-postadress.")
    waiting.get_by_label("Telefon").fill("018-12 34 56")
    waiting.get_by_role("button", name="Spara").click()
    expect(waiting).to_contain_text("Tack! Vi hör av oss om du lämnar chatten.")
    waiting.get_by_role("button", name="Sluta vänta").click()
    expect(waiting).to_be_hidden()
    chat.ask("Är boten tillbaka?")


def sse(event: str, data: dict[str, object], number: int | None = None) -> str:
    head = f"id: {number}\r\n" if number else ""
    return f"{head}event: {event}\r\ndata: {json.dumps(data)}\r\n\r\n"


def test_a_person_who_has_taken_over_is_named_and_seen_writing(chat: Chat) -> None:
    message = {"seq": 900, "author": "staff", "name": "Anna", "text": f"Hej, jag heter Anna. {HOSTILE}"}
    rest = {"buttons": [], "card": None, "client_message_id": None, "created_at": "2026-01-02T10:00:00.123Z"}
    status = {"state": "staff", "pending": False, "queue": None, "staff_name": "Anna", "contact_given": False}
    typing = {"author": "staff", "name": "Anna", "active": True}
    body = sse("message", {**message, **rest}, 900) + sse("state", status) + sse("typing", typing)
    chat.page.route("**/events*", lambda route: route.fulfill(content_type="text/event-stream", body=body))
    chat.page.reload()
    expect(chat.window).to_contain_text("Du chattar med Anna")
    expect(chat.said("Hej, jag heter Anna.")).to_have_text(f"Anna skrev: Hej, jag heter Anna. {HOSTILE}")
    expect(chat.window.get_by_role("status").filter(has_text="Anna skriver")).to_be_attached()
    expect(chat.button("Prata med en person")).to_be_hidden()
    chat.page.route("**/typing", lambda route: route.fulfill(status=204))
    with chat.page.expect_request("**/typing") as told:
        chat.field.press_sequentially("Hej")
    assert told.value.post_data_json == {"active": True}


def test_a_conversation_goes_on_after_a_reload_and_ends_with_the_tab(
    chat: Chat, new_context: NewContext
) -> None:
    chat.ask("Ett", "Svar på Ett")
    before = chat.words()
    chat.page.reload()
    expect(chat.window).to_be_visible()
    expect(chat.said("Svar på Ett")).to_be_visible()
    assert chat.words() == before
    other = new_context().new_page()
    other.goto(chat.page.url)
    expect(Chat(other).window).to_be_hidden()
    Chat(other).open()
    expect(Chat(other).log).not_to_contain_text("Ett")


def test_a_minimised_chat_tells_of_new_answers(chat: Chat, engine: ScriptedEngine) -> None:
    engine.delay = 0.7
    chat.say("Svara sedan")
    chat.button("Minimera chatten").click()
    expect(chat.launcher).to_be_focused()
    expect(chat.launcher).to_have_accessible_name("Chatta med oss 1 nytt svar")
    chat.launcher.click()
    expect(chat.said("Svar på Svara sedan")).to_be_visible()
    chat.button("Minimera chatten").click()
    expect(chat.launcher).to_have_accessible_name("Chatta med oss")


def test_a_long_answer_is_read_from_its_beginning(chat: Chat) -> None:
    chat.ask("långt", LONG[:30])
    expect(chat.log.locator("li.visitor").last).to_be_in_viewport()
    chat.button("Visa senaste").click()
    expect(chat.button("Visa senaste")).to_be_hidden()


def test_a_message_cannot_be_longer_than_the_gateway_takes(chat: Chat) -> None:
    chat.field.fill("a" * 950)
    expect(chat.window).to_contain_text("50 tecken kvar")
    chat.field.press_sequentially("b" * 60)
    assert len(chat.field.input_value()) == 1000


def test_the_transcript_is_saved_as_text(chat: Chat) -> None:
    chat.ask("Spara det här")
    with chat.page.expect_download() as saved:
        chat.menu("Ladda ner samtalet")
    assert saved.value.suggested_filename == "samtal.txt"
    content = saved.value.path().read_text()
    assert "Spara det här" in content
    assert GREETING in content


def test_ending_asks_rates_erases_and_forgets(chat: Chat, gateway_url: str) -> None:
    kept = chat.page.evaluate("document.querySelector('support-chat').chat.conversation")
    chat.ask("Ett")
    chat.menu("Avsluta och rensa")
    expect(chat.window.get_by_role("heading", name="Avsluta samtalet?")).to_be_focused()
    chat.button("4 av 5").click()
    expect(chat.button("4 av 5")).to_have_attribute("aria-pressed", "true")
    expect(chat.window).to_contain_text("Tack för ditt svar!")
    chat.button("Tillbaka till samtalet").click()
    expect(chat.said("Svar på Ett")).to_be_visible()
    chat.menu("Avsluta och rensa")
    chat.window.get_by_label("Radera samtalet hos kundsupporten också").check()
    chat.button("Avsluta och rensa").click()
    expect(chat.window.get_by_role("heading", name="Samtalet är avslutat och raderat")).to_be_focused()
    assert kept["id"] not in chat.kept()
    address = f"{gateway_url}/api/conversations/{kept['id']}/messages"
    headers = {"Authorization": f"Bearer {kept['token']}"}
    assert chat.page.request.get(address, headers=headers).status in {401, 404}
    chat.button("Börja ett nytt samtal").click()
    expect(chat.said(GREETING)).to_be_visible()
    expect(chat.log).not_to_contain_text("Ett")


def test_ending_without_erasing_closes_at_the_gateway(chat: Chat, gateway_url: str) -> None:
    kept = chat.page.evaluate("document.querySelector('support-chat').chat.conversation")
    chat.menu("Avsluta och rensa")
    chat.button("Avsluta och rensa").click()
    expect(chat.window.get_by_role("heading", name="borttaget från den här datorn")).to_be_visible()
    address = f"{gateway_url}/api/conversations/{kept['id']}"
    answer = chat.page.request.get(address, headers={"Authorization": f"Bearer {kept['token']}"})
    assert answer.json()["state"] == "closed"


def test_a_task_on_the_support_page_is_asked_in_the_chat(page: Page) -> None:
    page.get_by_role("button", name="Kortet fungerar inte").first.click()
    chat = Chat(page)
    expect(chat.said("Svar på Kortet fungerar inte")).to_be_visible()
    assert chat.words()[0].endswith(GREETING)
