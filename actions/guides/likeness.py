"""How like what people say an answer is: words weighed by what they tell, slips of the finger forgiven."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler

from actions.turn import Turn, plain, words, yes_or_no

# Two words this alike (0..1) are one word, misspelt or inflected.
_ONE_WORD = 0.9
_SHORT = 4
# What an answer loses that is negated, a question, or about another thing, where the example is not.
_MISMATCH = 0.4
# The same when it begins with a yes where the example begins with a no.
OTHER_LEAD = 0.55
# Of the things of one line an answer and an example name the same one, if they name any.
_THINGS = (
    {"pin": r"\bpin", "puk": r"\bpuk|upplasningskod"},
    {"ordinary": r"ordinar|\bvanlig", "reserve": r"reserv|tillfallig|lanekort|vikarie"},
)
# "Inte låst utan spärrat" says what follows.
_CONTRAST = r"\b(?:inte|ej|int) (?:\w+ ){1,4}utan\b"
_JOINING = r"^(?:(?:och|o|men|fast|så|eller)\s+)+"
# Where a message says another thing.
_BREAKS = (
    r"(?<=[.!?])\s+|\s*[;:\n]\s*|,\s+|\s+[-–]\s+"
    r"|\s+(?:och|o|å|men|fast|så|dessutom|däremot|för att|eftersom|därför att|eller nej|eller vänta)\s+"
)
# The weight of a word that no example has, and of one that tells nothing, beside 1 for the most telling.
_UNKNOWN, _EMPTY = 0.3, 0.12
_NOT = words(
    "varken nej na icke omojligt inte int inge ej ingen inget inga ingenting aldrig utan saknar noll 0"
)
_NO_WORDS = words(
    """jag du vi ni han hon man mig dig oss er sig min mitt mina din ditt det den de dom en ett och som
    att i pa till for av med om sa ar var har hade blir blev ju val da nu dar va eh o e ja nej jo na
    men okej ok tror kanske bara lite hej ska skulle vill kan nog
    ur fran vid hos under efter over ju dvs alltsa
    1 2 3 4 5 tva tre fyra fem gang ganger"""
)
_ASKING = (
    r"(?:hur|vad|va|var|vart|nar|vem|vilken|vilket|vilka|varfor|undrar)\b",
    r"(?:kan|far|ska|skall|maste|bor|gar|finns|behover|har|hinner|racker|fungerar|funkar|blir|vet|kostar|galler)"
    r" (?:jag|man|vi|ni|du|det|den|de|han|hon|nagon|ju|kortet)\b",
    r"(?:kan|far|ska|maste|bor|hinner) (?:min|mina|mitt|var|er|(?!kod|pin|puk|den)\w{3,}[ae]n)\b",
    r"(?:finns|ar|gick|hjalper) (?:det|den|ni|man|\w{4,}e[nt])\b",
)
_FILLER = (
    r"^(?:(?:ja|jo|jaha|nej|na|men|ok|okej|och|sa|fast|vanta|hm|eh|oh|aha|dvs|alltsa|du|tack|bra|forlat) )*"
)


@dataclass(frozen=True)
class Said:
    """An answer taken apart."""

    words: tuple[str, ...]
    lead: str | None
    negated: bool
    asks: bool
    things: frozenset[str]


def asks(text: str) -> bool:
    """Whether `text` has the form of a question."""
    rest = re.sub(_FILLER, "", plain(text))
    return text.rstrip().endswith("?") or any(re.match(form, rest) for form in _ASKING)


def is_negated(said: str) -> bool:
    """Whether `said`, as `plain` writes it, denies something."""
    return not _NOT.isdisjoint(said.split())


@lru_cache(maxsize=8192)
def read(text: str) -> Said:
    """`text` taken apart."""
    lead, rest = lead_and_rest(re.sub(r"\bfunk", "funger", plain(text)))
    rest = re.sub(_CONTRAST, "", rest).strip()
    things = frozenset(name for line in _THINGS for name, pattern in line.items() if re.search(pattern, rest))
    return Said(tuple(dict.fromkeys(rest.split())), lead, is_negated(rest), asks(text), things)


def parts(text: str) -> list[str]:
    """What `text` says one after the other."""
    said = re.split(_BREAKS, text.strip(), flags=re.IGNORECASE)
    return [re.sub(_JOINING, "", part, flags=re.IGNORECASE) for part in said if plain(part)]


def tells(text: str) -> list[str]:
    """The words of `text` that say something, without a yes or no and what only fills."""
    return [word for word in read(text).words if word not in _NO_WORDS]


def _about_another(said: frozenset[str], example: frozenset[str]) -> bool:
    return any(
        said & line.keys() and example & line.keys() and not said & example & line.keys() for line in _THINGS
    )


def lead_and_rest(said: str) -> tuple[str | None, str]:
    """`affirm` or `deny` when `said` begins with such a word, and what follows it."""
    first, _, rest = said.partition(" ")
    lead = yes_or_no(Turn(first, "", 0.0, (), (), {}))
    if lead is None:
        return None, said
    return lead, re.sub(_FILLER, "", rest + " ").strip()


@lru_cache(maxsize=65536)
def _one_word(first: str, second: str) -> bool:
    if first == second:
        return True
    if min(len(first), len(second)) < _SHORT or first[0] != second[0]:
        return False
    # "Letar" is going on, "letat" is done.
    if {first[-2:], second[-2:]} == {"ar", "at"}:
        return False
    return JaroWinkler.similarity(first, second) >= _ONE_WORD


class Examples:
    """Example answers of several kinds, to which an answer is compared."""

    def __init__(self, kinds: tuple[tuple[str, ...], ...]) -> None:
        self._kinds = [[read(text) for text in texts] for texts in kinds]
        self._shares = [Counter(w for said in kind for w in said.words) for kind in self._kinds]

    def scores(self, text: str) -> list[float]:
        """How like the examples of each kind `text` is, 0..1."""
        said = read(text)
        weights = {word: self._weight(word) for word in said.words}
        return [max((self._alike(said, weights, one) for one in kind), default=0.0) for kind in self._kinds]

    @lru_cache(maxsize=4096)  # noqa: B019 - as long-lived as the guides
    def _weight(self, word: str) -> float:
        """How much `word` tells: most when the examples of one kind alone have it."""
        if word in _NO_WORDS:
            return _EMPTY
        counts = [sum(n for w, n in share.items() if _one_word(word, w)) for share in self._shares]
        rates = [count / (len(kind) + 3) for count, kind in zip(counts, self._kinds, strict=True)]
        if not any(rates):
            return _UNKNOWN
        shares = [rate / sum(rates) for rate in rates if rate]
        spread = -sum(share * math.log(share) for share in shares) / math.log(max(2, len(rates)))
        return max(0.3, 1 - spread)

    def _alike(self, said: Said, weights: dict[str, float], example: Said) -> float:
        if not said.words or not example.words:
            return 1.0 if said == example else 0.0
        met = {w: next((e for e in example.words if _one_word(w, e)), None) for w in said.words}
        shared = sum(weights[word] for word, other in met.items() if other)
        missed = sum(self._weight(word) for word in example.words if word not in met.values())
        alone = sum(weights[word] for word, other in met.items() if not other)
        likeness = shared / (shared + 0.5 * (missed + alone))
        if said.negated != example.negated and not (said.asks and example.asks):
            likeness *= _MISMATCH
        if said.asks != example.asks:
            likeness *= _MISMATCH
        if _about_another(said.things, example.things):
            likeness *= _MISMATCH
        if said.lead and example.lead and said.lead != example.lead:
            likeness *= OTHER_LEAD
        return likeness
