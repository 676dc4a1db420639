"""A visitor and two staff at once, in Chromium."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx
from playwright.sync_api import Route, expect

from bot.gateway.database import create_engine
from bot.gateway.hours import TIME_ZONE
from bot.gateway.site import HoursSetting, clear_setting, write_setting
from bot.gateway.staff.accounts import Role
from tests.bot.gateway.visitor import eventually
from tests.browser.scripted_engine import ScriptedEngine
from tests.browser.servers import Gateway
from tests.browser.staff.conftest import NewStaff, NewVisitor
from tests.browser.staff.personal import Personal


def test_from_the_queue_to_two_people_and_back_to_the_bot(
    new_visitor: NewVisitor, new_staff: NewStaff, engine: ScriptedEngine
) -> None:
    anna, bo = new_staff("Anna"), new_staff("Bo")
    visitor = new_visitor("kortet blinkar rött")
    visitor.button("Prata med en person").click()
    for staff in (anna, bo):
        expect(staff.group("Väntar").get_by_text("kortet blinkar rött")).to_be_visible()
    bo.open("kortet blinkar rött")
    anna.take("kortet blinkar rött")
    expect(anna.page.get_by_text("Bo tittar också")).to_be_visible()
    expect(anna.known.get_by_text("kortet blinkar rött").first).to_be_visible()
    expect(visitor.window.get_by_text("Du chattar med Anna")).to_be_visible()
    expect(bo.button("Ta chatten")).to_be_hidden()
    expect(bo.field).to_be_hidden()

    visitor.field.press_sequentially("jag")
    expect(anna.page.get_by_text("Besökaren skriver …")).to_be_visible()
    anna.field.press_sequentially("Hej")
    expect(visitor.window.get_by_text("Anna skriver")).to_be_visible()
    anna.answer("Hej, jag hjälper dig.")
    expect(visitor.said("Hej, jag hjälper dig.")).to_be_visible()
    visitor.say("jag har provat två läsare")
    for staff in (anna, bo):
        expect(staff.said("jag har provat två läsare")).to_be_visible()

    anna.button("Skicka vidare").click()
    anna.dialog.get_by_text(re.compile("^Bo ")).click()
    anna.dialog.get_by_label("Anteckning till kollegan").fill("Läsaren är utlånad")
    anna.confirm("Skicka vidare")
    expect(bo.group("Mina chattar").get_by_text("jag har provat två läsare")).to_be_visible()
    expect(bo.known.get_by_text("Läsaren är utlånad")).to_be_visible()
    expect(anna.field).to_be_hidden()
    bo.answer("Nu är det jag, Bo.")

    bo.hand_back("Läsaren är bytt")
    expect(visitor.said("Nu är jag tillbaka.")).to_be_visible()
    events = [seen["metadata"] for seen in engine.seen if seen["metadata"].get("event") == "handed_back"]
    assert events[-1]["remark"] == "Läsaren är bytt"
    visitor.ask("tack för hjälpen")


def test_of_two_who_take_at_once_one_is_told_no(new_visitor: NewVisitor, new_staff: NewStaff) -> None:
    staff = new_staff("Anna"), new_staff("Bo")
    visitor = new_visitor("vem tar mig först")
    visitor.button("Prata med en person").click()
    held: list[Route] = []
    for one in staff:  # both have clicked before the gateway hears of either
        one.page.route("**/take", lambda route: held.append(route))  # noqa: PLW0108 - must be a function
        one.open("vem tar mig först")
        with one.page.expect_request("**/take"):
            one.button("Ta chatten").click()
    assert len(held) == 2
    for route in held:
        route.continue_()
    expect(visitor.said("är här nu och svarar dig.")).to_have_count(1)
    expect(visitor.window.get_by_text(re.compile("Du chattar med (Anna|Bo)")).first).to_be_visible()
    for one in staff:
        expect(one.button("Ta chatten")).to_be_hidden()
    (winner,) = [one for one in staff if one.field.is_visible()]
    (loser,) = [one for one in staff if one is not winner]
    expect(
        loser.page.get_by_role("alert").filter(has_text="En kollega har redan tagit chatten.")
    ).to_be_visible()


def test_close_with_a_reason_and_find_it_again(new_visitor: NewVisitor, new_staff: NewStaff) -> None:
    anna = new_staff("Anna")
    visitor = new_visitor("ett ovanligt ärende om skåp")
    visitor.button("Prata med en person").click()
    anna.take("ett ovanligt ärende om skåp")
    anna.close("Hänvisad till någon annan")
    expect(visitor.said("Anna har avslutat chatten.")).to_be_visible()
    anna.page_named("Sök")
    anna.page.get_by_label("Ord i chatten").fill("OVANLIGT")
    anna.button("Sök").click()
    anna.page.get_by_role("link").filter(has_text="ett ovanligt ärende").click()
    expect(anna.said("ett ovanligt ärende om skåp").first).to_be_visible()
    expect(anna.page.get_by_role("heading", name="Avslutad")).to_be_visible()
    expect(anna.field).to_be_hidden()


def test_a_visitor_who_leaves_becomes_a_call_back_task(new_visitor: NewVisitor, new_staff: NewStaff) -> None:
    anna = new_staff("Anna")
    visitor = new_visitor("jag hinner inte vänta")
    visitor.button("Prata med en person").click()
    visitor.button("Lämna kontaktuppgifter").click()
    visitor.window.get_by_label("Telefon").fill("018-481 19 00")
    visitor.button("Spara").click()
    expect(visitor.window.get_by_text("Vi hör av oss till 018-481 19 00").first).to_be_visible()
    visitor.menu("Avsluta och rensa")
    visitor.button("Avsluta och rensa").last.click()
    task = anna.group("Hör av dig")
    expect(task.get_by_text("jag hinner inte vänta")).to_be_visible()
    task.get_by_role("button").filter(has_text="jag hinner inte vänta").click()
    expect(anna.known.get_by_role("link", name="018-481 19 00")).to_be_visible()
    anna.button("Ta uppgiften").click()
    anna.button("Markera som klar").click()
    expect(anna.chat("jag hinner inte vänta")).to_have_count(0)


def test_outside_the_hours_the_visitor_is_told_and_can_leave_a_way(
    new_visitor: NewVisitor, new_staff: NewStaff, gateway: Gateway
) -> None:
    anna = new_staff("Anna")
    with closed_now(gateway):
        visitor = new_visitor("är ni öppna")
        eventually(lambda: httpx.get(f"{gateway.url}/api/site").json()["opening"]["open_now"] is False)
        visitor.button("Prata med en person").click()
        expect(visitor.said("Vi har stängt just nu. Vi svarar måndag 08.00–08.01.")).to_be_visible()
        visitor.button("Lämna kontaktuppgifter").click()
        visitor.window.get_by_label("E-post").fill("kim@mottagningen.example")
        visitor.button("Spara").click()
        expect(
            visitor.window.get_by_text("Vi hör av oss till kim@mottagningen.example").first
        ).to_be_visible()
        anna.open("är ni öppna")
        expect(anna.known.get_by_role("link", name="kim@mottagningen.example")).to_be_visible()


@contextmanager
def closed_now(gateway: Gateway) -> Iterator[None]:
    """Outside opening hours, as `python -m bot.gateway site hours` would set them."""
    database = create_engine(gateway.database_url, immediate=True)
    today = datetime.now(TIME_ZONE).date()
    try:
        with database.begin() as connection:
            write_setting(connection, "hours", HoursSetting(rules="mån 08:00-08:01", closed_dates=[today]))
        yield
    finally:
        with database.begin() as connection:
            clear_setting(connection, "hours")
        database.dispose()


def test_a_template_is_found_by_a_word_and_filled_in_by_keyboard(
    new_visitor: NewVisitor, new_staff: NewStaff, gateway: Gateway
) -> None:
    eva = new_staff("Eva", Role.SUPERVISOR)
    eva.page_named("Svarsmallar")
    eva.button("Ny mall").click()
    eva.dialog.get_by_label("Rubrik").fill("Hälsning")
    eva.dialog.get_by_label("Text").fill("Hej! Jag heter {jag}. Ring {okänt}.")
    eva.dialog.get_by_role("button", name="Spara").click()
    expect(eva.page.get_by_role("heading", name="Hälsning")).to_be_visible()
    visitor = new_visitor("mall tack")
    visitor.button("Prata med en person").click()
    eva.page.get_by_role("link", name="Chattar").click()
    eva.take("mall tack")
    keyboard = eva.page.keyboard
    keyboard.press("/")
    expect(eva.page.get_by_role("combobox", name="Sök mall")).to_be_focused()
    keyboard.type("halsn")
    expect(eva.page.get_by_role("option", name="Hälsning")).to_be_visible()
    keyboard.press("Enter")
    expect(eva.field).to_have_value("Hej! Jag heter Eva. Ring {okänt}.")


def test_everything_by_keyboard_alone(new_visitor: NewVisitor, new_staff: NewStaff) -> None:
    anna = new_staff("Anna")
    visitor = new_visitor("bara tangenter")
    visitor.button("Prata med en person").click()
    expect(anna.chat("bara tangenter")).to_be_visible()
    keyboard = anna.page.keyboard

    def tab_to(name: str) -> None:
        words = (
            "(e => e ? (e.textContent || e.getAttribute('aria-label') || '') : '')(document.activeElement)"
        )
        for _ in range(40):
            keyboard.press("Tab")
            if name in anna.page.evaluate(words):
                return
        raise AssertionError(f"Tab never reaches {name}")

    tab_to("bara tangenter")
    keyboard.press("Enter")
    expect(anna.button("Ta chatten")).to_be_visible()
    anna.page.get_by_role("heading", name="Väntar på en person").focus()
    tab_to("Ta chatten")
    keyboard.press("Enter")
    expect(anna.field).to_be_focused()
    keyboard.type("Hej från tangentbordet")
    keyboard.press("Enter")
    expect(visitor.said("Hej från tangentbordet")).to_be_visible()
    expect(anna.field).to_be_focused()


def test_a_restart_of_the_gateway_loses_nothing_in_any_state(
    new_visitor: NewVisitor, new_staff: NewStaff, gateway: Gateway
) -> None:
    """Four visitors, one in each state, and two staff: their pages go on by themselves."""
    anna, bo = new_staff("Anna"), new_staff("Bo")
    chats = {state: new_visitor(f"läget är {state}") for state in ("bot", "köande", "avslutad", "tagen")}
    for state in ("köande", "avslutad", "tagen"):
        chats[state].button("Prata med en person").click()
    anna.take("läget är avslutad")
    anna.close("Löst")
    anna.take("läget är tagen")
    bo.open("läget är köande")
    gateway.stop()
    for staff in (anna, bo):
        expect(staff.page.get_by_text("Ingen kontakt med servern")).to_be_visible()
    chats["tagen"].say("skrivet under avbrottet")
    gateway.start()
    for staff in (anna, bo):
        expect(staff.page.get_by_text("Ingen kontakt med servern")).to_be_hidden()

    chats["bot"].ask("och nu")
    expect(anna.said("skrivet under avbrottet")).to_be_visible()
    anna.answer("Jag är kvar.")
    expect(chats["tagen"].said("Jag är kvar.")).to_have_count(1)
    bo.button("Ta chatten").click()
    bo.answer("Nu är det din tur.")
    expect(chats["köande"].said("Nu är det din tur.")).to_have_count(1)
    expect(anna.group("Hos kollegor").locator("li").filter(has_text="läget är köande")).to_have_count(1)
    closed = chats["avslutad"]
    closed.page.reload()
    expect(closed.said("Anna har avslutat chatten.")).to_have_count(1)
    expect(closed.window.get_by_text("Samtalet är avslutat").first).to_be_visible()
    expect(anna.chat("läget är avslutad")).to_have_count(0)


HEARD = """
    window.heard = [];
    window.Notification = class { static permission = 'granted'; constructor(title) { heard.push(title); } };
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...at) { heard.push('ton'); return start.apply(this, at); };
    document.hasFocus = () => false;
