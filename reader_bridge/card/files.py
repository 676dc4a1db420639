"""Selecting and reading files (ISO 7816-4 clauses 7.1.1, 7.2.3) on cards that know only some of the ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reader_bridge.card.apdu import Session, StatusWord
from reader_bridge.card.errors import BadData, CardError, StatusError
from reader_bridge.card.tlv import Tlv, parse

MF = bytes.fromhex("3F00")
MAX_FILE = 0x7FFF
CHUNK = 0xFF
SELECT, READ_BINARY, READ_RECORD = 0xA4, 0xB0, 0xB2
BY_ID, EF_BY_ID, BY_AID, BY_PATH_FROM_MF, BY_PATH_FROM_DF = 0x00, 0x02, 0x04, 0x08, 0x09
RETURN_FCI, RETURN_NOTHING = 0x00, 0x0C
FCI_TEMPLATES = frozenset({0x6F, 0x62, 0x64})
WITHOUT_FCI_MAY_HELP = frozenset(
    {0x6A80, 0x6A81, StatusWord.INCORRECT_P1_P2, StatusWord.WRONG_LENGTH, 0x6D00}
)

Enough = Callable[[bytes], bool]


@dataclass(frozen=True)
class FilePath:
    """PKCS#15 Path: file ids from the root (`3F00…`) or from the application, and a part of the file."""

    ids: bytes
    offset: int = 0
    length: int | None = None

    def __post_init__(self) -> None:
        if not self.ids or len(self.ids) % 2 or len(self.ids) > 16:
            raise BadData(f"no file path: {self.ids.hex()}")

    @property
    def absolute(self) -> bool:
        """True when the path starts at the root directory."""
        return self.ids.startswith(MF)

    @property
    def last(self) -> bytes:
        """The file's own id."""
        return self.ids[-2:]

    def steps(self) -> list[bytes]:
        """The ids one by one."""
        return [self.ids[at : at + 2] for at in range(0, len(self.ids), 2)]


def select(session: Session, p1: int, target: bytes) -> int | None:
    """Selects and gives the file's size in bytes where the card tells it; `StatusError` when it refuses."""
    answer, sw = session.send(SELECT, p1, RETURN_FCI, target, le=0)
    if sw in WITHOUT_FCI_MAY_HELP or (sw == StatusWord.FILE_NOT_FOUND and not session.t0):
        # Some T=1 cards take the length byte of the wanted answer for a part of the name.
        answer, sw = session.send(SELECT, p1, RETURN_NOTHING, target)
    if sw not in (StatusWord.OK, StatusWord.END_OF_FILE):
        raise StatusError(sw, bytes([0, SELECT, p1, RETURN_FCI]))
    return file_size(answer)


def file_size(fci: bytes) -> int | None:
    """Data bytes (tag 80, else 81) of a file control information template (ISO 7816-4 table 12)."""
    try:
        template = parse(fci)
        if template.tag not in FCI_TEMPLATES:
            return None
        for tag in (0x80, 0x81):
            size = template.child(tag)
            if size is not None and 0 < len(size.value) <= 4:
                return size.integer()
    except BadData:
        pass
    return None


def read_selected(
    session: Session,
    size: int | None = None,
    offset: int = 0,
    length: int | None = None,
    enough: Enough | None = None,
) -> bytes:
    """The selected file from `offset`: `length` bytes, or to its end, or until `enough` says so."""
    end = MAX_FILE if length is None else min(offset + length, MAX_FILE)
    if size:
        end = min(end, max(size, 0))
    content = b""
    while (at := offset + len(content)) < end:
        wanted = min(CHUNK, end - at)
        answer, sw = session.send(READ_BINARY, at >> 8, at & 0xFF, le=wanted)
        if sw == StatusWord.WRONG_LENGTH:  # more than there is left; 0 asks for whatever that is
            answer, sw = session.send(READ_BINARY, at >> 8, at & 0xFF, le=0)
        if sw not in (StatusWord.OK, StatusWord.END_OF_FILE):
            if content:
                break
            raise StatusError(sw, bytes([0, READ_BINARY, at >> 8, at & 0xFF]))
        content += answer[:wanted]
        if not answer or sw == StatusWord.END_OF_FILE or (enough is not None and enough(content)):
            break
        if len(answer) < wanted and size is None and enough is None:
            break
    return content


