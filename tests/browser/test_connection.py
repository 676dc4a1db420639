"""Nothing is lost or doubled, and the visitor sees what goes on, whatever happens to the network."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chat import Chat
from tests.browser.scripted_engine import ScriptedEngine
from tests.browser.servers import Gateway


def once_each(chat: Chat, *asked: str) -> None:
    """Each question stands once in the log, and so does its answer, in order."""
    lines = [line for line in chat.words() if "Svar på" in line or line.startswith("Du skrev")]
    wanted = [line for text in asked for line in (f"Du skrev: {text}", f"Supportboten skrev: Svar på {text}")]
    assert sorted(lines) == sorted(wanted)
    assert [line for line in lines if line.startswith("Du")] == [
        line for line in wanted if line.startswith("Du")
    ]


def test_a_restart_of_the_gateway_loses_and_doubles_nothing(chat: Chat, gateway: Gateway) -> None:
    chat.ask("Före")
    gateway.stop()
    try:
        expect(chat.window).to_contain_text("Anslutningen bröts. Försöker igen", timeout=10_000)
        chat.say("Under")
        expect(chat.log.locator("li.waiting")).to_contain_text("Skickas när anslutningen är tillbaka")
    finally:
        gateway.start()
    expect(chat.said("Svar på Under")).to_be_visible(timeout=30_000)
    expect(chat.window).not_to_contain_text("Anslutningen bröts")
    chat.ask("Efter")
    once_each(chat, "Före", "Under", "Efter")


def test_a_page_reloaded_while_the_gateway_is_away_still_sends(chat: Chat, gateway: Gateway) -> None:
    gateway.stop()
    try:
        chat.say("Under")
        expect(chat.log.locator("li.waiting")).to_be_visible()
        kept = chat.kept()
        assert "Under" in kept
    finally:
        gateway.start()
    chat.page.reload()
    expect(chat.said("Svar på Under")).to_be_visible(timeout=15_000)
    once_each(chat, "Under")


def test_offline_is_told_and_what_was_written_is_sent_afterwards(chat: Chat) -> None:
    chat.ask("Före")
    chat.page.context.set_offline(True)
    expect(chat.window).to_contain_text("Du är inte ansluten till internet.")
    chat.say("Utan nät")
    expect(chat.log.locator("li.waiting")).to_contain_text("Skickas när anslutningen är tillbaka")
    chat.page.context.set_offline(False)
    expect(chat.said("Svar på Utan nät")).to_be_visible()
    expect(chat.window).not_to_contain_text("Du är inte ansluten")
    once_each(chat, "Före", "Utan nät")


def test_an_answer_lost_on_the_way_does_not_double_the_message(chat: Chat) -> None:
    lost: list[str] = []

    def lose_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.request.post_data or "")
        route.fetch()
        route.abort()

    chat.page.route("**/messages", lose_first)
    chat.ask("Kom svaret bort?")
    assert len(lost) == 1
    chat.ask("Nästa")
    once_each(chat, "Kom svaret bort?", "Nästa")


def test_a_message_that_never_gets_through_can_be_sent_again(chat: Chat, engine: ScriptedEngine) -> None:
    chat.page.clock.install()
    chat.page.route("**/messages", lambda route: route.abort())
    chat.say("Kom fram!")
    failed = chat.log.locator("li.failed")
    for _ in range(12):
        chat.page.clock.run_for(20_000)
    expect(failed).to_contain_text("Kom inte fram.")
    chat.page.unroute("**/messages")
    failed.get_by_role("button", name="Försök igen").click()
    expect(chat.said("Svar på Kom fram!")).to_be_visible()
    once_each(chat, "Kom fram!")
    assert sum(asked["message"] == "Kom fram!" for asked in engine.seen) == 1


def test_a_refused_message_says_why_and_can_be_taken_away(chat: Chat) -> None:
    refusal = {"code": "validation_error", "message": "Meddelandet är för långt."}
    chat.page.route("**/messages", lambda route: route.fulfill(status=422, json=refusal))
    chat.say("Avvisat")
    failed = chat.log.locator("li.failed")
    expect(failed).to_contain_text("Meddelandet är för långt.")
    failed.get_by_role("button", name="Ta bort").click()
    expect(chat.log).not_to_contain_text("Avvisat")


def test_a_proxy_that_holds_back_the_stream_does_not_hold_back_the_answer(page: Page) -> None:
    page.route("**/events*", lambda route: None)
    chat = Chat(page)
    chat.launcher.click()
    chat.say("Hörs jag?")
    expect(chat.said("Svar på Hörs jag?")).to_be_visible(timeout=15_000)
    once_each(chat, "Hörs jag?")


def test_two_tabs_with_the_same_conversation_agree(chat: Chat) -> None:
    chat.ask("Från ett")
    with chat.page.expect_popup() as opened:
        chat.page.evaluate("window.open(location.href)")
    other = Chat(opened.value)
    expect(other.said("Svar på Från ett")).to_be_visible()
    other.ask("Från två")
    chat.ask("Från ett igen")
    for tab in (chat, other):
        expect(tab.said("Svar på Från två")).to_be_visible()
        expect(tab.said("Svar på Från ett igen")).to_be_visible()
        once_each(tab, "Från ett", "Från två", "Från ett igen")
    assert chat.words() == other.words()
    other.menu("Avsluta och rensa")
    other.window.get_by_label("Radera samtalet hos kundsupporten också").check()
    other.button("Avsluta och rensa").click()
    expect(chat.window).to_contain_text("Samtalet finns inte kvar.", timeout=20_000)
    chat.button("Börja ett nytt samtal").click()
    expect(chat.said("Hej! Jag hjälper dig")).to_be_visible()
    expect(chat.log).not_to_contain_text("Från ett")


def test_quick_messages_arrive_in_order(chat: Chat) -> None:
    for number in range(8):
        chat.say(f"nummer {number}")
    expect(chat.said("Svar på nummer 7")).to_be_visible()
    once_each(chat, *[f"nummer {number}" for number in range(8)])


@pytest.mark.parametrize("path", ["/api/conversations", "/api/site"])
def test_without_a_gateway_the_visitor_gets_the_telephone(page: Page, path: str) -> None:
    page.route(f"**{path}", lambda route: route.abort())
    if path == "/api/site":
        page.route("**/api/conversations", lambda route: route.abort())
    chat = Chat(page)
    chat.launcher.click()
    expect(chat.window).to_contain_text("Chatten går inte att nå just nu.")
    expect(page.get_by_role("link", name="018-481 19 00").last).to_be_visible()
    page.unroute(f"**{path}")
    page.unroute("**/api/conversations")
    expect(chat.said("Hej! Jag hjälper dig")).to_be_visible(timeout=15_000)
    expect(chat.window).not_to_contain_text("går inte att nå")
