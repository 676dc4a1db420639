"""Which of Rasa's warnings count."""

from __future__ import annotations

from scripts.validate_data import complaints

UNUSED = (
    "\x1b[93m/x/io.py:100: UserWarning: The utterance 'utter_a' is not used in any story or rule.\n\x1b[0m"
)
EVENT = (
    "/x/io.py:100: UserWarning: The intent 'card_report' is listed in the domain file, "
    "but is not found in the NLU training data.\n"
)
DUPLICATE = (
    "\x1b[93m/x/io.py:100: UserWarning: The example 'hej' was found labeled with multiple intents: a, b.\n"
    "  More info at https://rasa.com/docs\n"
    "\x1b[0m2026-11-23 23:07:37 INFO     rasa.validator  - Story structure validation...\n"
)


def test_an_answer_that_only_python_names_is_no_complaint() -> None:
    assert complaints(UNUSED * 3) == []


def test_an_event_needs_no_examples_but_every_other_intent_does() -> None:
    assert complaints(EVENT) == []
    assert len(complaints(EVENT.replace("card_report", "greet"))) == 1


def test_any_other_warning_is_one() -> None:
    assert complaints(UNUSED + DUPLICATE + UNUSED) == [
        "The example 'hej' was found labeled with multiple intents: a, b.\n  More info at https://rasa.com/docs"
    ]


def test_no_output_is_no_complaint() -> None:
    assert complaints("") == []
