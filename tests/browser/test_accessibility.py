"""WCAG 2.2 AA: axe on every view, the keyboard alone, small screens, zoom, motion, what is read aloud."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.browser.conftest import NewContext

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page: Page) -> list[str]:
    """What axe has against the whole page, widget included."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]
    ]


def closed(chat: Chat) -> None:
    expect(chat.launcher).to_be_visible()


def greeted(chat: Chat) -> None:
    chat.open()


def talking(chat: Chat) -> None:
    chat.open().ask("länkar", "Gå till https")
    chat.say("Två")
    expect(chat.said("Svar på Två")).to_be_visible()


def receipt(chat: Chat) -> None:
    chat.open().ask("ja", "Klart")
    expect(chat.window.get_by_role("group", name="Beställningen är mottagen")).to_be_visible()


def card_check(chat: Chat) -> None:
    chat.open().ask("kontrollera kortet", "Det gör vi.")
    expect(chat.window.get_by_role("group", name="Kontrollera kortet")).to_be_visible()


def card_report(chat: Chat) -> None:
    levels = ["error", "warning", "info", "ok"]
    findings = [
        {"code": "CARD_MUTE", "severity": level, "message": f"Ett fynd: {level}."} for level in levels
    ]
    chat.open()
    chat.page.evaluate(
        "(report) => document.querySelector('support-chat').chat.report(report)", {"findings": findings}
    )
    expect(chat.window.get_by_role("group", name="Kontroll av kortet")).to_contain_text("Ett fynd: ok.")


def menu(chat: Chat) -> None:
    chat.open().button("Fler val").click()
    expect(chat.button("Ladda ner samtalet")).to_be_visible()


def ending(chat: Chat) -> None:
    chat.open().menu("Avsluta och rensa")
    chat.button("3 av 5").click()
    expect(chat.window).to_contain_text("Tack för ditt svar!")


def ended(chat: Chat) -> None:
    chat.open().menu("Avsluta och rensa")
    chat.button("Avsluta och rensa").click()
    expect(chat.button("Börja ett nytt samtal")).to_be_visible()


def closed_by_the_other_side(chat: Chat) -> None:
    chat.open()
    chat.page.evaluate(
        """async () => {
          const {gateway, conversation: {id, token}} = document.querySelector('support-chat').chat;
          const headers = {Authorization: `Bearer ${token}`};
          await fetch(`${gateway}/api/conversations/${id}/close`, {method: 'POST', headers});
        }"""
    )
    expect(chat.window.get_by_role("group", name="Hur nöjd är du med hjälpen?")).to_be_visible()


def waiting(chat: Chat) -> None:
    chat.open().button("Prata med en person").click()
    chat.button("Lämna kontaktuppgifter").click()
    expect(chat.window.get_by_label("E-post")).to_be_visible()


def offline(chat: Chat) -> None:
    chat.open()
    chat.page.context.set_offline(True)
    chat.say("Utan nät")
    expect(chat.log.locator("li.waiting")).to_be_visible()


def failed(chat: Chat) -> None:
    chat.open()
    chat.page.route(
        "**/messages", lambda route: route.fulfill(status=422, json={"code": "x", "message": "Nej."})
    )
    chat.say("Avvisat")
    expect(chat.log.locator("li.failed")).to_be_visible()


def unreachable(chat: Chat) -> None:
    chat.page.route("**/api/conversations", lambda route: route.abort())
    chat.launcher.click()
    expect(chat.window).to_contain_text("Chatten går inte att nå")


VIEWS = [
    closed, greeted, talking, receipt, card_check, card_report, menu, ending, ended, closed_by_the_other_side,
    waiting, offline, failed, unreachable,
]  # fmt: skip


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_axe_finds_nothing(view: Callable[[Chat], None], page: Page) -> None:
    chat = Chat(page)
    view(chat)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(page) == []


