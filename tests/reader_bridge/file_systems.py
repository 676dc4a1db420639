"""The files of virtual cards: PKCS#15 as OpenSC wants it, and a Thales minidriver's."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from tests.reader_bridge.certificates import Certificate, public_modulus

PKCS15_AID = bytes.fromhex("A000000063504B43532D3135")
IDPRIME_AID = bytes.fromhex("A000000018800000000662")
Files = dict[str, bytes]


def der(tag: int, *parts: bytes) -> bytes:
    """A DER data object with a one-byte tag."""
    value = b"".join(parts)
    size = len(value)
    if size < 0x80:
        length = bytes([size])
    elif size < 0x100:
        length = bytes([0x81, size])
    else:
        length = b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + value


def utf8(text: str) -> bytes:
    return der(0x0C, text.encode())


def integer(value: int) -> bytes:
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value: bytes) -> bytes:
    return der(0x04, value)


@dataclass(frozen=True)
class Layout:
    """How a PKCS#15 card is laid out; every field is something real cards do differently."""

    application: str = "5015"
    odf: str = "5031"
    directory: str = "4404"
    first_certificate: int = 0x4331
    absolute: bool = True
    in_directory: bool = False
    one_file: bool = False
    compressed: bool = False
    padding: int = 40
    directory_file: bool = False


@dataclass
class FileSystem:
    """Files by path (`3F00/5015/5031`) and applications by name."""

    files: Files = field(default_factory=dict)
    applications: dict[bytes, str] = field(default_factory=dict)


def pkcs15(
    certificates: list[Certificate], layout: Layout = Layout(), label: str = "SITHS e-id kort"
) -> FileSystem:
    """A card with two PINs (references 1 and 2), a key and the certificates in the given order."""
    home = f"3F00/{layout.application}"
    files: Files = {}
    cdf = b""
    everything = b""
    for number, certificate in enumerate(certificates):
        content = certificate.der()
        if layout.compressed:
            content = b"\x01\x00" + len(content).to_bytes(2, "little") + zlib.compress(content)
        file_id = f"{layout.first_certificate + (0 if layout.one_file else number):04X}"
        if layout.in_directory:
            value = der(0xA0, content)
        else:
            part = (len(everything), len(content)) if layout.one_file else None
            value = _path(layout, file_id, part)
        everything += content
        if not layout.in_directory:
            files[f"{home}/{file_id}"] = everything if layout.one_file else content + bytes(layout.padding)
        cdf += der(
            0x30,
            der(0x30, utf8(f"{certificate.given_name}, {certificate.organisation}")),
            der(0x30, octets(bytes([0x45 + number])), *([b"\x01\x01\xff"] if certificate.authority else [])),
            der(0xA1, der(0x30, value)),
        )
    files[f"{home}/{layout.directory}"] = cdf + b"\xff" * layout.padding
    files[f"{home}/4402"] = _key_entry(layout) + bytes(layout.padding)
    files[f"{home}/4401"] = (
        _pin_entry(1, "Legitimering") + _pin_entry(2, "Underskrift") + bytes(layout.padding)
    )
    files[f"{home}/{layout.odf}"] = (
        der(0xA0, _path(layout, "4402"))
        + der(0xA4, _path(layout, layout.directory))
        + der(0xA8, _path(layout, "4401"))
        + bytes(layout.padding)
    )
    files[f"{home}/5032"] = der(
        0x30,
        integer(0),
        octets(b"\x12\x34\x56\x78"),
        utf8("Thales"),
        der(0x80, label.encode()),
        b"\x03\x02\x04\x10",
    )
    name = PKCS15_AID
    if layout.directory_file:
        name = bytes.fromhex("E828BD080F00112233")
        path = bytes.fromhex("3F00" + layout.application)
        declared = der(0x73, _path(layout, layout.odf))
        files["3F00/2F00"] = der(
            0x61, der(0x4F, name), der(0x50, b"SITHS"), der(0x51, path), declared
        ) + bytes(8)
    return FileSystem(files, {name: home})


def _path(layout: Layout, file_id: str, part: tuple[int, int] | None = None) -> bytes:
    ids = bytes.fromhex(f"3F00{layout.application}{file_id}" if layout.absolute else file_id)
    extra = b""
    if part is not None:
        length = integer(part[1])
        extra = integer(part[0]) + b"\x80" + length[1:]
    return der(0x30, octets(ids), extra)


def _key_entry(layout: Layout) -> bytes:
    common = der(0x30, utf8("Legitimering"), b"\x03\x02\x07\x80", octets(b"\x01"))
    attributes = der(0x30, octets(b"\x45"), b"\x03\x02\x05\x20", b"\x03\x02\x03\xb8", integer(0))
    kind = der(0xA1, der(0x30, _path(layout, "4B01"), integer(len(public_modulus()) * 8)))
    return der(0x30, common, attributes, kind)


def _pin_entry(reference: int, label: str) -> bytes:
    common = der(0x30, utf8(label), b"\x03\x02\x06\xc0")
    attributes = der(
        0x30,
        b"\x03\x03\x02\x0c\x10",
        b"\x0a\x01\x01",
        integer(4),
        integer(8),
        integer(8),
        b"\x80\x01" + bytes([reference]),
        b"\x04\x01\x00",
    )
    return der(0x30, common, der(0x30, octets(bytes([reference]))), der(0xA1, attributes))


def idprime(certificates: list[Certificate], compressed: bool = True) -> FileSystem:
    """A minidriver card: an index of 21-byte entries and (compressed) certificates `kxcNN`."""
    files: Files = {"3F00/0204": bytes(86 * 4), "3F00/0201": bytes(range(16))}
    entries = b""
    for number, certificate in enumerate(certificates):
        content = certificate.der()
        if compressed:
            content = b"\x01\x00" + len(content).to_bytes(2, "little") + zlib.compress(content)
        file_id = f"{0x0301 + number:04X}"
        files[f"3F00/{file_id}"] = content
        entries = _index_entry(file_id, len(content), f"kxc{number:02d}", "mscp") + entries
    entries += _index_entry("0201", 16, "cardid", "")
    count = len(entries) // 21
    files["3F00/0101"] = bytes([count]) + entries + bytes(42)
    return FileSystem(files, {IDPRIME_AID: "3F00"})


def _index_entry(file_id: str, size: int, name: str, directory: str) -> bytes:
    head = bytes.fromhex(file_id) + size.to_bytes(2, "big")
    return head + name.encode().ljust(8, b"\0") + directory.encode().ljust(9, b"\0")
