"""Tells words that stand for a secret code from words that stand for a harmless number."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

WORD: Final = re.compile(r"[^\W\d_]+(?:[-‐‑][^\W\d_]+)*")

_CODE: Final = re.compile(
    r"(?:siths|kort|e-?leg)?p[iy]n+(?:en|ens|et|s|ar|arna|er)?"
    r"|(?:siths|kort)?p[iy]n+(?:c?k|k?c)[oå0]d\w*"
    r"|pu(?:k|kk|c|ck|ch|ckk)(?:en|ens|ar|arna|s|er)?"
    r"|pu(?:k|kk|c|ck|ch|ckk)?(?:k|c)[oå]d\w*"
    r"|k[oå]d+(?:en|ens|er|erna|ernas|et|s|sen)?|codes?"
    r"|(?:säkerhets|sakerhets|legitimerings?|identifierings|underskrifts|signerings|upplåsnings|inloggnings|"
    r"aktiverings|engångs|skrap|hemlig\w*|personliga?|kort)k[oå]d\w*"
    r"|lösen(?:ord|ordet|et|s)?|losenord\w*|passwords?"
)
_SAFE: Final = re.compile(
    r"kund(?:en|ens|nummer|numret|nr|id|num\w*|no)?|order\w*|beställning\w*|ärende\w*|arende\w*|tel|tfn|telefon\w*|mobil\w*|"
    r"fax|post(?:nummer|numret|nr|kod\w*)|kort(?:nummer|numret|nr|id|num\w*)|serie(?:nummer|nr)|hsa\w*|"
    r"org\w*n(?:ummer|umret|r)|fel(?:kod\w*|meddelande\w*)?|errors?|produkt\w*|typ|version\w*|windows|modell\w*|rum|plan|"
    r"våning|avd\w*|kl|klockan|datum\w*|år|året|vecka|kr|kronor|sek|faktura\w*|referens\w*|ref|ip|port|id|artikel\w*|antal\w*|"
    r"anknytning|status\w*|streckkod\w*|qr\w*|lands\w*|riktnummer|kostnadsställe\w*|enhet\w*|dator\w*|skrivare\w*|"
    r"sidan?|steg|guide\w*|byggnad|box"
)
_COMMON: Final = (
    "pinkod", "pinkoden", "pinkoder", "pinkoderna", "pukkod", "pukkoden", "pukkoder", "pukkoderna",
    "säkerhetskod", "säkerhetskoden", "legitimeringskod", "underskriftskod", "upplåsningskod", "lösenord",
)  # fmt: skip
_FUZZY_MIN_LENGTH: Final = 5
_FUZZY_RATIO: Final = 80


@lru_cache(maxsize=4096)
def means_code(word: str) -> bool:
    """Whether the word stands for a secret code, also inflected or misspelt."""
    plain = re.sub("[-‐‑]", "", word.lower())
    if means_number(word):
        return False
    if _CODE.fullmatch(plain) or _CODE.fullmatch(word.lower()):
        return True
    return (
        len(plain) >= _FUZZY_MIN_LENGTH
        and process.extractOne(plain, _COMMON, scorer=fuzz.ratio, score_cutoff=_FUZZY_RATIO) is not None
    )


@lru_cache(maxsize=4096)
def means_number(word: str) -> bool:
    """Whether the word stands for a number that is no secret: a customer number, an error code, a year."""
    return _SAFE.fullmatch(re.sub("[-‐‑]", "", word.lower())) is not None


def is_about_code(text: str) -> bool:
    """Whether a text, or its last question, speaks of a secret code and of no other number."""
    questions = re.findall(r"[^.!?\n]*\?", text)
    found = WORD.findall(questions[-1] if questions else text)
    return any(means_code(word) for word in found) and not any(means_number(word) for word in found)


def asks_other_number(text: str) -> bool:
    """Whether a text speaks of a number that is no secret."""
    return any(means_number(word) for word in WORD.findall(text))
