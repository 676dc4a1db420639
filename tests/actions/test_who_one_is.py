"""What visitors say where a customer number, an address or a code is asked for."""

from __future__ import annotations

import asyncio

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.order_forms import OrderCardReaderForm
from actions.turn import Turn


def _heard(asking: str, text: str, misunderstood: int = 0) -> tuple[str | None, str | None]:
    """The response, and the question that is open then."""
    slots = {
        "requested_slot": asking,
        "customer_number": None if asking == "customer_number" else "100200",
        "contact_email": "bo@mottagningen.example" if asking == "one_time_code" else None,
        "one_time_code": "sent" if asking == "one_time_code" else None,
        "misunderstood": misunderstood,
    }
    message = {"text": text, "intent": {"name": "nlu_fallback", "confidence": 0.3}}
    tracker = Tracker(
        "c", slots, message, [], False, None, {"name": "order_card_reader_form"}, "action_listen"
    )
    dispatcher = CollectingDispatcher()
    events = asyncio.run(OrderCardReaderForm().heed(dispatcher, tracker, Turn.of(tracker))) or []
    said = [str(message["response"]) for message in dispatcher.messages if message.get("response")]
    asked = [event["value"] for event in events if event.get("name") == "requested_slot"]
    return (said[-1] if said else None), (asked[-1] if asked else None)


@pytest.mark.parametrize(
    ("asking", "text", "response", "question"),
    [
        (
            "customer_number",
            "hittar inget nummer någonstans",
            "utter_explain_customer_number",
            "customer_number",
        ),
        (
            "customer_number",
            "kan du ta orgnumret i stället",
            "utter_no_organisation_number",
            "customer_number",
        ),
        (
            "customer_number",
            "minns inte numret, går orgnr 556036-0793?",
            "utter_no_organisation_number",
            "customer_number",
        ),
        ("customer_number", "vi är inte kund hos er ännu", "utter_faq/become_customer", None),
        ("customer_number", "hur blir man kund?", "utter_faq/become_customer", None),
        ("customer_number", "han har inget personnummer", None, None),
        ("customer_number", "vårt kundnummer är 100200", None, None),
        ("contact_email", "jag är ju inte behörig att beställa", "utter_orderer_only", None),
        ("one_time_code", "det är inte jag som beställer, det gör chefen", "utter_orderer_only", None),
        ("one_time_code", "hur blir jag beställare?", "utter_orderer_only", "one_time_code"),
        ("one_time_code", "kundnumret är fel", None, "customer_number"),
        ("one_time_code", "jag vill byta mejladress", None, "contact_email"),
        ("contact_email", "fel kundnr förresten", None, "customer_number"),
        ("one_time_code", "jag ser inget mejl", "utter_code_missing", "one_time_code"),
        ("one_time_code", "inget i skräpposten heller", "utter_code_missing_still", "one_time_code"),
        ("one_time_code", "koden gick inte", "utter_code_refused", "one_time_code"),
        ("one_time_code", "den säger fel kod", "utter_code_refused", "one_time_code"),
        ("one_time_code", "482 913", None, None),
    ],
)
def test_what_is_said_instead_of_an_answer(
    asking: str, text: str, response: str | None, question: str | None
) -> None:
    assert _heard(asking, text) == (response, question)


def test_the_same_explanation_is_not_given_twice() -> None:
    assert _heard("customer_number", "vi har inget nummer", 1)[0] == "utter_customer_number_person"
    assert _heard("one_time_code", "det kommer ingen kod", 1)[0] == "utter_code_missing_still"
