from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.orders import ORDER_NUMBER_PATTERN, OrderKind, find_order_numbers, parse_order_number
from actions.orders.errors import InvalidOrderNumber
from actions.orders.numbers import ALPHABET, new_order_number

numbers = st.sampled_from(OrderKind).map(new_order_number)


@given(numbers)
def test_a_number_has_its_form_and_never_a_group_of_digits_only(number: str) -> None:
    assert ORDER_NUMBER_PATTERN.fullmatch(number)
    assert not any(group.isdigit() for group in number.split("-"))
    assert parse_order_number(number) == number


@given(numbers, st.sampled_from([str.lower, str.upper]), st.sampled_from(["", " ", "-", "\u2013"]))
def test_however_it_is_written_it_is_the_same(number: str, case: object, joint: str) -> None:
    assert callable(case)
    assert parse_order_number(f"  {case(number.replace('-', joint))} ") == number


@given(numbers, st.integers(0, 6), st.sampled_from(ALPHABET))
def test_every_wrong_character_is_noticed(number: str, place: int, wrong: str) -> None:
    letter, body = number[0], number[1:].replace("-", "")
    changed = body[:place] + wrong + body[place + 1 :]
    if changed != body:
        with pytest.raises(InvalidOrderNumber) as refused:
            parse_order_number(letter + changed)
        assert refused.value.reason == "check"


@given(numbers)
def test_every_two_neighbours_that_changed_places_are_noticed(number: str) -> None:
    body = number[1:].replace("-", "")
    for index, (first, second) in enumerate(pairwise(body)):
        swapped = body[:index] + second + first + body[index + 2 :]
        if swapped != body:
            with pytest.raises(InvalidOrderNumber):
                parse_order_number(number[0] + swapped)


@given(numbers)
def test_the_kind_letter_is_checked_too(number: str) -> None:
    for letter in "PRKL".replace(number[0], ""):
        with pytest.raises(InvalidOrderNumber):
            parse_order_number(letter + number[1:])


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_is_refused(text: str) -> None:
    try:
        assert ORDER_NUMBER_PATTERN.fullmatch(parse_order_number(text))
    except InvalidOrderNumber as error:
        assert error.reason in {"form", "check"}


def test_numbers_are_found_in_sentences() -> None:
    first, second = new_order_number(OrderKind.PUK), new_order_number(OrderKind.CARD_READER)
    sentence = f"status på {first.lower()} och {second.replace('-', ' ')}, tack"
    assert find_order_numbers(sentence) == (first, second)
    assert find_order_numbers("hur går det med min beställning av puk?") == ()


def test_numbers_do_not_repeat_quickly() -> None:
    assert len({new_order_number(OrderKind.PUK) for _ in range(2000)}) >= 1998
