"""Personnummer are seen in free text; addresses are read from one line."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from actions.orders import Address, contains_personnummer, parse_address
from actions.orders.errors import InvalidAddress


@st.composite
def personnummer(draw: st.DrawFn) -> str:
    """A correct number of a made-up person, in one of the ways people write them."""
    born = date(1930, 1, 1) + timedelta(days=draw(st.integers(0, 34_000)))
    day = born.day + draw(st.sampled_from([0, 60]))
    body = f"{born:%y%m}{day:02}{draw(st.integers(1, 999)):03}"
    digits = body + luhn.calc_check_digit(body)
    separator = draw(st.sampled_from(["", "-", "+", " ", " - "]))
    century = draw(st.sampled_from(["", f"{born:%Y}"[:2]]))
    return f"{century}{digits[:6]}{separator}{digits[6:]}"


@given(
    personnummer(),
    st.sampled_from(["", "Hej, det är ", "pnr:"]),
    st.sampled_from(["", ".", " tack", ", kom"]),
)
def test_every_personnummer_is_seen(number: str, before: str, after: str) -> None:
    assert contains_personnummer(before + number + after)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SE5560360793-1003",
        "070-123 45 67",
        "018-481 19 00",
        "556036-0793",
        "P-7K4M-2XR",
        "9752278900000000000",
        "Storgatan 12, 753 20 Uppsala",
        "Vikarie hela 2026, börjar 2026-04-01",
    ],
)
def test_other_numbers_pass(text: str) -> None:
    assert not contains_personnummer(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Storgatan 1, 753 20 Uppsala", Address("", "Storgatan 1", "75320", "Uppsala")),
        ("Storgatan 1 75320 Uppsala", Address("", "Storgatan 1", "75320", "Uppsala")),
        ("Mottagningen, Box 12\nSE-753 20 Uppsala.", Address("Mottagningen", "Box 12", "75320", "Uppsala")),
    ],
)
def test_an_address_is_read_from_a_line(text: str, expected: Address) -> None:
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Storgatan 1, Uppsala", "postal_code"),
        ("753 20 Uppsala", "street"),
        ("Storgatan 1, 753 20", "city"),
        ("Storgatan 1, 753 20 640823-3234", "city"),
        ("Kim 640823-3234, Storgatan 1, 753 20 Uppsala", "personnummer"),
    ],
)
def test_what_is_missing_in_an_address_is_said(text: str, reason: str) -> None:
    with pytest.raises(InvalidAddress) as refused:
        parse_address(text)
    assert refused.value.reason == reason


def test_an_address_prints_as_people_write_it() -> None:
    assert (
        parse_address("Storgatan 1,75320 Uppsala", "Kliniken").line == "Kliniken, Storgatan 1, 753 20 Uppsala"
    )
