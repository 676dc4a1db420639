"""Reading a HSA-id the way people type it.

Form: `SE`, the directory owner's organisation number (ten digits), a hyphen and 1-18 letters or digits; 31
characters at most (the HSA object identifier rules). The number is often not the employer's own, so it is
never compared with a customer; a wrong check digit is a warning, because the register decides what exists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from stdnum import luhn

from actions.orders.errors import InvalidHsaId
from actions.orders.sensitive import contains_personnummer

HSA_ID_PATTERN: Final = re.compile(r"SE\d{10}-[A-Za-z0-9]{1,18}", re.ASCII)
_DASHES: Final = re.compile(r"[\u2010-\u2015\u2212_]")
_LABEL: Final = re.compile(r"(?i)^\s*hsa[\s-]?id[\s:=]*")
_LOOKALIKES: Final = str.maketrans("OoIl", "0011")
_IN_TEXT: Final = re.compile(
    r"(?i)(?<![A-Za-z0-9])SE[\s-]?(?:\d[\s-]?){10,12}(?:-\s?[A-Z0-9]{1,18}|(?=[A-Z]*\d)[A-Z0-9]{1,18})?(?![A-Za-z0-9])"
)
_ORGANISATION_DIGITS: Final = 10
_SUFFIX_MAX: Final = 18


class Change(StrEnum):
    """What was altered to get from the typed text to the normal form."""

    CASE = "case"
    SPACES = "spaces"
    HYPHEN = "hyphen"
    LOOKALIKE = "lookalike"
    CENTURY_PREFIX = "century_prefix"


@dataclass(frozen=True, slots=True)
class HsaIdReading:
    """A HSA-id in normal form, and how sure that is.

    `changes` is empty when it was typed exactly so. `alternatives` are other ids that the text could mean:
    ask when there are any. `organisation_ok` is False when the organisation number fails its check digit.
    """

    value: str
    changes: frozenset[Change]
    alternatives: tuple[str, ...]
    organisation_ok: bool

    @property
    def exact(self) -> bool:
        """Whether the text needs no confirmation."""
        return not self.changes and not self.alternatives and self.organisation_ok


def hsa_id_key(hsa_id: str) -> str:
    """The form in which two HSA-ids are compared: case does not tell people apart."""
    return hsa_id.upper()


def organisation_number_ok(digits: str) -> bool:
    """Whether ten digits are a possible organisation number: third digit at least 2, Luhn check digit."""
    return len(digits) == _ORGANISATION_DIGITS and digits[2] >= "2" and bool(luhn.is_valid(digits))


def parse_hsa_id(text: str) -> HsaIdReading:
    """The HSA-id that `text` (nothing but the id, however typed) means; raises `InvalidHsaId`."""
    typed = _LABEL.sub("", text).strip().strip(".,;:!?\"'()")
    if not typed:
        raise InvalidHsaId("empty")
    if contains_personnummer(typed):
        raise InvalidHsaId("personnummer")
    changes: set[Change] = set()
    dashed = _DASHES.sub("-", typed)
    compact = re.sub(r"\s", "", dashed)
    if compact != dashed:
        changes.add(Change.SPACES)
    if dashed != typed:
        changes.add(Change.HYPHEN)
    if compact[:2].upper() != "SE":
        raise InvalidHsaId("prefix")
    if compact[:2] != "SE":
        changes.add(Change.CASE)
    organisation, suffix, moved = _split(compact[2:], changes)
    _check_suffix(suffix)
    if moved:
        changes.add(Change.HYPHEN)
    suffix = suffix.upper() if Change.CASE in changes else suffix
    value = f"SE{organisation}-{suffix}"
    other = _twelve_digit_reading(organisation, suffix) if moved else None
    if other is None:
        return HsaIdReading(value, frozenset(changes), (), organisation_number_ok(organisation))
    if organisation_number_ok(organisation):
        return HsaIdReading(value, frozenset(changes), (other,), organisation_ok=True)
    return HsaIdReading(other, frozenset({*changes, Change.CENTURY_PREFIX}), (value,), organisation_ok=True)


def find_hsa_ids(text: str) -> tuple[HsaIdReading, ...]:
    """Every HSA-id that stands in a sentence, in order ("puk till se5560360793-1003 och …")."""
    readings = []
    for match in _IN_TEXT.finditer(_DASHES.sub("-", text)):
        try:
            readings.append(parse_hsa_id(match.group()))
        except InvalidHsaId:
            continue
    return tuple(readings)


def _split(rest: str, changes: set[Change]) -> tuple[str, str, bool]:
    """Organisation number, suffix, and whether the hyphen had to be put or moved."""
    head, hyphen, tail = rest.rpartition("-")
    if hyphen:
        digits = head.replace("-", "")
        moved = digits != head
        if (
            len(digits) == _ORGANISATION_DIGITS + 2
            and digits.startswith("16")
            and organisation_number_ok(digits[2:])
        ):
            changes.add(Change.CENTURY_PREFIX)
            return digits[2:], tail, moved
        if len(digits) == _ORGANISATION_DIGITS:
            return _digits(digits, changes), tail, moved
        if len(head) != 6:  # The hyphen of `556036-0793` alone is understood; elsewhere digits are missing.
            raise InvalidHsaId("organisation")
    whole = rest.replace("-", "")
    return _digits(whole[:_ORGANISATION_DIGITS], changes), whole[_ORGANISATION_DIGITS:], True


def _digits(text: str, changes: set[Change]) -> str:
    digits = text.translate(_LOOKALIKES)
    if not re.fullmatch(r"[0-9]{10}", digits):
        raise InvalidHsaId("organisation")
    if digits != text:
        changes.add(Change.LOOKALIKE)
    return digits


def _check_suffix(suffix: str) -> None:
    if not suffix:
        raise InvalidHsaId("suffix_missing")
    if not re.fullmatch(r"[A-Za-z0-9]+", suffix):
        raise InvalidHsaId("characters")
    if len(suffix) > _SUFFIX_MAX:
        raise InvalidHsaId("suffix_too_long")


def _twelve_digit_reading(organisation: str, suffix: str) -> str | None:
    """Without a hyphen the number may have been typed in its twelve-digit form, `16` first."""
    shifted = organisation[2:] + suffix[:2]
    if organisation.startswith("16") and len(suffix) > 2 and organisation_number_ok(shifted):
        return f"SE{shifted}-{suffix[2:]}"
    return None
