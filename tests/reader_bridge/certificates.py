"""Certificates modelled on SITHS e-id, and strangers, for the virtual cards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

HSA_ID = "SE5560360793-1003"
PERSON_ID = "197010632391"
CARD_NUMBER = "9752278900000000000"
HSA_ISSUER_3 = "SITHS e-id Person HSA-id 3 CA v1"
HSA_ISSUER_2 = "SITHS e-id Person HSA-id 2 CA v1"
PERSON_ISSUER_3 = "SITHS e-id Person ID 3 CA v1"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Certificate:
    """One certificate to be made; times are days from now."""

    issuer: str = HSA_ISSUER_3
    serial_number: str = HSA_ID
    given_name: str = "Anna"
    surname: str = "Exempel"
    organisation: str = "Vårdcentralen Exempel AB"
    start_days: float = -400
    end_days: float = 1400
    signature: bool = False
    card_number: str | None = CARD_NUMBER
    authority: bool = False

    def der(self) -> bytes:
        return _make(self)


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_modulus() -> bytes:
    """Modulus of the key in every certificate, for the cards' key directory."""
    return _key().public_key().public_numbers().n.to_bytes(256, "big")


def _usage(signature: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signature,
        content_commitment=signature,
        key_encipherment=not signature,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _make(wanted: Certificate) -> bytes:
    now = datetime.now(timezone.utc)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "SE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, wanted.organisation),
            x509.NameAttribute(NameOID.SURNAME, wanted.surname),
            x509.NameAttribute(NameOID.GIVEN_NAME, wanted.given_name),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, wanted.serial_number),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{wanted.given_name} {wanted.surname}"),
        ]
    )
    issuer = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "SE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Inera AB"),
            x509.NameAttribute(NameOID.COMMON_NAME, wanted.issuer),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + wanted.start_days * DAY)
        .not_valid_after(now + wanted.end_days * DAY)
        .add_extension(x509.BasicConstraints(ca=wanted.authority, path_length=None), critical=True)
        .add_extension(_usage(wanted.signature), critical=True)
    )
    if wanted.card_number:
        value = b"\x13" + bytes([len(wanted.card_number)]) + wanted.card_number.encode()
        oid = x509.ObjectIdentifier("1.2.752.34.2.1")
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
    return builder.sign(_key(), hashes.SHA256()).public_bytes(serialization.Encoding.DER)
