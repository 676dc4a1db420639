"""What certificates say, and that identifiers are read strictly."""

from __future__ import annotations

import gzip
import re
import zlib
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_bridge.card.certificates import (
    HSA_ID,
    SITHS_ISSUER,
    CertificateFile,
    Kind,
    Status,
    Usage,
    describe,
    unpack,
)
from reader_bridge.card.errors import BadData
from tests.reader_bridge.certificates import CARD_NUMBER, PERSON_ID, Certificate

SUFFIXES = st.from_regex(re.compile(r"[A-Za-z0-9]{1,18}"), fullmatch=True)
ORGANISATIONS = st.from_regex(re.compile(r"[0-9]{10}"), fullmatch=True)


def described(**wanted: object) -> object:
    return describe(CertificateFile(Certificate(**wanted).der()))  # type: ignore[arg-type]


@given(ORGANISATIONS, SUFFIXES)
def test_every_well_formed_hsa_id_is_one(organisation: str, suffix: str) -> None:
    assert HSA_ID.fullmatch(f"SE{organisation}-{suffix}")
    assert len(f"SE{organisation}-{suffix}") <= 31


@given(st.text(max_size=40))
def test_nothing_else_is_one(text: str) -> None:
    well_formed = re.fullmatch(r"SE[0-9]{10}-[A-Za-z0-9]{1,18}", text) is not None
    assert (HSA_ID.fullmatch(text) is not None) == well_formed


@pytest.mark.parametrize(
    "text",
    [
        "SE556036079-1003",
        "SE55603607930-1003",
        "SE5560360793-",
        "SE5560360793-" + "A" * 19,
        "SE5560360793-ÅÄÖ",
        "SE5560360793-1003\n",
        "SE٥٥٦٠٣٦٠٧٩٣-1003",
        PERSON_ID,
    ],
)
def test_near_misses_are_no_hsa_id(text: str) -> None:
    assert HSA_ID.fullmatch(text) is None


@pytest.mark.parametrize(
    ("issuer", "kind", "level", "test"),
    [
        ("SITHS e-id Person HSA-id 3 CA v1", Kind.HSA_ID, 3, False),
        ("SITHS e-id Person HSA-id 2 CA v1", Kind.HSA_ID, 2, False),
        ("TEST SITHS e-id Person HSA-id 3 CA v1", Kind.HSA_ID, 3, True),
        ("SITHS e-id Person HSA-id 3 CA v2", Kind.HSA_ID, 3, False),
        ("SITHS Type 1 CA v1", Kind.HSA_ID, None, False),
    ],
)
def test_siths_is_recognised_by_its_issuer(issuer: str, kind: Kind, level: int | None, test: bool) -> None:
    found = describe(CertificateFile(Certificate(issuer=issuer).der()))
    assert (found.siths, found.kind, found.assurance_level, found.test) == (True, kind, level, test)


@pytest.mark.parametrize(
    "issuer",
    [
        "Telia e-legitimation",
        "Not SITHS e-id Person HSA-id 3 CA v1",
        "SITHS",
        "SITHS e-id",
        "SITHS e-idPerson 3 CA v1",
    ],
)
def test_look_alikes_are_not_siths(issuer: str) -> None:
    found = describe(CertificateFile(Certificate(issuer=issuer).der()))
    assert (found.siths, found.kind, found.hsa_id) == (False, Kind.OTHER, None)


@given(st.text(max_size=60))
def test_no_issuer_name_breaks_the_reading(name: str) -> None:
    match = SITHS_ISSUER.fullmatch(name)
    assert match is None or "siths" in name.lower()


def test_holder_and_card() -> None:
    found = describe(CertificateFile(Certificate().der()))
    assert (found.name, found.organisation) == ("Anna Exempel", "Vårdcentralen Exempel AB")
    assert (found.card_number, found.usage) == (CARD_NUMBER, Usage.AUTHENTICATION)
    assert describe(CertificateFile(Certificate(signature=True).der())).usage is Usage.SIGNATURE
    assert describe(CertificateFile(Certificate(card_number=None).der())).card_number is None


def test_personnummer_is_never_taken_for_a_hsa_id() -> None:
    found = describe(CertificateFile(Certificate(serial_number=PERSON_ID).der()))
    assert found.hsa_id is None


@pytest.mark.parametrize("authority", ["extension", "directory"])
def test_an_issuers_certificate_is_nobodys(authority: str) -> None:
    der = Certificate(authority=authority == "extension").der()
    found = describe(CertificateFile(der, authority == "directory"))
    assert (found.kind, found.siths) == (Kind.AUTHORITY, False)


def test_both_ends_of_the_validity_are_in_it() -> None:
    found = describe(CertificateFile(Certificate().der()))
    second = timedelta(seconds=1)
    assert found.status(found.valid_from - second) is Status.NOT_YET_VALID
    assert found.status(found.valid_from) is Status.VALID
    assert found.status(found.valid_to) is Status.EXPIRES_SOON
    assert found.status(found.valid_to + second) is Status.EXPIRED
    assert found.status(datetime.now(timezone.utc)) is Status.VALID


def test_all_ways_of_storing_give_the_same_certificate() -> None:
    der = Certificate().der()
    small = zlib.compress(der)
    for stored in (
        der,
        der + bytes(50),
        small,
        b"\x01\x00" + len(der).to_bytes(2, "little") + small,
        gzip.compress(der),
    ):
        assert unpack(stored) == der
        assert unpack(stored + b"\xff" * 9) == der


def test_a_compressed_bomb_is_refused() -> None:
    with pytest.raises(BadData):
        unpack(zlib.compress(bytes(50_000_000)))


@given(st.binary(max_size=400))
def test_any_bytes_are_a_certificate_or_bad_data(data: bytes) -> None:
    for stored in (data, b"\x01\x00\x00\x00" + data, zlib.compress(data), b"\x30" + data):
        try:
            describe(CertificateFile(unpack(stored)))
        except BadData:
            continue
