"""BER-TLV as cards write it (ISO 7816-4 clause 5.2.2, ISO 8825-1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reader_bridge.card.errors import BadData

PADDING = frozenset({0x00, 0xFF})
END_OF_RECORDS = 16


@dataclass(frozen=True)
class Tlv:
    """One data object: the tag as written (`0x30`, `0x5F2F`) and its value."""

    tag: int
    value: bytes

    def children(self) -> list[Tlv]:
        """The data objects inside; `BadData` when the value is no list of them."""
        return list(parse_all(self.value))

    def child(self, tag: int) -> Tlv | None:
        """The first data object inside with this tag."""
        return next((item for item in self.children() if item.tag == tag), None)

    def integer(self) -> int:
        """The value as an unsigned big-endian number."""
        return int.from_bytes(self.value, "big")


def header(data: bytes, at: int = 0) -> tuple[int, int, int]:
    """Tag, start of the value and end of the value of the object at `at`.

    The end may lie beyond the data: a file's length is known from its first bytes.
    """
    try:
        start = at + 1
        if data[at] & 0x1F == 0x1F:
            while data[start] & 0x80:
                start += 1
            start += 1
            if start - at > 4:
                raise BadData("tag longer than four bytes")
        tag = int.from_bytes(data[at:start], "big")
        length = data[start]
        start += 1
        if length >= 0x80:
            count = length & 0x7F
            if count not in (1, 2, 3):
                raise BadData("indefinite or over-long length")
            if start + count > len(data):
                raise BadData("length cut off")
            length = int.from_bytes(data[start : start + count], "big")
            start += count
    except IndexError:
        raise BadData("data object cut off") from None
    return tag, start, start + length


def parse(data: bytes) -> Tlv:
    """The one data object at the start; what follows it is ignored."""
    tag, start, end = header(data)
    if end > len(data):
        raise BadData("value cut off")
    return Tlv(tag, data[start:end])


def parse_all(data: bytes) -> Iterator[Tlv]:
    """Every data object, strictly one after the other."""
    at = 0
    while at < len(data):
        tag, start, end = header(data, at)
        if end > len(data):
            raise BadData("value cut off")
        yield Tlv(tag, data[start:end])
        at = end


def records(data: bytes) -> list[Tlv]:
    """The data objects of a directory file: filler bytes between them and a cut-off tail are passed over."""
    found: list[Tlv] = []
    at = 0
    while at < len(data):
        if data[at] in PADDING:
            at += 1
            continue
        try:
            tag, start, end = header(data, at)
        except BadData:
            break
        if end > len(data):
            break
        found.append(Tlv(tag, data[start:end]))
        at = end
    return found


def records_end(data: bytes) -> bool:
    """True when the records so far are followed by so much filler that no more will come."""
    at = 0
    while at < len(data):
        if data[at] in PADDING:
            run = at
            while run < len(data) and data[run] in PADDING:
                run += 1
            if run - at >= END_OF_RECORDS:
                return True
            at = run
            continue
        try:
            at = header(data, at)[2]
        except BadData:
            return False
    return False


def sequence(value: bytes) -> bytes:
    """The DER SEQUENCE with this value (up to 64 kB)."""
    size = len(value)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return b"\x30" + length + value


def object_complete(data: bytes) -> bool:
    """True when the data starts with a whole DER SEQUENCE (a certificate)."""
    if not data or data[0] != 0x30:
        return False
    try:
        return header(data)[2] <= len(data)
    except BadData:
        return False
