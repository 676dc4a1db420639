"""A crash, a retry or an impatient visitor: one order, and the visitor learns its number."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from tests.conversations.conftest import Person, name_of


def _orders(stack: Any, customer: str) -> list[str]:
    engine = create_engine(stack.database_url)
    with engine.connect() as connection:
        numbers = connection.execute(
            text(
                "SELECT o.number FROM orders o JOIN customers c ON c.id = o.customer_id"
                " WHERE c.number = :customer"
            ),
            {"customer": customer},
        ).scalars()
        found = list(numbers)
    engine.dispose()
    return found


def _customer(person: Person) -> dict[str, Any]:
    words = person.words
    return {"customer": {"customer_number": words["customer"], "contact_email": words["email"]}}


def _post(stack: Any, person: Person, message: str) -> Callable[[], httpx.Response]:
    body = {"sender": person.sender, "message": message, "metadata": _customer(person)}
    return lambda: httpx.post(f"{stack.engine_url}/webhooks/rest/webhook", json=body, timeout=30)


def _until_summary(person: Person) -> None:
    answer = person.say("beställ puk till <hsa_id>", _customer(person))
    assert "utter_order_summary" in [name_of(part["text"]) for part in answer if part.get("text")]


@pytest.mark.parametrize("attempt", range(3))
def test_the_action_server_is_killed_when_the_order_is_committed(
    stack: Any, person: Person, attempt: int
) -> None:
    _until_summary(person)
    answer = threading.Thread(target=_post(stack, person, "ja"))
    answer.start()
    while answer.is_alive() and not _orders(stack, person.words["customer"]):
        pass
    stack.kill("actions")
    answer.join()
    stack.restart("actions")
    again = person.say("ja", _customer(person))
    orders = _orders(stack, person.words["customer"])
    assert len(orders) == 1
    status = person.say(f"status på {orders[0]}", _customer(person))
    assert any(orders[0] in (part.get("text") or "") for part in [*again, *status])


def test_an_impatient_visitor_says_yes_five_times_at_once(stack: Any, person: Person) -> None:
    _until_summary(person)
    with ThreadPoolExecutor(5) as threads:
        answers = [
            future.result() for future in [threads.submit(_post(stack, person, "ja")) for _ in range(5)]
        ]
    orders = _orders(stack, person.words["customer"])
    assert len(orders) == 1
    assert any(orders[0] in answer.text for answer in answers)


def test_what_was_answered_survives_an_action_server_that_is_down(stack: Any, person: Person) -> None:
    person.say("beställ reservkort till <hsa_id>", _customer(person))
    stack.kill("actions")
    down = _post(stack, person, "nivå 3")()
    assert down.status_code == 503 or "Något gick fel" in down.text
    stack.restart("actions")
    answer = person.say("nivå 3", _customer(person))
    assert name_of(answer[-1]["text"]) == "utter_ask_reserve_reason"