def test_axe_finds_nothing_on_a_phone(new_context: NewContext, gateway_url: str) -> None:
    phone = new_context(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    page = phone.new_page()
    page.goto(gateway_url)
    talking(Chat(page))
    assert violations(page) == []


def focused(page: Page) -> str:
    """What has the focus, also inside the widget: its accessible name or text."""
    return str(
        page.evaluate(
            """() => {
              let node = document.activeElement;
              while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
              return node.getAttribute('aria-label') || node.labels?.[0]?.textContent || node.innerText;
            }"""
        )
    ).strip()


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Tabs until the named thing has the focus, and sees that the focus is visible all the way."""
    for _ in range(60):
        page.keyboard.press(key)
        if focused(page) == name:
            return
    pytest.fail(f"the keyboard never reached {name!r}")


def test_everything_works_with_the_keyboard_alone(page: Page) -> None:
    chat = Chat(page)
    page.get_by_role("button", name="Öppna chatten").focus()
    tab_to(page, "Chatta med oss")
    page.keyboard.press("Enter")
    expect(chat.field).to_be_focused()
    expect(chat.said("Hej! Jag hjälper dig")).to_be_visible()
    tab_to(page, "Beställa PUK-kod", "Shift+Tab")
    page.keyboard.press("Space")
    expect(chat.said("Vilket HSA-id")).to_be_visible()
    expect(chat.field).to_be_focused()
    page.keyboard.type("första")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("andra")
    page.keyboard.press("Enter")
    expect(chat.said("Svar på första")).to_be_visible()
    tab_to(page, "Prata med en person")
    page.keyboard.press("Enter")
    expect(chat.window.get_by_role("group", name="Du väntar på en person")).to_be_visible()
    expect(chat.field).to_be_focused()
    tab_to(page, "Sluta vänta", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(chat.button("Prata med en person")).to_be_visible()
    tab_to(page, "Fler val", "Shift+Tab")
    page.keyboard.press("Enter")
    assert focused(page) == "Ladda ner samtalet"
    page.keyboard.press("Escape")
    assert focused(page) == "Fler val"
    page.keyboard.press("Enter")
    tab_to(page, "Avsluta och rensa")
    page.keyboard.press("Enter")
    assert focused(page) == "Avsluta samtalet?"
    tab_to(page, "5 av 5")
    page.keyboard.press("Enter")
    expect(chat.button("5 av 5")).to_have_attribute("aria-pressed", "true")
    tab_to(page, "Tillbaka till samtalet")
    page.keyboard.press("Enter")
    expect(chat.field).to_be_focused()
    page.keyboard.press("Escape")
    expect(chat.window).to_be_hidden()
    expect(chat.launcher).to_be_focused()


def test_the_focus_is_visible(chat: Chat) -> None:
    for name in ("Fler val", "Minimera chatten", "Skicka", "Prata med en person"):
        button = chat.button(name)
        button.focus()
        chat.page.keyboard.press("Shift+Tab")
        chat.page.keyboard.press("Tab")
        expect(button).to_be_focused()
        width = button.evaluate("node => parseFloat(getComputedStyle(node).outlineWidth)")
        assert width >= 2, name


def test_on_a_phone_the_chat_fills_the_screen_and_keeps_the_focus_inside(
    new_context: NewContext, gateway_url: str
) -> None:
    page = new_context(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True).new_page()
    page.goto(gateway_url)
    chat = Chat(page)
    assert page.evaluate("document.documentElement.scrollWidth <= 320")
    chat.open()
    talking_box = chat.window.bounding_box()
    assert talking_box == {"x": 0, "y": 0, "width": 320, "height": 640}
    chat.ask("långt", "En lång rad")
    assert chat.window.evaluate("node => node.querySelector('.scroll').scrollWidth <= node.clientWidth")
    for _ in range(30):
        page.keyboard.press("Tab")
        inside = page.evaluate(
            "document.activeElement.localName === 'support-chat' || document.activeElement === document.body"
        )
        assert inside
    chat.button("Minimera chatten").click()
    expect(chat.window).to_be_hidden()


def test_at_200_percent_zoom_everything_can_be_reached(new_context: NewContext, gateway_url: str) -> None:
    page = new_context(viewport={"width": 640, "height": 360}, device_scale_factor=2).new_page()
    page.goto(gateway_url)
    chat = Chat(page).open()
    chat.ask("ja", "Klart")
    for name in ("Fler val", "Minimera chatten", "Skicka", "Prata med en person"):
        expect(chat.button(name)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= 640")


@pytest.mark.parametrize("view", [greeted, waiting, failed, menu, ending], ids=lambda view: view.__name__)
def test_targets_are_at_least_24_px(view: Callable[[Chat], None], page: Page) -> None:
    chat = Chat(page)
    view(chat)
    for target in chat.window.locator("button:visible, input:visible, textarea:visible").all():
        box = target.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24, target.evaluate("node => node.outerHTML")


def test_new_messages_are_in_a_polite_log_with_their_authors(chat: Chat) -> None:
    expect(chat.log).to_have_attribute("aria-busy", "false")
    chat.ask("Hej")
    assert chat.words()[-2:] == ["Du skrev: Hej", "Supportboten skrev: Svar på Hej"]
    expect(chat.widget).to_have_attribute("lang", "sv")


def test_reduced_motion_stops_all_movement(page: Page) -> None:
    chat = Chat(page).open()
    page.route("**/messages", lambda route: None)
    chat.say("Rör dig inte")
    expect(chat.window.locator(".dots")).to_be_visible()
    running = chat.window.evaluate("node => node.getAnimations({subtree: true}).length")
    assert running == 0
    page.emulate_media(reduced_motion="no-preference")
    assert chat.window.evaluate("node => node.getAnimations({subtree: true}).length") > 0
