"""What is done to a message before any feature is taken from it."""

from __future__ import annotations

import re
import unicodedata

# Swedish letters are letters: only other accents are removed.
_FOLD = str.maketrans("åäöéüáàèøæ", "aaoeuaaeoa")
_PATTERNS = (
    (re.compile(r"https?://\S+|www\.\S+"), " xlink "),
    (re.compile(r"\S+@\S+\.\w+"), " xmail "),
    (re.compile(r"\bse\s?\d{6,10}[\s-]?[a-z0-9-]*"), " xhsa "),
    (re.compile(r"\b[prkl]-[0-9a-z]{3,5}(?:-[0-9a-z]{1,4})*\b"), " xorder "),
    (re.compile(r"\b\d{4,}[\d -]*"), " xlong "),
)
# Signs that answer, said in words; all others say nothing that counts here.
_SIGNS = {
    "👍": "ja",
    "👌": "ja",
    "✅": "ja",
    "👎": "nej",
    "❌": "nej",
    "🤷": "vet inte",
    "🙏": "tack",
    "👋": "hej",
}
_SIGN = re.compile("|".join(_SIGNS))
_RUN = re.compile(r"(.)\1{2,}")
WORD = re.compile(r"[a-zåäöéü]+(?::[a-z]+)?|\d+x*|\?")


def normalise(text: str) -> str:
    """Lower case, composed letters, no runs of a letter; identifiers become one word a kind."""
    text = _plain(text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return _RUN.sub(r"\1", text)


def words(normalised: str) -> list[str]:
    """The words, numbers and question marks of a normalised text, in order."""
    return WORD.findall(normalised)


def fold(text: str) -> str:
    """`text` as somebody without å, ä and ö on the keyboard writes it."""
    return text.translate(_FOLD)


def exact_key(text: str) -> str:
    """The key under which a whole message is looked up: letters and digits only, folded."""
    return " ".join(re.findall(r"\w+", fold(_plain(text))))


def _plain(text: str) -> str:
    said = _SIGN.sub(lambda sign: f" {_SIGNS[sign[0]]} ", text)
    return unicodedata.normalize("NFKC", said).lower()
