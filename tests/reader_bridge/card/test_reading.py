"""Reading cards that each do it their own way, without a reader: the engine answers in process."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_bridge.card.apdu import Session
from reader_bridge.card.certificates import Kind
from reader_bridge.card.errors import BadData, StatusError
from reader_bridge.card.idprime import parse_index
from reader_bridge.card.pin import PinStatus, PinUnknown, ask
from reader_bridge.card.reading import ReadBy, read_card
from tests.reader_bridge.card_engine import CardEngine
from tests.reader_bridge.certificates import HSA_ID, Certificate
from tests.reader_bridge.file_systems import FileSystem, Layout, der, idprime, octets, pkcs15, utf8
from tests.reader_bridge.kinds import AUTH, IDPRIME_940_ATR, PERSON, SIGN, STRANGER

CARD = [AUTH, SIGN, PERSON]
WHOLE = [pkcs15(CARD), idprime([AUTH]), pkcs15([AUTH], Layout(directory_file=True))]
NEVER_WRITING = {0xA4, 0xB0, 0xB2, 0xC0, 0x20}


class InProcess:
    """The transport of the card layer, straight to an engine."""

    def __init__(self, engine: CardEngine) -> None:
        self.engine = engine
        self.t0 = engine.t0

    def send_and_receive(self, apdu: bytes) -> tuple[bytes, int]:
        answer = self.engine.answer(apdu)
        return answer[:-2], int.from_bytes(answer[-2:], "big")


class Answers:
    """A card that gives prepared answers: data and status word."""

    def __init__(self, *answers: tuple[bytes, int], t0: bool = False) -> None:
        self.answers = list(answers)
        self.sent: list[bytes] = []
        self.t0 = t0

    def send_and_receive(self, apdu: bytes) -> tuple[bytes, int]:
        self.sent.append(apdu)
        return self.answers.pop(0)


def kinds_read(engine: CardEngine) -> list[Kind]:
    return [certificate.kind for certificate in read_card(InProcess(engine), engine.atr).certificates]


@pytest.mark.parametrize("t0", [False, True])
@pytest.mark.parametrize("fci", [False, True])
@pytest.mark.parametrize(
    "layout",
    [
        Layout(),
        Layout(absolute=False),
        Layout(application="7F10"),
        Layout(application="5F01", absolute=False, directory="7004", first_certificate=0x0A01),
        Layout(in_directory=True),
        Layout(one_file=True),
        Layout(one_file=True, absolute=False),
        Layout(compressed=True, padding=0),
        Layout(padding=0),
        Layout(padding=900),
        Layout(directory_file=True, application="5FAA"),
        Layout(directory_file=True, application="5FAA", odf="6101"),
    ],
)
def test_every_layout_is_followed(layout: Layout, fci: bool, t0: bool) -> None:
    engine = CardEngine(pkcs15(CARD, layout), t0=t0, fci=fci)
    assert kinds_read(engine) == [Kind.HSA_ID, Kind.HSA_ID, Kind.PERSON_ID]


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("ways", [{0x00}, {0x02}, {0x08}, {0x09, 0x02}, {0x00, 0x08}])
def test_cards_that_know_only_some_ways_of_selecting(ways: set[int], absolute: bool) -> None:
    if ways == {0x08} and not absolute:
        ways = {0x08, 0x02}  # the object directory itself has no absolute path
    engine = CardEngine(pkcs15(CARD, Layout(absolute=absolute)), ways=frozenset(ways | {0x04, 0x02}))
    assert len(kinds_read(engine)) == 3


@pytest.mark.parametrize("t0", [False, True])
@pytest.mark.parametrize("most", [1, 16, 64, 100, 128, 255])
def test_cards_that_give_little_at_a_time(most: int, t0: bool) -> None:
    engine = CardEngine(pkcs15([AUTH], Layout(padding=0)), max_read=most, t0=t0)
    assert kinds_read(engine) == [Kind.HSA_ID]


def test_a_card_that_takes_the_wanted_length_for_a_part_of_the_name() -> None:
    class Greedy(CardEngine):
        def answer(self, apdu: bytes) -> bytes:
            greedy = apdu[1] == 0xA4 and len(apdu) > 5 + apdu[4]
            return b"\x6a\x82" if greedy else super().answer(apdu)

    assert kinds_read(Greedy(pkcs15([AUTH]))) == [Kind.HSA_ID]


def test_a_card_that_refuses_to_be_asked_for_more_than_it_has() -> None:
    class Strict(CardEngine):
        def answer(self, apdu: bytes) -> bytes:
            answer = super().answer(apdu)
            asked_too_much = apdu[1] == 0xB0 and 0 < apdu[4] != len(answer) - 2
            return b"\x67\x00" if asked_too_much else answer

    assert kinds_read(Strict(pkcs15([AUTH]), fci=False)) == [Kind.HSA_ID]


def test_the_order_is_the_cards() -> None:
    engine = CardEngine(pkcs15([STRANGER, PERSON, SIGN, AUTH]))
    assert kinds_read(engine) == [Kind.OTHER, Kind.PERSON_ID, Kind.HSA_ID, Kind.HSA_ID]


def test_issuers_certificates_are_told_apart() -> None:
    engine = CardEngine(pkcs15([Certificate(authority=True), AUTH]))
    assert kinds_read(engine) == [Kind.AUTHORITY, Kind.HSA_ID]


def test_the_same_file_id_elsewhere_on_the_card_is_not_taken() -> None:
    system = pkcs15([AUTH])
    system.files["3F00/4331"] = b"something else"
    system.files["3F00/4404"] = b"\x30\x03\x02\x01\x07"
    assert kinds_read(CardEngine(system)) == [Kind.HSA_ID]


def test_one_bad_certificate_does_not_hide_the_others() -> None:
    system = pkcs15(CARD)
    system.files["3F00/5015/4332"] = bytes(300)
    content = read_card(InProcess(CardEngine(system)), b"")
    assert [certificate.kind for certificate in content.certificates] == [Kind.HSA_ID, Kind.PERSON_ID]
    assert content.notes


def test_entries_of_other_kinds_are_passed_over() -> None:
    system = pkcs15([AUTH])
    odd = der(0xA0, utf8("attribute certificate")) + der(0x30, der(0x30, utf8("no path"))) + der(0x30)
    url = der(0x30, der(0x30), der(0x30, octets(b"\x01")), der(0xA1, der(0x30, der(0x13, b"http://x"))))
    system.files["3F00/5015/4404"] = odd + url + system.files["3F00/5015/4404"]
    assert kinds_read(CardEngine(system)) == [Kind.HSA_ID]


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("t0", [False, True])
def test_idprime_cards(t0: bool, compressed: bool) -> None:
    engine = CardEngine(idprime([AUTH, SIGN], compressed), t0=t0, atr=IDPRIME_940_ATR, tries={0x11: 4})
    content = read_card(InProcess(engine), engine.atr)
    assert content.read_by is ReadBy.IDPRIME
    assert [certificate.hsa_id for certificate in content.certificates] == [HSA_ID, HSA_ID]
    assert content.pin == PinStatus(asked=True, locked=False, tries_left=4)
    assert engine.verifies == [bytes.fromhex("00200011")]


def test_the_applet_alone_does_not_make_it_safe_to_ask() -> None:
    engine = CardEngine(idprime([AUTH]), tries={0x11: 4})
    content = read_card(InProcess(engine), engine.atr)
    assert content.certificates
    assert engine.verifies == []
    assert content.pin.unknown is PinUnknown.NOT_SAFE_TO_ASK


def test_the_atr_alone_does_not_make_it_safe_to_ask() -> None:
    engine = CardEngine(pkcs15([AUTH]), atr=IDPRIME_940_ATR, tries={0x11: 4, 1: 3})
    read_card(InProcess(engine), engine.atr)
    assert engine.verifies == []


def test_pkcs15_comes_before_idprime_unless_it_is_empty() -> None:
    both = pkcs15([AUTH])
    other = idprime([PERSON])
    both = FileSystem(both.files | other.files, both.applications | other.applications)
    assert kinds_read(CardEngine(both)) == [Kind.HSA_ID]
    both.files["3F00/5015/4404"] = bytes(40)
    assert kinds_read(CardEngine(both)) == [Kind.PERSON_ID]


@pytest.mark.parametrize(
    ("sw", "expected"),
    [
        (0x63C0, PinStatus(True, True, 0)),
        (0x6983, PinStatus(True, True, 0)),
        (0x63C1, PinStatus(True, False, 1)),
        (0x63CF, PinStatus(True, False, 15)),
        (0x9000, PinStatus(True, False, None, PinUnknown.ALREADY_VERIFIED)),
        (0x6A88, PinStatus(True, None, None, PinUnknown.NO_SUCH_PIN)),
        (0x6300, PinStatus(True, None, None, PinUnknown.UNCLEAR_ANSWER)),
        (0x6700, PinStatus(True, None, None, PinUnknown.UNCLEAR_ANSWER)),
    ],
)
def test_answers_to_the_empty_verify(sw: int, expected: PinStatus) -> None:
    card = Answers((b"", sw))
    assert ask(Session(card), 0x11) == expected
    assert card.sent == [bytes.fromhex("00200011")]


def test_long_t0_answers_are_put_together() -> None:
    card = Answers((b"", 0x6102), (b"", 0x6C03), (b"abc", 0x6101), (b"d", 0x9000), t0=True)
    assert Session(card).require(0xA4, 0, 0, b"\x3f\x00", le=0) == b"abcd"
    assert card.sent[0] == bytes.fromhex("00A40000023F00")
    assert [sent.hex() for sent in card.sent[1:]] == ["00c0000002", "00c0000003", "00c0000001"]


def test_wrong_length_is_asked_again() -> None:
    card = Answers((b"", 0x6C05), (b"hello", 0x9000))
    assert Session(card).require(0xB0, 0, 0, le=0xFF) == b"hello"
    assert [sent.hex() for sent in card.sent] == ["00b00000ff", "00b0000005"]


def test_refusals_carry_the_status_word() -> None:
    with pytest.raises(StatusError) as refused:
        Session(Answers((b"", 0x6982))).require(0xB0, 0, 0, le=1)
    assert refused.value.sw == 0x6982


def test_an_answer_without_end_is_ended() -> None:
    with pytest.raises(BadData):
        Session(Answers(*[(b"x", 0x6101)] * 300)).send(0xB0, 0, 0, le=0)


@settings(max_examples=60)
@given(st.data())
def test_damaged_cards_never_raise_and_are_never_written_to(data: st.DataObject) -> None:
    system = data.draw(st.sampled_from(WHOLE))
    damaged = dict(system.files)
    for name in data.draw(st.sets(st.sampled_from(sorted(damaged)), max_size=3)):
        content = bytearray(damaged[name])
        for at, value in data.draw(
            st.dictionaries(st.integers(0, len(content) - 1), st.integers(0, 255), max_size=6)
        ).items():
            content[at] = value
        damaged[name] = bytes(content[: data.draw(st.integers(0, len(content)))])
    engine = CardEngine(replace(system, files=damaged), t0=data.draw(st.booleans()))
    read_card(InProcess(engine), engine.atr)
    assert {command[1] for command in engine.commands} <= NEVER_WRITING
    assert engine.verifies == []
    assert len(engine.commands) < 3000


@settings(max_examples=100)
@given(st.randoms(use_true_random=False))
def test_a_card_of_noise_never_raises(noise: object) -> None:
    class Noise:
        t0 = False
        count = 0

        def send_and_receive(self, apdu: bytes) -> tuple[bytes, int]:
            self.count += 1
            assert self.count < 20_000
            words = [0x9000, 0x9000, 0x6A82, 0x6282, 0x6103, 0x6C02, 0x6B00, noise.randrange(65536)]  # type: ignore[attr-defined]
            return noise.randbytes(noise.randrange(40)), noise.choice(words)  # type: ignore[attr-defined]

    read_card(Noise(), b"")


@given(st.binary(max_size=200))
def test_any_index_parses_or_is_bad_data(content: bytes) -> None:
    try:
        entries = parse_index(content)
    except BadData:
        assert content == b""
    else:
        assert len(entries) <= len(content) // 21
