"""The chat as a visitor handles it: by what is on the screen and what it is called."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class Chat:
    """The widget in a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.widget = page.locator("support-chat")
        self.launcher = page.get_by_role("button", name="Chatta med oss")
        self.window = page.get_by_role("dialog", name="Kundsupport")
        self.log = page.get_by_role("log", name="Samtalet")
        self.field = page.get_by_role("textbox", name="Skriv ditt meddelande")

    def open(self) -> Chat:
        """Opens the window and waits for the bot's greeting."""
        self.launcher.click()
        expect(self.log.locator("li.bot").first).to_contain_text("Hej!")
        return self

    def say(self, text: str) -> None:
        """Writes and sends."""
        self.field.fill(text)
        self.field.press("Enter")

    def ask(self, text: str, answer: str | None = None) -> None:
        """Writes, sends, and waits for the bot's answer (the scripted engine's usual if none is named)."""
        self.say(text)
        answers = self.log.locator("li.bot p").filter(has_text=answer or f"Svar på {text}")
        expect(answers.last).to_be_visible()

    def said(self, text: str) -> Locator:
        """The bubble whose words end so."""
        return self.log.locator("li p").filter(has_text=text)

    def button(self, name: str) -> Locator:
        """A button in the window."""
        return self.window.get_by_role("button", name=name, exact=True)

    def menu(self, name: str) -> None:
        """Chooses from the menu."""
        self.button("Fler val").click()
        self.button(name).click()

    def words(self) -> list[str]:
        """Every message in the log, in order, with who said it."""
        return [bubble.strip() for bubble in self.log.locator("p.bubble").all_text_contents()]

    def kept(self) -> str:
        """What this tab remembers."""
        return str(self.page.evaluate("JSON.stringify({...sessionStorage})"))
