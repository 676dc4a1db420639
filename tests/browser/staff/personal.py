"""The staff console as a staff member handles it."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.bot.gateway.staff.desk import PASSWORD

TAGS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def assert_accessible(page: Page, where: str) -> None:
    """axe-core finds nothing wrong in the page as it is shown now."""
    found = Axe().run(page, options=TAGS).response["violations"]
    assert [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found] == [], where


class Personal:
    """The console in a page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.queue = page.get_by_role("navigation", name="Chattar")
        self.log = page.get_by_role("log", name="Samtalet")
        self.field = page.get_by_role("textbox", name="Skriv ditt svar")
        self.known = page.get_by_role("complementary", name="Uppgifter")
        self.dialog = page.get_by_role("dialog")

    def sign_in(self, username: str) -> Personal:
        """To the console's first page."""
        self.page.goto(f"{self.url}/personal/")
        self.page.get_by_label("Användarnamn").fill(username)
        self.page.get_by_label("Lösenord").fill(PASSWORD)
        self.page.get_by_role("button", name="Logga in", exact=True).click()
        expect(self.page.get_by_role("heading", name="Välj en chatt")).to_be_visible()
        return self

    def group(self, name: str) -> Locator:
        """One list of the left side."""
        return self.queue.locator(".group").filter(has=self.page.get_by_role("heading", name=name))

    def chat(self, text: str) -> Locator:
        """The chat in the lists with these words."""
        return self.queue.get_by_role("button").filter(has_text=text)

    def open(self, text: str) -> None:
        """Shows a chat."""
        self.chat(text).click()
        expect(self.log).to_be_visible()

    def button(self, name: str) -> Locator:
        """A button of the page."""
        return self.page.get_by_role("button", name=name, exact=True)

    def take(self, text: str) -> None:
        """Opens a chat and makes it one's own."""
        self.open(text)
        self.button("Ta chatten").click()
        expect(self.field).to_be_focused()

    def answer(self, text: str) -> None:
        """Writes and sends."""
        self.field.fill(text)
        self.field.press("Enter")
        expect(self.log.locator("p.bubble").get_by_text(text, exact=True)).to_be_visible()

    def said(self, text: str) -> Locator:
        """The bubble with these words."""
        return self.log.locator("p.bubble").filter(has_text=text)

    def confirm(self, action: str) -> None:
        """Presses the button of this name in the dialog, and waits until it is done."""
        self.dialog.get_by_role("button", name=action, exact=True).click()
        expect(self.dialog).to_be_hidden()

    def hand_back(self, remark: str) -> None:
        """Gives the open chat to the bot."""
        self.button("Lämna till boten").click()
        self.dialog.get_by_label("Anmärkning").fill(remark)
        self.confirm("Lämna till boten")

    def close(self, reason: str) -> None:
        """Ends the open chat."""
        self.button("Avsluta").click()
        self.dialog.get_by_text(reason).click()
        self.confirm("Avsluta")

    def page_named(self, name: str) -> None:
        """Another page of the console."""
        self.page.get_by_role("navigation", name="Sidor").get_by_role("link", name=name).click()
        expect(self.page.get_by_role("heading", level=1)).to_be_focused()
