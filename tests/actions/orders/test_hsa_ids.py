from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from actions.orders import HSA_ID_PATTERN, Change, find_hsa_ids, parse_hsa_id
from actions.orders.errors import InvalidHsaId

_ALNUM = string.ascii_letters + string.digits
organisations = st.builds(
    lambda head, rest: (body := head + rest) + luhn.calc_check_digit(body),
    st.sampled_from(["212", "232", "556", "559", "769", "802", "969"]),
    st.text(string.digits, min_size=6, max_size=6),
)
suffixes = st.text(_ALNUM, min_size=1, max_size=18)
hsa_ids = st.builds("SE{}-{}".format, organisations, suffixes)


@given(hsa_ids)
def test_a_correct_id_is_read_as_it_stands(hsa_id: str) -> None:
    reading = parse_hsa_id(hsa_id)
    assert (reading.value, reading.exact) == (hsa_id, True)
    assert HSA_ID_PATTERN.fullmatch(reading.value)


@given(hsa_ids, st.randoms(use_true_random=False))
def test_spaces_anywhere_change_nothing_but_are_told(hsa_id: str, random: object) -> None:
    spaced = " ".join(hsa_id)
    reading = parse_hsa_id(spaced)
    assert reading.value == hsa_id
    assert Change.SPACES in reading.changes
    assert not reading.exact


@given(hsa_ids)
def test_lower_case_means_the_same_id_in_capitals(hsa_id: str) -> None:
    reading = parse_hsa_id(hsa_id.lower())
    assert reading.value == hsa_id.upper()
    assert reading.changes == {Change.CASE}


@given(hsa_ids)
def test_a_missing_hyphen_is_put_after_ten_digits(hsa_id: str) -> None:
    reading = parse_hsa_id(hsa_id.replace("-", ""))
    assert reading.value == hsa_id
    assert reading.changes == {Change.HYPHEN}


@given(hsa_ids)
def test_reading_twice_changes_nothing(hsa_id: str) -> None:
    once = parse_hsa_id(hsa_id.lower().replace("-", " "))
    twice = parse_hsa_id(once.value)
    assert twice.value == once.value
    assert twice.exact


@given(st.text(max_size=60))
def test_any_text_is_an_id_in_normal_form_or_a_reason(text: str) -> None:
    try:
        reading = parse_hsa_id(text)
    except InvalidHsaId as error:
        assert error.reason
    else:
        assert HSA_ID_PATTERN.fullmatch(reading.value)
        assert all(HSA_ID_PATTERN.fullmatch(other) for other in reading.alternatives)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("HSA-id: SE5560360793-1003.", "SE5560360793-1003"),
        ("SE5560360793\u20131003", "SE5560360793-1003"),
        ("SE556036-0793-1003", "SE5560360793-1003"),
        ("SE 556036-0793 1003", "SE5560360793-1003"),
        ("SE556O36O793-1003", "SE5560360793-1003"),
        ("SE165560360793-1003", "SE5560360793-1003"),
        ("SE2321000230E00001", "SE2321000230-E00001"),
    ],
)
def test_what_people_type(typed: str, expected: str) -> None:
    assert parse_hsa_id(typed).value == expected


def test_a_twelve_digit_number_without_hyphen_has_two_meanings() -> None:
    reading = parse_hsa_id("SE1655603607931003")
    assert reading.value == "SE5560360793-1003"
    assert reading.alternatives == ("SE1655603607-931003",)
    assert not reading.exact


def test_a_wrong_check_digit_is_only_a_warning() -> None:
    reading = parse_hsa_id("SE5560360794-1003")
    assert reading.value == "SE5560360794-1003"
    assert not reading.organisation_ok
    assert not reading.exact


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("1003", "prefix"),
        ("640823-3234", "personnummer"),
        ("SE55603607-1003", "organisation"),
        ("SE556036079312-1003", "organisation"),
        ("SE5560360793", "suffix_missing"),
        ("SE5560360793-", "suffix_missing"),
        ("SE5560360793-åäö", "characters"),
        ("SE5560360793-1234567890123456789", "suffix_too_long"),
    ],
)
def test_what_is_wrong_is_said(typed: str, reason: str) -> None:
    with pytest.raises(InvalidHsaId) as refused:
        parse_hsa_id(typed)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("puk till SE5560360793-1003", ["SE5560360793-1003"]),
        (
            "puk till se5560360793 1003 och SE5560360793-1004, tack",
            ["SE5560360793-1003", "SE5560360793-1004"],
        ),
        ("HSA-id är SE5560360793-1003. Går det bra?", ["SE5560360793-1003"]),
        ("SE5560360793 och inget mer", []),
        ("jag vill se 10 kort", []),
        ("", []),
    ],
)
def test_ids_are_found_in_sentences(sentence: str, expected: list[str]) -> None:
    assert [reading.value for reading in find_hsa_ids(sentence)] == expected
