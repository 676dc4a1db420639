"""Certificates as cards store them, and what they say about their holder (X.509; SITHS profile)."""

from __future__ import annotations

import re
import warnings
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from reader_bridge.card.errors import BadData
from reader_bridge.card.tlv import header, object_complete, parse

MAX_CERTIFICATE = 64 * 1024
CARD_NUMBER = x509.ObjectIdentifier("1.2.752.34.2.1")
EXPIRES_SOON = timedelta(days=30)
HSA_ID = re.compile(r"SE[0-9]{10}-[A-Za-z0-9]{1,18}")
SITHS_ISSUER = re.compile(
    r"(?P<test>TEST )?SITHS (?:e-id (?P<what>.+?)(?: (?P<level>[234]))? CA v\d+|Type (?P<type>\d) CA v\d+)",
    re.IGNORECASE,
)


class Kind(str, Enum):
    """What a certificate identifies its holder by."""

    HSA_ID = "hsa_id"
    PERSON_ID = "person_id"
    OTHER = "other"
    AUTHORITY = "authority"


class Usage(str, Enum):
    """What the holder uses the key for."""

    AUTHENTICATION = "authentication"
    SIGNATURE = "signature"
    OTHER = "other"


class Status(str, Enum):
    """Where the certificate stands in its time."""

    VALID = "valid"
    EXPIRES_SOON = "expires_soon"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"


@dataclass(frozen=True)
class CertificateFile:
    """A DER certificate from a card, and whether the card's directory calls it an issuer's."""

    der: bytes
    authority: bool = False


@dataclass(frozen=True)
class CardCertificate:
    """What the rest of the bridge needs of a certificate. `hsa_id` to `card_number` are personal data."""

    kind: Kind
    usage: Usage
    siths: bool
    test: bool
    issuer: str
    assurance_level: int | None
    valid_from: datetime
    valid_to: datetime
    hsa_id: str | None
    name: str | None
    organisation: str | None
    card_number: str | None

    def status(self, now: datetime) -> Status:
        """Where it stands at `now` (aware); both ends of the validity are inside it (RFC 5280 4.1.2.5)."""
        if now < self.valid_from:
            return Status.NOT_YET_VALID
        if now > self.valid_to:
            return Status.EXPIRED
        return Status.EXPIRES_SOON if self.valid_to - now <= EXPIRES_SOON else Status.VALID


def unpack(data: bytes) -> bytes:
    """The DER certificate out of a file: plain, zlib or gzip, or zlib behind a minidriver's 4-byte header."""
    if data[:1] == b"\x30":
        if not object_complete(data):
            raise BadData("certificate cut off")
        return data[: header(data)[2]]
    start = 4 if data[:2] == b"\x01\x00" else 0
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        plain = inflater.decompress(data[start:], MAX_CERTIFICATE)
    except zlib.error:
        raise BadData("neither a certificate nor a compressed one") from None
    if not object_complete(plain):
        raise BadData("compressed data holds no certificate")
    return plain[: header(plain)[2]]


def is_certificate(data: bytes) -> bool:
    """True when a file's content unpacks to something that parses as a certificate."""
    try:
        _load(unpack(data))
    except BadData:
        return False
    return True


def _load(der: bytes) -> x509.Certificate:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return x509.load_der_x509_certificate(der)
        except (ValueError, TypeError) as error:
            raise BadData(f"not an X.509 certificate: {error}") from error


def describe(file: CertificateFile) -> CardCertificate:
    """What the certificate says; `BadData` when it does not parse."""
    certificate = _load(file.der)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _describe(certificate, file.authority)
        except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
            raise BadData(f"unusual certificate: {error}") from error


def _describe(certificate: x509.Certificate, authority: bool) -> CardCertificate:
    subject, issuer_name = certificate.subject, _first(certificate.issuer, NameOID.COMMON_NAME) or ""
    issuer = SITHS_ISSUER.fullmatch(issuer_name)
    serial = (_first(subject, NameOID.SERIAL_NUMBER) or "").strip()
    hsa_id = serial if issuer and HSA_ID.fullmatch(serial) else None
    authority = authority or _is_authority(certificate)
    return CardCertificate(
        kind=_kind(issuer, hsa_id, authority),
        usage=_usage(certificate),
        siths=issuer is not None and not authority,
        test=bool(issuer and issuer["test"]),
        issuer=issuer_name,
        assurance_level=_assurance_level(issuer),
        valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
        hsa_id=hsa_id,
        name=_name(subject),
        organisation=_first(subject, NameOID.ORGANIZATION_NAME),
        card_number=_card_number(certificate),
    )


def _kind(issuer: re.Match[str] | None, hsa_id: str | None, authority: bool) -> Kind:
    if authority:
        return Kind.AUTHORITY
    what = (issuer["what"] or "").lower() if issuer else ""
    if hsa_id is not None or "hsa-id" in what:
        return Kind.HSA_ID
    return Kind.PERSON_ID if "person" in what or (issuer and issuer["type"] == "1") else Kind.OTHER


def _assurance_level(issuer: re.Match[str] | None) -> int | None:
    """Tillitsnivå from the issuer's name (Inera's list of SITHS e-id issuers)."""
    if issuer is None or issuer["type"]:
        return None
    if issuer["level"]:
        return int(issuer["level"])
    return 3 if "mobile" in issuer["what"].lower() else None


def _first(name: x509.Name, oid: x509.ObjectIdentifier) -> str | None:
    values = name.get_attributes_for_oid(oid)
    return str(values[0].value) if values else None


def _name(subject: x509.Name) -> str | None:
    parts = [_first(subject, NameOID.GIVEN_NAME), _first(subject, NameOID.SURNAME)]
    return " ".join(part for part in parts if part) or _first(subject, NameOID.COMMON_NAME)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _usage(certificate: x509.Certificate) -> Usage:
    try:
        usage = certificate.extensions.get_extension_for_oid(ExtensionOID.KEY_USAGE).value
    except x509.ExtensionNotFound:
        return Usage.OTHER
    if not isinstance(usage, x509.KeyUsage):
        return Usage.OTHER
    if usage.digital_signature:
        return Usage.AUTHENTICATION
    return Usage.SIGNATURE if usage.content_commitment else Usage.OTHER


def _card_number(certificate: x509.Certificate) -> str | None:
    """The card's printed number, an extension of older SITHS certificates (PrintableString)."""
    try:
        value = certificate.extensions.get_extension_for_oid(CARD_NUMBER).value
    except x509.ExtensionNotFound:
        return None
    if not isinstance(value, x509.UnrecognizedExtension):
        return None
    try:
        text = parse(value.value).value
    except BadData:
        text = value.value
    return text.decode("ascii") if text.isdigit() else None