"""


def test_a_new_chat_a_forwarded_one_and_a_new_message_are_heard(
    new_visitor: NewVisitor, new_staff: NewStaff
) -> None:
    anna, bo = new_staff("Anna", script=HEARD), new_staff("Bo", script=HEARD)

    def heard(staff: Personal, *wanted: str) -> None:
        staff.page.wait_for_function("wanted => wanted.every((one) => heard.includes(one))", arg=list(wanted))
        staff.page.evaluate("heard.length = 0")

    visitor = new_visitor("hör ni mig")
    visitor.button("Prata med en person").click()
    for staff in (anna, bo):
        heard(staff, "Ny chatt väntar", "ton")
    anna.take("hör ni mig")
    anna.page_named("Sök")
    visitor.say("är någon där")
    heard(anna, "Nytt meddelande i din chatt", "ton")
    anna.page_named("Chattar")
    expect(anna.group("Mina chattar").get_by_text("oläst")).to_be_visible()
    bo.button("Ljud: på").click()
    anna.open("är någon där")
    anna.button("Skicka vidare").click()
    anna.dialog.get_by_text(re.compile("^Bo .inloggad")).last.click()
    anna.confirm("Skicka vidare")
    heard(bo, "En kollega har skickat en chatt till dig")
    assert "ton" not in bo.page.evaluate("heard")
    expect(bo.group("Mina chattar").get_by_text("oläst")).to_be_visible()


def test_figures_and_a_training_draft_for_a_supervisor(
    new_visitor: NewVisitor, new_staff: NewStaff, engine: ScriptedEngine, tmp_path: Path
) -> None:
    misunderstood = "Jag förstod inte riktigt. Kan du beskriva det med andra ord"
    new_visitor(f"eko {misunderstood}", misunderstood)
    eva = new_staff("Eva", Role.SUPERVISOR)
    eva.page_named("Insikt")
    expect(eva.page.get_by_role("img", name=re.compile("Chattar per dag"))).to_be_visible()
    row = eva.page.get_by_role("row").filter(has_text=misunderstood)
    row.get_by_role("button", name="Gör träningsexempel").click()
    eva.dialog.get_by_label("Avsikt").fill("order_puk")
    with eva.page.expect_download() as saved:
        eva.dialog.get_by_role("button", name="Hämta filen").click()
    text = Path(saved.value.path()).read_text(encoding="utf-8")
    assert "intent: order_puk" in text and misunderstood in text
    with eva.page.expect_download() as figures:
        eva.page.get_by_role("link", name="Hämta som CSV").click()
    assert "Chattar" in Path(figures.value.path()).read_text(encoding="utf-8-sig")


def test_the_console_of_a_staff_member_who_is_signed_out_goes_to_the_sign_in_page(
    new_staff: NewStaff, gateway: Gateway
) -> None:
    anna = new_staff("Anna")
    cookies = anna.page.context.cookies()
    assert all(cookie["httpOnly"] for cookie in cookies)
    anna.page.context.clear_cookies()
    anna.page.get_by_role("link", name="Sök").click()
    expect(anna.page.get_by_text("Du har blivit utloggad. Logga in igen.")).to_be_visible()
    assert json.loads(anna.page.evaluate("JSON.stringify({...sessionStorage})")) == {}
