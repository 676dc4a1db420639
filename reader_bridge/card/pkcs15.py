"""The PKCS#15 application (ISO 7816-15): from EF.DIR over EF.ODF and its directories to the certificates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from reader_bridge.card.apdu import Session, StatusWord
from reader_bridge.card.certificates import CertificateFile, is_certificate, unpack
from reader_bridge.card.errors import BadData, CardError, StatusError
from reader_bridge.card.files import (
    BY_AID,
    BY_ID,
    BY_PATH_FROM_MF,
    MF,
    Application,
    FilePath,
    path_from,
    read_records,
    read_selected,
    select,
)
from reader_bridge.card.tlv import Tlv, object_complete, records, records_end, sequence

AID = bytes.fromhex("A000000063") + b"PKCS-15"
ISO_AID_PREFIX = bytes.fromhex("E828BD080F")
EF_DIR, EF_ODF, EF_TOKEN_INFO = bytes.fromhex("2F00"), bytes.fromhex("5031"), bytes.fromhex("5032")
USUAL_HOME = bytes.fromhex("5015")
CERTIFICATE_DIRECTORIES = (0xA4, 0xA5, 0xA6)
AUTHENTICATION_DIRECTORY = 0xA8
MAX_CERTIFICATES = 24
UNBLOCKING_PIN, SO_PIN = 0x02, 0x01


@dataclass(frozen=True)
class Pin:
    """A PIN the card declares: its reference for VERIFY and its label."""

    reference: int
    label: str | None


@dataclass
class Pkcs15Content:
    """What the application holds; `notes` says what could not be read, for the log."""

    label: str | None = None
    certificates: list[CertificateFile] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def open_application(session: Session) -> Application | None:
    """Selects the PKCS#15 application; None when the card has none."""
    for target, p1, home in _places(session):
        enter = partial(_enter, session, p1, target)
        try:
            enter()
        except StatusError:
            continue
        return Application(session, enter, home)
    return None


def _enter(session: Session, p1: int, target: bytes) -> None:
    if p1 == BY_ID:
        select(session, BY_ID, MF)
    select(session, p1, target)


def _places(session: Session) -> Iterator[tuple[bytes, int, bytes]]:
    """Where the application may be: its registered name, what EF.DIR says, the usual directory."""
    yield AID, BY_AID, USUAL_HOME
    yield ISO_AID_PREFIX, BY_AID, USUAL_HOME
    for template in _directory(session):
        try:
            name, path = template.child(0x4F), template.child(0x51)
        except BadData:
            continue
        if name is None or not (name.value.startswith(ISO_AID_PREFIX) or b"PKCS-15" in name.value):
            continue
        home = path.value.removeprefix(MF) if path else USUAL_HOME
        yield name.value, BY_AID, home
        if path is not None and home:
            yield home, BY_PATH_FROM_MF, home
    yield USUAL_HOME, BY_PATH_FROM_MF, USUAL_HOME
    yield USUAL_HOME, BY_ID, USUAL_HOME


def _directory(session: Session) -> list[Tlv]:
    """The application templates of EF.DIR (ISO 7816-4 clause 8.2.1.1)."""
    try:
        select(session, BY_ID, MF)
        size = select(session, BY_ID, EF_DIR)
        try:
            content = read_selected(session, size, enough=records_end)
        except StatusError as error:
            if error.sw != StatusWord.COMMAND_INCOMPATIBLE_WITH_FILE:
                raise
            content = read_records(session)
    except CardError:
        return []
    return [item for item in records(content) if item.tag == 0x61]


def read_content(application: Application) -> Pkcs15Content:
    """Follows the object directory; one unreadable object never hides the others."""
    content = Pkcs15Content()
    content.label = _token_label(application)
    directory = _object_directory(application, content.notes)
    for tag in CERTIFICATE_DIRECTORIES:
        for entry in _entries(application, directory, tag, content.notes):
            if len(content.certificates) < MAX_CERTIFICATES:
                _add_certificate(application, entry, content)
    for entry in _entries(application, directory, AUTHENTICATION_DIRECTORY, content.notes):
        pin = _pin(entry)
        if pin is not None:
            content.pins.append(pin)
    return content


