"""How long something has been, as a message puts it."""

from __future__ import annotations

import re
import unicodedata

_NUMBERS = {
    word: number
    for number, names in enumerate(
        (
            "en ett",
            "tva ett_par",
            "tre",
            "fyra",
            "fem",
            "sex",
            "sju",
            "atta",
            "nio",
            "tio",
            "elva",
            "tolv",
        ),
        start=1,
    )
    for word in names.replace("_", r"\s").split()
}
_UNITS = {r"da(?:g|gar|gars|r)|dygn": 1, "veck(?:a|or)|v": 7, "man(?:ad|ader)?": 30, "halvar": 182, "ar": 365}
_NUMBER = "|".join([r"\d+(?:[.,]\d+)?", *_NUMBERS])
# What lies ahead, is a limit or is left has not passed.
_NOT_PASSED = r"(?<!\bom )(?<!inom )(?<!mindre an )(?<!max )"
_SPAN = re.compile(
    rf"{_NOT_PASSED}\b(?P<number>{_NUMBER})(?P<half> och en halv)?\s?(?P<unit>{'|'.join(_UNITS)})\b(?! kvar)"
    rf"|(?P<more>{_NOT_PASSED}\b(?:flera|manga|ett halv)) ?(?P<units>manader|ar|veckor)\b(?! kvar)"
)
_OVER = re.compile(r"(?:mer an|over|drygt|langre an) $")
_SEVERAL = {"veckor": 14, "manader": 120, "ar": 365}


def days(text: str) -> float | None:
    """The longest time that `text` says has passed, in days; None when it names none."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    said = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return max((_length(said, found) for found in _SPAN.finditer(said)), default=None)


def _length(said: str, found: re.Match[str]) -> float:
    if found["more"]:
        return 182 if "halv" in found["more"] else _SEVERAL[found["units"]]
    name = re.sub(r"\s", r"\\s", found["number"])
    number = float(_NUMBERS.get(name) or found["number"].replace(",", ".")) + (0.5 if found["half"] else 0)
    unit = next(length for unit, length in _UNITS.items() if re.fullmatch(unit, found["unit"]))
    # "Mer än fem dagar" is more than five.
    return number * unit + (1 if _OVER.search(said[: found.start()]) else 0)
