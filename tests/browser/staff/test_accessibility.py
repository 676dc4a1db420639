"""axe-core finds nothing, in light and dark, in every view and width."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from bot.gateway.staff.accounts import Role
from tests.browser.conftest import NewContext
from tests.browser.servers import Gateway
from tests.browser.staff.conftest import NewStaff, NewVisitor
from tests.browser.staff.personal import Personal, assert_accessible


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_violations(
    scheme: str, new_visitor: NewVisitor, new_staff: NewStaff, new_context: NewContext, gateway: Gateway
) -> None:
    front = new_context(color_scheme=scheme).new_page()
    front.goto(f"{gateway.url}/personal/")
    front.get_by_label("Användarnamn").fill("finns-inte")
    front.get_by_label("Lösenord").fill("fel")
    front.get_by_role("button", name="Logga in").click()
    expect(front.get_by_role("alert")).to_have_text("Användarnamnet eller lösenordet stämmer inte.")
    assert_accessible(front, "sign-in")

    eva = new_staff("Eva", Role.ADMIN, color_scheme=scheme)
    assert_accessible(eva.page, "no chat")
    misunderstood = "Jag förstod inte riktigt. Kan du beskriva det med andra ord"
    question = f"eko {misunderstood} {scheme}"
    visitor = new_visitor(question, misunderstood)
    visitor.button("Prata med en person").click()
    eva.take(question)
    eva.answer("Hej")
    eva.known.get_by_label("Ny anteckning").fill("Ringde i går")
    eva.button("Lägg till").click()
    expect(eva.known.get_by_text("Ringde i går")).to_be_visible()
    assert_accessible(eva.page, "chat")
    for width in (1024, 768, 400):
        eva.page.set_viewport_size({"width": width, "height": 800})
        assert_accessible(eva.page, f"chat at {width}")
        assert eva.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    eva.button("Uppgifter").click()
    assert_accessible(eva.page, "known at 400")
    eva.button("Samtal").click()
    eva.page.set_viewport_size({"width": 1280, "height": 800})
    eva.button("Svarsmallar").click()
    expect(eva.page.get_by_role("combobox", name="Sök mall")).to_be_visible()
    assert_accessible(eva.page, "templates")
    eva.page.keyboard.press("Escape")
    for name in ("Skicka vidare", "Avsluta", "Lämna till boten", "Undanta från gallring", "Radera chatten"):
        _look_at_dialog(eva, name)
    eva.close("Löst")
    expect(eva.page.get_by_role("heading", name="Avslutad")).to_be_visible()
    assert_accessible(eva.page, "closed chat")
    for name in ("Sök", "Beställningar", "Svarsmallar", "Insikt", "Logg"):
        eva.page_named(name)
        assert_accessible(eva.page, name)
    eva.page_named("Svarsmallar")
    _look_at_dialog(eva, "Ny mall")
    eva.page_named("Insikt")
    eva.page.get_by_text("Visa som tabell").click()
    assert_accessible(eva.page, "figures as a table")
    _look_at_dialog(eva, "Gör träningsexempel")


def _look_at_dialog(staff: Personal, name: str) -> None:
    staff.button(name).first.click()
    expect(staff.dialog).to_be_visible()
    assert_accessible(staff.page, name)
    staff.page.keyboard.press("Escape")
    expect(staff.dialog).to_be_hidden()
