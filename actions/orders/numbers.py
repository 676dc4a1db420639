"""Order numbers: short, easy to read aloud, and a mistyped one is noticed.

`P-7K4M-2XR`: a letter for the kind, six random characters and a check character. The alphabet has only
characters that look and sound different in Swedish (no 0/O, 1/I/L, 2/Z, 5/S, 8/B, and one only of those that
rhyme, as B/C/D/E/G/P/T do). It has 17 characters, a prime, so a weighted sum modulo 17 finds every wrong
character and every two that changed places.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

from actions.orders.errors import InvalidOrderNumber
from actions.orders.values import OrderKind

ALPHABET: Final = "23456789AFJKMRTXY"
KIND_LETTERS: Final = {
    OrderKind.PUK: "P",
    OrderKind.RESERVE_CARD: "R",
    OrderKind.ORDINARY_CARD: "K",
    OrderKind.CARD_READER: "L",
}
ORDER_NUMBER_PATTERN: Final = re.compile(rf"[PRKL]-[{ALPHABET}]{{4}}-[{ALPHABET}]{{3}}")
_RANDOM_LENGTH: Final = 6
_LETTERS: Final = frozenset("AFJKMRTXY")
_LOOKALIKES: Final = str.maketrans("SZBG", "5286")
_IN_TEXT: Final = re.compile(r"(?i)(?<![A-Za-z0-9])[PRKL][\s-]*(?:[0-9A-Z][\s-]?){6}[0-9A-Z](?![A-Za-z0-9])")


def new_order_number(kind: OrderKind) -> str:
    """A random number for an order of this kind (about 20 million a kind; the store refuses a used one)."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM_LENGTH))
        # A group of digits only could be taken for a PIN or PUK, and would be redacted in the chat.
        if _LETTERS & set(body[:4]) and _LETTERS & set(body[4:]):
            letter = KIND_LETTERS[kind]
            return f"{letter}-{body[:4]}-{body[4:]}{_check_character(letter, body)}"


def parse_order_number(text: str) -> str:
    """The order number that `text` means, in normal form; case, spaces and hyphens do not matter.

    Raises `InvalidOrderNumber`: `form` when it cannot be one, `check` when a character is wrong.
    """
    compact = re.sub(r"[\s\-\u2010-\u2015\u2212.]", "", text).upper()
    letter, rest = compact[:1], compact[1:].translate(_LOOKALIKES)
    if letter not in KIND_LETTERS.values() or not re.fullmatch(rf"[{ALPHABET}]{{7}}", rest):
        raise InvalidOrderNumber("form")
    if _check_character(letter, rest[:-1]) != rest[-1]:
        raise InvalidOrderNumber("check")
    return f"{letter}-{rest[:4]}-{rest[4:]}"


def find_order_numbers(text: str) -> tuple[str, ...]:
    """Every correct order number that stands in a sentence, in order, in normal form."""
    found = []
    for match in _IN_TEXT.finditer(text):
        try:
            found.append(parse_order_number(match.group()))
        except InvalidOrderNumber:
            continue
    return tuple(found)


def _check_character(letter: str, body: str) -> str:
    start = list(KIND_LETTERS.values()).index(letter) + 1
    total = start + sum(weight * ALPHABET.index(char) for weight, char in enumerate(body, start=2))
    return ALPHABET[total % len(ALPHABET)]
