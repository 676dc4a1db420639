"""TLV: what is written comes back, and nothing a card holds makes the parser fail otherwise than it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_bridge.card.errors import BadData
from reader_bridge.card.tlv import (
    Tlv,
    header,
    object_complete,
    parse,
    parse_all,
    records,
    records_end,
    sequence,
)
from tests.reader_bridge.file_systems import der

TAGS = st.integers(0x01, 0xFE).filter(lambda tag: tag & 0x1F != 0x1F)
ITEMS = st.lists(st.tuples(TAGS, st.binary(max_size=400)), max_size=8)


@given(ITEMS)
def test_lists_come_back(items: list[tuple[int, bytes]]) -> None:
    data = b"".join(der(tag, value) for tag, value in items)
    assert [(item.tag, item.value) for item in parse_all(data)] == items
    assert [(item.tag, item.value) for item in records(data)] == items


@given(ITEMS, st.sampled_from([0x00, 0xFF]), st.integers(0, 40))
def test_filler_between_and_after_records_is_passed_over(
    items: list[tuple[int, bytes]], filler: int, count: int
) -> None:
    gap = bytes([filler]) * count
    data = gap.join(der(tag, value) for tag, value in items) + gap
    assert [(item.tag, item.value) for item in records(data)] == items


@given(ITEMS.filter(bool), st.data())
def test_a_cut_off_tail_is_left_out(items: list[tuple[int, bytes]], data: st.DataObject) -> None:
    last = der(*items[-1])
    whole = b"".join(der(tag, value) for tag, value in items[:-1])
    cut = data.draw(st.integers(1, len(last) - 1))
    found = [(item.tag, item.value) for item in records(whole + last[:cut])]
    assert found[: len(items) - 1] == items[:-1]
    assert not records_end(whole + last[:cut]) or 0 in whole


@given(st.binary(max_size=300))
def test_any_bytes_parse_or_are_bad_data(data: bytes) -> None:
    records(data)
    records_end(data)
    object_complete(data)
    for parser in (parse, header, lambda raw: list(parse_all(raw)), lambda raw: Tlv(0x30, raw).children()):
        try:
            parser(data)
        except BadData:
            continue


@given(st.binary(max_size=3000))
def test_sequence_is_complete_only_whole(value: bytes) -> None:
    whole = sequence(value)
    assert parse(whole) == Tlv(0x30, value)
    assert object_complete(whole)
    assert object_complete(whole + b"\xff\xff")
    assert not object_complete(whole[:-1])


@pytest.mark.parametrize("data", ["3080", "30840000000100", "1f8180808001", "", "30", "3082"])
def test_forms_cards_do_not_use_are_refused(data: str) -> None:
    with pytest.raises(BadData):
        parse(bytes.fromhex(data))


def test_two_byte_tags() -> None:
    assert parse(bytes.fromhex("5F2F0105")) == Tlv(0x5F2F, b"\x05")
