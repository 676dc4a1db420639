"""What is masked, and what passes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.orders.numbers import new_order_number
from actions.orders.values import OrderKind
from bot.gateway.redaction import Context, Kind, mask, mask_identities
from tests.bot.gateway.redaction.numbers import SENTENCES, bank_cards, codes, digits_only, identities

NOTHING = Context()

IDENTITIES = [
    "640823-3234", "19640823-3234", "196408233234", "6408233234", "640823 3234", "640823+3234",
    "19 64 08 23 32 34",
    "6 4 0 8 2 3 3 2 3 4", "1964-08-23-3234", "1964.08.23 3234", "640823 – 3234", "701063-2391",
    "19701063-2391",
    "abc196408233234def", "pnr:6408233234.", "６４０８２３-３２３４", "00 01 01 00 16",
    "personnummer 640823-3235", "mitt pers.nr är 640823-0000", "samordningsnummer 701063-2390",
    "född 640823, sista fyra är 3234", "641123 641023 640823-3234",
]  # fmt: skip

CODES = [
    "min pin är 123456", "PIN 1234", "pinkoden är 123456 och puk 12345678",
    "koderna är 123456, 654321 och 12345678",
    "123456 är min pin", "pin123456", "PIN1: 1234 PIN2: 5678", "jag bytte pin från 123456 till 654321",
    "min pinkdo är 445566", "puk-koden: 1234 5678", "lås upp med 12345678 (PUK)", "Min pin. 123456",
    "jag skrev in koden 1 2 3 4 5 6 men det gick inte", "mitt kort har pukkåd 87654321", "pukken e 87654321",
    "provade 123456 som pinkod", "har testat 1900 som pin", "hans PIN-kod lyder 2580",
    "Kundnummer 100200 och min pin är 445566",
    "PIN-koden är 1987", "puk 20240125", "My PIN code is 998877", "pinkod 123-456",
    "har testat 000101 som pin", "jag skriver 483920 och det blir fel hela tiden", "knappar in 2580 men nej",
]  # fmt: skip

PASSES = [
    "Mitt HSA-id är SE5560360793-1003", "SE2321000016-A1B2", "se5560360793-1003", "SE2321000230E00001",
    "SE 5560360793-1003", "Kundnummer 100200, jag behöver en PUK-kod",
    "Hej, mitt kundnummer är 100200 och jag behöver en ny PUK-kod", "Jag behöver PUK-kod. Kundnummer: 100200",
    "PUK-kod till kund 100200", "Jag vill beställa PUK-kod för SE5560360793-1003, kund 100200", "100200",
    "ring 018-481 19 00", "ring +46 18 481 19 00 om pin", "018-4811900 pinkod", "mobil 0701011234",
    "070-123 45 67",
    "Kortet har produktkod 473 och pin funkar inte", "reservkort 573", "kort 7XX, pin låst", "753 20 Uppsala",
    "Vi sitter på Storgatan 1, 753 20 Uppsala. Koden skickas dit.", "PIN-koden slutade fungera 2024-01-25",
    "PIN-koden slutade fungera 2024-01-25 14:30", "2024-01-25 14:30", "2024-01-25 2024-02-03",
    "pin fungerar inte sedan 2023", "kl 14.30 spärrades min pin", "felkod 800401 när jag skriver pin",
    "Jag får fel 12345 när jag skriver pinkod", "kortnummer 9752 2718 0000 1234 567",
    "3 försök på pin, 100 dagar",
    "PUK kostar 250 kr eller 1500 kr", "556036-0793", "212000-0142", "640823-3235", "640823",
    "Jag har väntat på PUK-brevet sedan 2024", "Vi är 1200 anställda", "PUK-brevet kom 12/11 2025",
    "fakturan på 12500 kr gäller pinkoder",
    "jag skriver in 100200 som kundnummer", "vi skrev kundnummer 100200",
]  # fmt: skip


@pytest.mark.parametrize("text", IDENTITIES)
def test_a_personnummer_is_masked_however_it_is_written(text: str) -> None:
    masked = mask(text, NOTHING)
    assert masked.kinds == {Kind.IDENTITY}
    assert digits_only(masked.text) in ("", "641123641023")
    assert len(masked.text) == len(text)


@pytest.mark.parametrize("text", CODES)
def test_codes_are_masked_by_what_stands_around_them(text: str) -> None:
    masked = mask(text, NOTHING)
    assert masked.kinds == {Kind.CODE}
    assert digits_only(masked.text) in ("", "100200", "12")


@pytest.mark.parametrize("text", PASSES)
def test_harmless_numbers_pass(text: str) -> None:
    assert mask(text, NOTHING).text == text


def test_the_rest_of_the_sentence_stays() -> None:
    masked = mask("Anna, 640823-3234, har PIN 123456 och HSA-id SE5560360793-1003.", NOTHING)
    assert masked.text == "Anna, ••••••-••••, har PIN •••••• och HSA-id SE5560360793-1003."
    assert masked.kinds == {Kind.IDENTITY, Kind.CODE}


@pytest.mark.parametrize(
    ("question", "previous", "text", "hidden"),
    [
        ("Vilken PIN-kod har du?", "", "123456", True),
        ("Vilken PUK-kod står i brevet?", "", "det är 12345678", True),
        ("Vad är ert kundnummer?", "jag vill beställa puk", "100200", False),
        ("Vilket kundnummer gäller PUK-beställningen?", "puk", "100200", False),
        ("Skriv kundnumret.", "jag behöver en PUK-kod", "100200", False),
        ("Skriv antalet med siffror.", "puk", "1200", False),
        ("Okej, berätta mer.", "min pin funkar inte", "123456", True),
        ("Vilken felkod ser du?", "min pin funkar inte", "800401", False),
        ("När slutade PIN-koden att fungera?", "", "2024", False),
        ("", "640823", "3234", True),
        ("", "640823", "3235", False),
        ("Hur många kort gäller det?", "", "1200", False),
    ],
)
def test_a_number_alone_is_judged_by_what_was_said_before(
    question: str, previous: str, text: str, hidden: bool
) -> None:
    assert bool(mask(text, Context(question, previous)).kinds) is hidden


def test_a_hsa_id_keeps_its_prefix_but_not_a_personnummer_as_suffix() -> None:
    assert mask("SE2321000016-196408233234", NOTHING).text == "SE2321000016-••••••••••••"


def test_a_sole_traders_number_without_a_suffix_is_a_personnummer() -> None:
    assert mask("SE6408233234", NOTHING).text == "SE••••••••••"


@given(identities(), st.sampled_from(SENTENCES))
@settings(max_examples=1000, deadline=None)
def test_no_personnummer_gets_through(identity: tuple[str, str], sentence: str) -> None:
    spelled, ten = identity
    masked = mask(sentence.format(spelled), NOTHING)
    assert ten not in digits_only(masked.text)
    assert ten[6:] not in digits_only(masked.text).replace("100200", "").replace("55603607931003", "")


@given(codes())
@settings(max_examples=500, deadline=None)
def test_no_code_gets_through(code: tuple[str, str]) -> None:
    sentence, digits = code
    assert digits not in digits_only(mask(sentence, NOTHING).text)


@given(bank_cards(), st.sampled_from(["{}", "kort {}", "Betala med {} tack"]))
@settings(max_examples=200, deadline=None)
def test_no_bank_card_gets_through(card: tuple[str, str], sentence: str) -> None:
    spelled, _digits = card
    masked = mask(sentence.format(spelled), NOTHING)
    assert digits_only(masked.text) == ""
    assert Kind.BANK_CARD in masked.kinds


@given(st.text(max_size=300), st.text(max_size=100), st.text(max_size=100))
@settings(max_examples=300, deadline=None)
def test_any_text_keeps_its_length_and_needs_no_second_pass(text: str, question: str, previous: str) -> None:
    context = Context(question, previous)
    once = mask(text, context)
    assert len(once.text) == len(text)
    assert mask(once.text, context).text == once.text


@given(st.integers(2, 9), st.integers(0, 10**8 - 1), st.from_regex(r"[A-Za-z0-9]{1,9}", fullmatch=True))
@settings(max_examples=300, deadline=None)
def test_hsa_ids_pass(first: int, rest: int, suffix: str) -> None:
    text = f"Kortet till SE55{first}{rest % 10**7:07}-{suffix} behöver ny PUK"
    assert mask(text, NOTHING).text == text


@pytest.mark.parametrize("kind", list(OrderKind))
def test_order_numbers_pass(kind: OrderKind) -> None:
    for _ in range(50):
        number = new_order_number(kind)
        for spelled in (number, number.lower(), number.replace("-", " "), number.replace("-", "")):
            text = f"Hur går det med PUK-kod {spelled}?"
            assert mask(text, NOTHING).text == text


def test_a_card_report_keeps_serial_numbers() -> None:
    assert (
        mask_identities("9752271800001234567 196408233234 PIN 123456")
        == "9752271800001234567 •••••••••••• PIN 123456"
    )


@pytest.mark.parametrize(
    "unit", ["1", "1 ", "12 34 ", "1-", "640823-3234 ", "pin 123456 ", "SE5560360793-", "1, 1. "]
)
def test_long_texts_take_no_longer_than_they_should(unit: str) -> None:
    text = (unit * 1000)[:1000]
    started = time.process_time()
    mask(text, NOTHING)
    assert time.process_time() - started < 0.25
