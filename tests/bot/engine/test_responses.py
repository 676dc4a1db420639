"""Addresses in answers come from the catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain

from bot.engine.errors import StartError
from bot.engine.responses import CATALOGUE, SupportResponses, load_addresses, unknown_variables

TINY = Path(__file__).parent / "tiny"


def domain(text: str, **more: object) -> Domain:
    return Domain.from_dict({"responses": {"utter_x": [{"text": text, **more}]}})


def said(text: str, **filled: str) -> str:
    responses = SupportResponses(addresses=load_addresses(TINY / "addresses.yml"))
    responses.use_domain(domain(text, metadata={"variables": list(filled)}))
    return responses.generate_from_slots("utter_x", {}, "rest", **filled)["text"]


def test_an_address_is_filled_in() -> None:
    assert (
        said("Se {support_page} eller ring {phone}.")
        == "Se https://support.example/ eller ring 010-000 00 00."
    )


def test_a_guide_without_a_page_refers_to_the_support_page() -> None:
    assert said("Guiden finns på {guide_puk}.") == "Guiden finns på https://support.example/."


def test_what_an_action_fills_is_filled() -> None:
    assert (
        said("Kontoret i {town}: {support_page}", town="Umeå") == "Kontoret i Umeå: https://support.example/"
    )


def test_an_unknown_variable_stops_the_start() -> None:
    with pytest.raises(StartError, match="utter_x: customer_portl"):
        SupportResponses(addresses={"customer_portal": "x"}).use_domain(domain("Se {customer_portl}"))


def test_variables_in_buttons_and_directives_are_checked_too() -> None:
    buttons = domain("Hej", buttons=[{"title": "{nope}", "payload": "hej"}])
    custom = domain("Hej", custom={"directive": "x", "deep": [{"text": "{deep}"}]})
    assert unknown_variables(buttons, []) == ["utter_x: nope"]
    assert unknown_variables(custom, []) == ["utter_x: deep"]


def test_a_slot_may_be_used() -> None:
    with_slot = Domain.from_dict(
        {
            "slots": {"town": {"type": "text", "mappings": [{"type": "custom"}]}},
            "responses": {"utter_x": [{"text": "I {town}"}]},
        }
    )
    assert unknown_variables(with_slot, []) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("- a\n", "must map"),
        ("support_page: {label: x}\n", "support_page has no url"),
        ("a: [", "not valid YAML"),
        ("guide: {label: x}\n", "guide has no url"),
    ],
)
def test_a_bad_catalogue_says_what_is_wrong(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "addresses.yml"
    path.write_text(content)
    with pytest.raises(StartError, match=reason):
        load_addresses(path)


def test_a_missing_catalogue_says_so(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be read"):
        load_addresses(tmp_path / "none.yml")


def test_the_shipped_catalogue_is_complete() -> None:
    addresses = load_addresses(CATALOGUE)
    assert addresses["support_page"].startswith("https://")
    assert all(addresses.values())
