"""axe-core finds nothing, in light and dark, in every view and width."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from bot.gateway.staff.accounts import Role
from tests.browser.conftest import NewContext
from tests.browser.servers import Gateway
from tests.browser.staff.conftest import NewStaff, NewVisitor

TAGS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def _clean(page: Page, where: str) -> None:
    found = Axe().run(page, options=TAGS).response["violations"]
    assert [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found] == [], where


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_violations(
    scheme: str, new_visitor: NewVisitor, new_staff: NewStaff, new_context: NewContext, gateway: Gateway
) -> None:
    front = new_context(color_scheme=scheme).new_page()
    front.goto(f"{gateway.url}/personal/")
    expect(front.get_by_label("Lösenord")).to_be_visible()
    _clean(front, "sign-in")

    eva = new_staff("Eva", Role.ADMIN, color_scheme=scheme)
    _clean(eva.page, "no chat")
    question = f"granska mig {scheme}"
    visitor = new_visitor(question)
    visitor.button("Prata med en person").click()
    eva.take(question)
    eva.answer("Hej")
    eva.known.get_by_label("Ny anteckning").fill("Ringde i går")
    eva.button("Lägg till").click()
    expect(eva.known.get_by_text("Ringde i går")).to_be_visible()
    _clean(eva.page, "chat")
    for width in (1024, 768, 400):
        eva.page.set_viewport_size({"width": width, "height": 800})
        _clean(eva.page, f"chat at {width}")
        assert eva.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    eva.button("Uppgifter").click()
    _clean(eva.page, "known at 400")
    eva.button("Samtal").click()
    eva.page.set_viewport_size({"width": 1280, "height": 800})
    eva.button("Svarsmallar").click()
    expect(eva.page.get_by_role("combobox", name="Sök mall")).to_be_visible()
    _clean(eva.page, "templates")
    eva.page.keyboard.press("Escape")
    for name in ("Skicka vidare", "Avsluta", "Lämna till boten"):
        eva.button(name).click()
        expect(eva.dialog).to_be_visible()
        _clean(eva.page, name)
        eva.page.keyboard.press("Escape")
        expect(eva.dialog).to_be_hidden()
    for name in ("Sök", "Beställningar", "Svarsmallar", "Insikt", "Logg"):
        eva.page_named(name)
        _clean(eva.page, name)
