"""A card that answers APDUs (ISO 7816-4) from a file system: T=1, or T=0 with 61xx and 6Cxx."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.reader_bridge.file_systems import FileSystem, der

T1_ATR = bytes.fromhex("3B8B01") + b"SITHS-test!" + bytes([0x8B ^ 0x01 ^ 0x48])
OK, NOT_FOUND = 0x9000, 0x6A82


def atr_with_check(body: bytes) -> bytes:
    """An ATR with its last byte (TCK) put right."""
    check = 0
    for byte in body[1:-1]:
        check ^= byte
    return body[:-1] + bytes([check])


@dataclass
class CardEngine:
    """State of one card. `commands` is every APDU received, so that a test can prove what was not sent."""

    system: FileSystem
    atr: bytes = field(default_factory=lambda: atr_with_check(T1_ATR))
    t0: bool = False
    tries: dict[int, int] = field(default_factory=dict)
    pin: bytes = b"123456"
    fci: bool = True
    ways: frozenset[int] = frozenset({0x00, 0x02, 0x04, 0x08, 0x09})
    max_read: int = 256
    commands: list[bytes] = field(default_factory=list)
    _folder: str = "3F00"
    _file: str | None = None
    _pending: bytes = b""

    def reset(self) -> None:
        self._folder, self._file, self._pending = "3F00", None, b""

    @property
    def verifies(self) -> list[bytes]:
        """Every VERIFY and PIN-changing command received."""
        return [command for command in self.commands if command[1] in (0x20, 0x24, 0x2C)]

    def answer(self, apdu: bytes) -> bytes:
        """Data and status word."""
        self.commands.append(apdu)
        data, sw = self._dispatch(apdu)
        return data + sw.to_bytes(2, "big")

    def _dispatch(self, apdu: bytes) -> tuple[bytes, int]:
        cla, ins, p1, p2 = apdu[:4]
        body = apdu[4:]
        length = body[0] if body else 0
        if cla != 0:
            return b"", 0x6E00
        handlers = {
            0xA4: lambda: self._select_and_hold(p1, p2, body[1 : 1 + length]),
            0xB0: lambda: self._read(p1, p2, length),
            0xC0: lambda: self._get_response(length),
            0x20: lambda: (b"", self._verify(p2, body)),
        }
        return handlers.get(ins, lambda: (b"", 0x6D00))()

    def _select_and_hold(self, p1: int, p2: int, target: bytes) -> tuple[bytes, int]:
        """On T=0 the answer waits for GET RESPONSE."""
        data, sw = self._select(p1, p2, target)
        if self.t0 and data:
            self._pending = data
            return b"", 0x6100 | (len(data) & 0xFF)
        return data, sw

    def _get_response(self, length: int) -> tuple[bytes, int]:
        if not self._pending:
            return b"", 0x6985
        if length != len(self._pending) & 0xFF:
            return b"", 0x6C00 | (len(self._pending) & 0xFF)
        data, self._pending = self._pending, b""
        return data, OK

    def _select(self, p1: int, p2: int, target: bytes) -> tuple[bytes, int]:
        if p1 not in self.ways:
            return b"", 0x6A86
        path = self._resolve(p1, target)
        if path is None:
            return b"", NOT_FOUND
        if path in self.system.files:
            self._file, self._folder = path, path.rpartition("/")[0]
            content = self.system.files[path]
            info = der(0x6F, b"\x80\x02" + len(content).to_bytes(2, "big"), b"\x82\x01\x01")
        else:
            self._file, self._folder = None, path
            info = der(0x6F, b"\x82\x01\x38")
        if p2 & 0x0C == 0x0C or not self.fci:
            return b"", OK
        return info, OK

    def _resolve(self, p1: int, target: bytes) -> str | None:
        if p1 == 0x04:
            return next(
                (at for name, at in self.system.applications.items() if name.startswith(target)), None
            )
        steps = "/".join(f"{target[at]:02X}{target[at + 1]:02X}" for at in range(0, len(target), 2))
        if p1 == 0x08:
            return self._known(f"3F00/{steps}")
        if steps in ("", "3F00"):
            return "3F00"
        return self._known(f"{self._folder}/{steps}")

    def _known(self, path: str) -> str | None:
        exists = any(name == path or name.startswith(path + "/") for name in self.system.files)
        return path if exists else None

    def _read(self, p1: int, p2: int, length: int) -> tuple[bytes, int]:
        if self._file is None:
            return b"", 0x6986
        content, offset = self.system.files[self._file], p1 << 8 | p2
        if offset >= len(content):
            return b"", 0x6B00
        wanted = min(length or 256, self.max_read)
        data = content[offset : offset + wanted]
        if self.t0 and len(data) < (length or 256):
            return b"", 0x6C00 | len(data)
        return data, 0x6282 if len(data) < wanted else OK

    def _verify(self, reference: int, body: bytes) -> int:
        if reference not in self.tries:
            return 0x6A88
        left = self.tries[reference]
        if left == 0:
            return 0x6983
        if not body:
            return 0x63C0 | left
        if body[1 : 1 + body[0]].rstrip(b"\x00\xff") == self.pin:
            return OK
        self.tries[reference] = left - 1
        return 0x63C0 | (left - 1)