def _object_directory(application: Application, notes: list[str]) -> list[Tlv]:
    """EF.ODF under its usual id, else where EF.DIR says it is (`CIODDO.odfPath`)."""
    try:
        return records(_read_directory(application, FilePath(EF_ODF)))
    except CardError as error:
        notes.append(f"EF.ODF: {error}")
    templates = _directory(application.session)
    application.leave()
    for template in templates:
        try:
            declared = template.child(0x73)
            path = declared.child(0x30) if declared else None
            if path is not None:
                return records(_read_directory(application, path_from(path)))
        except CardError as error:
            notes.append(f"EF.ODF: {error}")
    return []


def _read_directory(application: Application, path: FilePath) -> bytes:
    return application.read(
        path, lambda data: bool(records(data)) or not data.strip(b"\x00\xff"), records_end
    )


def _entries(application: Application, directory: list[Tlv], tag: int, notes: list[str]) -> Iterator[Tlv]:
    """The objects of every directory file of one kind (`PathOrObjects`)."""
    for reference in directory:
        if reference.tag != tag:
            continue
        try:
            for item in reference.children():
                if item.tag == 0xA0:
                    yield from records(item.value)
                elif item.tag == 0x30:
                    yield from records(_read_directory(application, path_from(item)))
        except CardError as error:
            notes.append(f"directory {tag:02X}: {error}")


def _add_certificate(application: Application, entry: Tlv, content: Pkcs15Content) -> None:
    """Reads one `x509Certificate` entry, by path or held in the directory itself."""
    if entry.tag != 0x30:
        return
    try:
        value = _object_value(entry)
        if value.tag == 0xA0:
            data = value.value if is_certificate(value.value) else sequence(value.value)
        else:
            data = application.read(path_from(value), is_certificate, object_complete)
        content.certificates.append(CertificateFile(unpack(data), _authority(entry)))
    except CardError as error:
        content.notes.append(f"certificate: {error}")


def _object_value(entry: Tlv) -> Tlv:
    """`ObjectValue` of the type attributes: a path, or [0] with the certificate itself."""
    wrapper = entry.child(0xA1)
    attributes = wrapper.children() if wrapper else []
    inner = attributes[0].children() if attributes else []
    if not inner:
        raise BadData("no type attributes")
    return attributes[0] if inner[0].tag == 0x04 else inner[0]


def _authority(entry: Tlv) -> bool:
    """`CommonCertificateAttributes.authority`: the certificate is an issuer's."""
    sequences = [item for item in entry.children() if item.tag == 0x30]
    if len(sequences) < 2:
        return False
    flag = sequences[1].child(0x01)
    return flag is not None and flag.value not in (b"", b"\x00")


def _pin(entry: Tlv) -> Pin | None:
    """The reference of a user PIN (`PinAttributes`); None for PUKs, SO PINs and other objects."""
    if entry.tag != 0x30:
        return None
    try:
        wrapper = entry.child(0xA1)
        attributes = wrapper.child(0x30) if wrapper else None
        flags = attributes.child(0x03) if attributes else None
        if attributes is None or flags is None or len(flags.value) < 2:
            return None
        if flags.value[1] & (UNBLOCKING_PIN | SO_PIN):
            return None
        reference = attributes.child(0x80)
        common = entry.child(0x30)
        label = common.child(0x0C) if common else None
        return Pin(
            reference.integer() & 0xFF if reference else 0,
            label.value.decode("utf-8", "replace") if label else None,
        )
    except BadData:
        return None


def _token_label(application: Application) -> str | None:
    """`TokenInfo.label` ([0] UTF8String), a hint at the card's kind."""
    try:
        content = application.read(FilePath(EF_TOKEN_INFO), object_complete, object_complete)
        label = records(content)[0].child(0x80)
    except (CardError, IndexError):
        return None
    return label.value.decode("utf-8", "replace") if label else None
