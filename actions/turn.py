"""What the visitor just said, as the actions read it from a tracker."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker

from actions.english import read_english
from actions.labels import covered


def words(text: str) -> frozenset[str]:
    """The words of `text`: a list that a person can read and add to."""
    return frozenset(text.split())


UNCLEAR = "nlu_fallback"
ENGLISH = "speak_english"
# Below this a label is a guess: good enough to choose between the answers a question offers, no more.
SURE = 0.5
# From this confidence on a label outdoes what single words of the message may mean to an open question.
CERTAIN = 0.7
_ASKING = words("hur vad va var vart nar vem vilken vilket vilka varfor kan far")
_NO_QUESTIONS = frozenset({"dont_know", "affirm", "deny"})
_IDENTIFIERS = words("hsa_id email customer_number order_number")
# A message that begins with one of these is a yes or a no, whatever follows.
_YES = words("ja japp jajaman jajamen jo jada joda jepp yes yep absolut")
_NO = words("nej na naa nejda nepp icke nope nix ne")
_COURTESY = words("hej hejsan hallo tjena men och ok okej tack jaha aha sa alltsa undrar")
# A message that begins with one of the first kind asks to be told something, with one of the second it may.
_TELL = words("hur vad vem vems vilken vilket vilka varfor vart")
_TELL_PERHAPS = words(
    """nar maste ska skall behover behovs kravs racker gar finns ar passar fungerar galler kostar borde
    bor"""
)
_TOLD_LATER = re.compile(
    r"\b(?:hur (?:gor|ska|bestall|funkar|fungerar)|vem (?:ordnar|bestall)|vad (?:ska|gor)"
    r"|^var? (?:ar|kan|finns|ska|far|hittar|star|ligger|kostar|betyder|hander|innebar)\b)"
)
_REQUEST = re.compile(
    r"\b(?:kan|kunde|skulle|far|vill) (?:jag|vi|ni|du|man)\b|\b(?:vill|behover|ska) (?:ha|bestalla)\b"
    r"|\b(?:jag|vi) (?:vill|behover|onskar|maste|skulle)\b|^(?:bestall|skicka|andra|gor|ta)\b|\bvar sn"
)
_CONTENT = words("tack tackar lugnt bra allt klart nojd fint")
_CONTENT_NOT = words("inte ej inget utan men")
_GIVES_UP = re.compile(
    r"(?i)(?:\w+,? ){0,3}?"
    r"(?:glöm|strunta?r?(?: vi)? i|skit(?:er)?(?: vi)? i|släpp(?:er)?|hoppa(?:r)? över|lägg(?:er)? ner)"
    r" (?:det|den|detta|allt\w*|beställningen)(?: då| så länge)?\s*(?:[.,;:!–-]|\boch\b)\s*\w"
)
_SHORT_ANSWER = 2
# With one of these a yes is no plain yes.
_RESERVATIONS = words(
    """men fast vanta andra andras annan annat annorlunda inte ej istallet stallet forst byt byta
    forresten nej na fel utom ocksa till innan undrar hur vad vem vilken nar varfor om sen senare
    kanske osaker dessutom plus samt aven ny nytt hellre bara ingen inget"""
)
_LONGEST_YES = 8


@dataclass(frozen=True)
class Turn:
    """One message of the visitor, understood.

    Attributes:
        text: the message, redacted by the gateway.
        label: its label in full, `faq/<topic>` or an intent's name; `nlu_fallback` when unclear.
        confidence: of the label, 0..1.
        ranking: labels that came close, likeliest first, with their confidence.
        metadata: what the gateway added, see docs/architecture.md.
        topics: with `several_questions` all of them, else what is asked beside the label; without those in
            whose place another is answered.
        covered: whether one of `topics` is answered in the place of the label.

    A plain answer in English is read as the Swedish one.
    """

    text: str
    label: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    entities: tuple[tuple[str, str], ...]
    metadata: dict[str, Any]
    topics: tuple[str, ...] = ()
    covered: bool = False

    @classmethod
    def of(cls, tracker: Tracker) -> Turn:
        """The latest message in `tracker`."""
        message = tracker.latest_message
        intent = message.get("intent") or {}
        label = str(intent.get("name") or UNCLEAR)
        selected = (message.get("response_selector") or {}).get(label) or {}
        label = str((selected.get("response") or {}).get("intent_response_key") or label)
        ranking = tuple(
            (str(entry["name"]), float(entry["confidence"]))
            for entry in message.get("intent_ranking") or ()
            if entry["name"] != UNCLEAR
        )
        entities = tuple((str(e["entity"]), str(e["value"])) for e in message.get("entities") or ())
        text = str(message.get("text") or "")
        if label == ENGLISH and (answer := read_english(text)):
            label, text = answer.label, answer.swedish
        topics = tuple(message.get("topics") or ())
        left_out = covered((label, *topics))
        return cls(
            text=text,
            label=label,
            confidence=float(intent.get("confidence") or 0.0),
            ranking=ranking,
            entities=entities,
            metadata=dict(message.get("metadata") or {}),
            topics=tuple(topic for topic in topics if topic not in left_out),
            covered=label in left_out,
        )

    def entity(self, name: str) -> str | None:
        """The first entity of this name, as written."""
        return next((value for entity, value in self.entities if entity == name), None)

    @property
    def is_question(self) -> bool:
        """Whether it asks something that has an answer of its own."""
        return self.label.startswith("faq/")

    @property
    def asks(self) -> bool:
        """Whether it surely asks something that has an answer of its own, and names no number or address."""
        sure = self.is_question and self.confidence >= CERTAIN
        return sure and self.sounds_like_question and not self.names_something

    @property
    def names_something(self) -> bool:
        """Whether it names a number or address that an errand asks for."""
        return any(name in _IDENTIFIERS for name, _ in self.entities)

    @property
    def is_content(self) -> bool:
        """Whether it says that all is well and nothing more is wanted: "nej tack", "det var allt"."""
        said = plain(self.text).split()
        content = not _CONTENT.isdisjoint(said) and _CONTENT_NOT.isdisjoint(said)
        return content and len(said) <= _LONGEST_YES and not self.wants_to_be_told

    @property
    def gives_up(self) -> bool:
        """Whether it begins by dropping what goes on, and says more: "glöm det, när har ni öppet?"."""
        return _GIVES_UP.match(self.text) is not None

    @property
    def sounds_like_question(self) -> bool:
        """Whether it has the form of a question."""
        # "vår" is no "var".
        said = plain(re.sub(r"(?i)\bvår", "oss", self.text)).split()
        return "?" in self.text or not _ASKING.isdisjoint(said)

    @property
    def expects_answer(self) -> bool:
        """Whether it asks for something to be told or done, whatever that is."""
        asks = self.wants_to_be_told or "?" in self.text or self.label == "ask_more"
        return asks and self.label not in _NO_QUESTIONS

    @property
    def wants_to_be_told(self) -> bool:
        """Whether it is put as a question, and not as a request ("kan ni skicka ...?")."""
        said = plain(self.text).split()
        while said and said[0] in _COURTESY | {"jag"} and len(said) > 1:
            if said[0] == "jag" and said[1] != "undrar":
                break
            said = said[1:]
        if not said or (said[0] in _TELL and len(said) > 1) or _TOLD_LATER.search(" ".join(said)):
            return bool(said)
        marked = "?" in self.text and len(said) > _SHORT_ANSWER
        return (marked or said[0] in _TELL_PERHAPS) and not _REQUEST.search(" ".join(said))

    @property
    def is_plain_yes(self) -> bool:
        """Whether it says yes with no reservation; numbers and names in it are for the caller to weigh."""
        said = plain(self.text).split()
        begins = bool(said) and said[0] in _YES
        return (
            (begins or (self.label == "affirm" and self.confidence >= CERTAIN))
            and len(said) <= _LONGEST_YES
            and _RESERVATIONS.isdisjoint(said)
            and not self.wants_to_be_told
        )

    def likely(self, label: str, at_least: float = 0.2) -> bool:
        """Whether `label` is the best guess, or a fair one in an unclear message."""
        if self.label == label:
            return True
        return self.label == UNCLEAR and any(
            name == label and share >= at_least for name, share in self.ranking[:2]
        )


def plain(text: str) -> str:
    """Letters and digits of `text`, lower case, without å, ä, ö: how answers are compared."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", letters))


def yes_or_no(turn: Turn) -> str | None:
    """`affirm` or `deny`, when the message begins with such a word or is one; else None."""
    first = plain(turn.text).split(maxsplit=1)[:1]
    if first and first[0] in _YES:
        return "affirm"
    if first and first[0] in _NO:
        return "deny"
    return turn.label if turn.label in {"affirm", "deny"} and turn.confidence >= SURE else None
