"""Thales' IDPrime applet: no PKCS#15 but the file system of a Windows minidriver.

Layout as told by OpenSC's documentation and sources of its IDPrime driver: index file 0101 = a count byte
and 21-byte entries (file id 2, size 2, name 8, directory 9); certificates are `kscNN`/`kxcNN` in `mscp`.
"""

from __future__ import annotations

from dataclasses import dataclass

from reader_bridge.card.apdu import Session
from reader_bridge.card.certificates import CertificateFile, is_certificate, unpack
from reader_bridge.card.errors import BadData, CardError, StatusError
from reader_bridge.card.files import BY_AID, Application, FilePath, select
from reader_bridge.card.tlv import object_complete

AID = bytes.fromhex("A000000018800000000662")
INDEX = FilePath(bytes.fromhex("0101"))
ENTRY_LENGTH = 21
CERTIFICATE_NAMES = (b"ksc", b"kxc")
CERTIFICATE_DIRECTORY = b"mscp"


@dataclass(frozen=True)
class IndexEntry:
    """One file of the index."""

    path: FilePath
    name: str
    directory: bytes


def open_application(session: Session) -> Application | None:
    """Selects the IDPrime applet; None when the card has none."""

    def enter() -> None:
        select(session, BY_AID, AID)

    try:
        enter()
    except StatusError:
        return None
    return Application(session, enter)


def parse_index(content: bytes) -> list[IndexEntry]:
    """The entries of the index file; a count that promises more than there is gives what there is."""
    if not content:
        raise BadData("empty index")
    entries = []
    for number in range(content[0]):
        raw = content[1 + number * ENTRY_LENGTH : 1 + (number + 1) * ENTRY_LENGTH]
        if len(raw) < ENTRY_LENGTH:
            break
        name = raw[4:12].split(b"\x00")[0].decode("ascii", "replace")
        entries.append(IndexEntry(FilePath(raw[:2]), name, raw[12:].split(b"\x00")[0]))
    return entries


def read_certificates(application: Application, notes: list[str]) -> list[CertificateFile]:
    """The certificates in container order; `CardError` when there is no index (no IDPrime card then)."""
    content = application.read(INDEX, bool, lambda data: len(data) > data[0] * ENTRY_LENGTH)
    found: list[CertificateFile] = []
    entries = [
        entry
        for entry in parse_index(content)
        if entry.directory == CERTIFICATE_DIRECTORY and entry.name[:3].encode() in CERTIFICATE_NAMES
    ]
    for entry in sorted(entries, key=lambda entry: entry.name[3:]):
        try:
            data = application.read(entry.path, is_certificate, object_complete)
            found.append(CertificateFile(unpack(data)))
        except CardError as error:
            notes.append(f"{entry.name}: {error}")
    return found