def read_records(session: Session) -> bytes:
    """All records of the selected record file, one after the other (EF.DIR may be one)."""
    content = b""
    for number in range(1, 32):
        answer, sw = session.send(READ_RECORD, number, 0x04, le=0)
        if sw != StatusWord.OK:
            break
        content += answer
    return content


class Application:
    """A selected card application, and its files by path."""

    def __init__(self, session: Session, enter: Callable[[], None], home: bytes = b"") -> None:
        self._session = session
        self._enter = enter
        self._home = home
        self._inside = True
        self._favourite = ""

    @property
    def session(self) -> Session:
        """For selections outside of the application; `leave` must follow."""
        return self._session

    def leave(self) -> None:
        """The application has to be entered again before its next file."""
        self._inside = False

    def read(
        self, path: FilePath, acceptable: Callable[[bytes], bool], enough: Enough | None = None
    ) -> bytes:
        """The file's (part's) bytes by the first way of selecting that gives acceptable ones.

        The standard offers several ways to name a file and no card knows them all; an id may also exist
        twice, so a selection counts only when the content is of the right kind.
        """
        trouble: CardError = BadData("the file's content is of another kind")
        ways = dict(self._ways(path))
        for name in sorted(ways, key=lambda name: name != self._favourite):
            try:
                size = ways[name]()
                content = read_selected(self._session, size, path.offset, path.length, enough)
            except CardError as error:
                self._inside = False
                trouble = error
                continue
            if acceptable(content):
                self._favourite = name
                return content
        raise trouble

    def _ways(self, path: FilePath) -> Iterator[tuple[str, Callable[[], int | None]]]:
        session = self._session
        if path.absolute and len(path.ids) > 2:
            yield "path from root", lambda: self._outside(BY_PATH_FROM_MF, path.ids[2:])
            yield "step by step", lambda: self._walk(path.steps())
        yield "id", lambda: self._within(lambda: select(session, BY_ID, path.last))
        yield "file id", lambda: self._within(lambda: select(session, EF_BY_ID, path.last))
        if not path.absolute:
            yield "path from here", lambda: self._within(lambda: select(session, BY_PATH_FROM_DF, path.ids))
            yield "steps from here", lambda: self._within(lambda: self._descend(path.steps()))
            yield "path from home", lambda: self._outside(BY_PATH_FROM_MF, self._home + path.ids)

    def _within(self, choose: Callable[[], int | None]) -> int | None:
        if not self._inside:
            self._enter()
            self._inside = True
        return choose()

    def _outside(self, p1: int, target: bytes) -> int | None:
        self._inside = False
        return select(self._session, p1, target)

    def _walk(self, steps: list[bytes]) -> int | None:
        self._inside = False
        return self._descend(steps)

    def _descend(self, steps: list[bytes]) -> int | None:
        size = None
        for step in steps:
            size = select(self._session, BY_ID, step)
        if len(steps) > 1:
            self._inside = False
        return size


def path_from(sequence: Tlv) -> FilePath:
    """PKCS#15 `Path`: SEQUENCE {path OCTET STRING, index INTEGER OPTIONAL, length [0] INTEGER OPTIONAL}."""
    ids = sequence.child(0x04)
    if sequence.tag != 0x30 or ids is None:
        raise BadData("no path")
    index, length = sequence.child(0x02), sequence.child(0x80)
    return FilePath(
        ids.value,
        index.integer() if index else 0,
        (length.integer() or None) if length else None,
    )
