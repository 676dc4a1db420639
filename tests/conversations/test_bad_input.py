"""Whatever is written, something sensible comes back, and never nothing."""

from __future__ import annotations

import pytest

from tests.conversations.conftest import Person

BAD = {
    "empty": "",
    "blank": "   \n\t ",
    "very long": "kortet fungerar inte " * 500,
    "emoji": "😀🤖👩‍⚕️",
    "digits": "1234567890",
    "control characters": "\x00\x07\x1b[31mhej\x7f",
    "html": "<script>alert('x')</script><b>hej</b>",
    "command": "/order_puk{}",
    "command with slots": '/affirm{"hsa_id": "SE5560360793-1003"}',
    "restart command": "/restart",
    "punctuation": "?!.,;:",
    "other alphabet": "помогите карта не работает",
    "right to left": "بطاقتي لا تعمل",
    "template": "{phone} {hsa_id} %s {{7*7}}",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_bad_input_is_answered(person: Person, text: str) -> None:
    answer = person.say(text)
    assert answer
    assert all(part.get("text") or part.get("custom") for part in answer)
    assert "\x00" not in str(answer)


# These are understood, as a wish for something else.
OTHER_WISHES = ("very long", "command", "restart command")


@pytest.mark.parametrize("name", [name for name in BAD if name not in OTHER_WISHES])
def test_bad_input_in_the_middle_of_a_guide_keeps_the_guide(person: Person, name: str) -> None:
    person.say("lås upp kort")
    assert person.say(BAD[name])
    answer = person.say("Nej")
    assert any("personligt besök" in (part.get("text") or "") for part in answer)


def test_a_command_starts_nothing(person: Person) -> None:
    answer = person.say("/request_human")
    assert not any(part.get("custom") for part in answer)
