"""Reading the answers of an order from what the visitor wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import takewhile

from actions.orders import Address, ReserveReason, find_hsa_ids, parse_address
from actions.orders.errors import InvalidAddress
from actions.turn import Turn, plain, words

_NUMBER_WORDS = dict(
    zip(
        [
            *("en", "ett", "tva", "tre", "fyra", "fem", "sex", "sju", "atta", "nio", "tio", "elva", "tolv"),
            *("tretton", "fjorton", "femton", "sexton", "sjutton", "arton", "nitton", "tjugo"),
        ],
        [1, 1, *range(2, 21)],
        strict=True,
    )
)
_N = r"(\d{1,4}|" + "|".join(_NUMBER_WORDS) + r")\b"
# The same without "en" and "ett", which as often mean "a".
_MANY = r"(\d{1,4}|" + "|".join(list(_NUMBER_WORDS)[2:]) + r")\b"
# A number that takes the place of another, whatever it counts.
_CHANGED = re.compile(
    rf"\b(?:andra|byt|oka|minska)\b.{{0,25}}?\btill {_MANY}"
    rf"|\b(?:gor|ta|tar|ska va|ska vara|ska bli|blir|bli|skriv|vill ha|satt)"
    rf"(?: (?:det|den|om|till|nog|bara|faktiskt|hellre|va|vara))* {_MANY}"
    rf"|\b{_MANY}(?: (?:stycken|st))? (?:i ?stallet|forresten|menar|menade|ska det)\b"
    rf"|\binte (?:\w+ )?(?:utan|men) {_MANY}"
    rf"|\bbara (en|ett)\b(?! (?:gang|sak|fraga|ny|annan))"
)
_COUNTED = re.compile(rf"\bantal\w*\b(?: \D{{0,30}}?)?\b{_MANY}")
_ALONE = re.compile(
    r"(?:(?:nej|na|nae|jo|ja|forresten|bara|vi|jag|tar|snarare|hellre|vanta|stopp|oj|ops|forlat|sorry|eller"
    rf"|fel|menar|menade|det|ska|skulle|va|vara|bli|blir) )*{_N}"
    r"(?: (?:st|stycken|tack|i ?stallet|forresten|bara|racker))*(?: (?:och )?inte \w+)?"
)
_LONG_NUMBERS = re.compile(
    r"(?i)\bSE[\s-]?\d[\w-]*|(?<!\d)\d{3} ?\d{2,3}(?!\d)|\S+@\S+|\b[PRKL]-\w{4}-\w{3}\b"
)
_REASONS = {
    ReserveReason.TEMPORARY_STAFF: (
        "tillfallig",
        "vikari",
        "sommar",
        "hyr",
        "inhop",
        "praktik",
        "student",
        "timanstall",
        "bemanning",
        "konsult",
    ),
    ReserveReason.NO_PERSONNUMMER: ("personnummer", "samordning", "utlandsk", "utomlands"),
    ReserveReason.LOST_CARD: (
        "tappa",
        "borta",
        "forlor",
        "forlust",
        "stul",
        "glomt",
        "ersatt",
        "trasig",
        "forsvun",
        "blivit av",
    ),
}
_OTHER_REASON = ("annat", "annan", "ovrigt")
# Words of an open question or of another number that also stand in a reason.
_NO_REASON = ("kundnummer", "kundnr", "kod", "mejl", "mail", "hsa")
PRODUCTS = {
    "order_puk": r"puk\w*",
    "order_reserve_card": (
        r"reserv\w*|tillfallig\w* kort\w*|ett tillfalligt(?= (?:ett|tack|i ?stallet|i sa fall|da|ska)\b|$)"
    ),
    "order_siths_card": (
        r"(?<!som )(?:vanligt?|vanliga|ordinarie)(?! (?:\w*adress|personal|anstall|mejl|mail|nummer"
        r"|stall|post))"
        r"(?: siths)?(?: ?kort\w*)?|siths ?(?:eid )?kort\w*"
    ),
    "order_card_reader": r"(?:kort ?)?las(?:are|arn)\w*|dosa\w*|dosor\w*",
}
ANY_CARD = r"(?:siths|sits)?kort(?! ?las)\w*"
_BETWEEN = r"(?:(?:den|det|dem|min|mina|var|vara|ha|nagot|nagon|nagra|bestalla|ett|en|va) )*"
_NO = r"inte|ej|inget|ingen|inga|utan|behall\w*|forutom|utom"
NOT = rf"\b(?:{_NO}) {_BETWEEN}"
# The same in an order that is still open, where its thing can also be struck out.
REFUSED = (
    rf"\b(?:{_NO}|avbryt\w*|skippa\w*|strunta?r? i|skit i|stryk\w*|slopa\w*|slapp\w*|glom|ta bort"
    rf"|hoppa over|i ?stallet for|byt(?:a|er)? ut|byt(?:a|er)? fran|fran) {_BETWEEN}"
)
# A HSA-id with letters that look like the digits meant.
_ALMOST_HSA_ID = re.compile(r"(?i)(?<![A-Z0-9])SE[\s-]?[\dO]{10}\s?-\s?[A-Z0-9]{1,18}(?![A-Z0-9])")
_SAME_PERSON = re.compile(
    r"\bsamma (?:person|man|kvinna|anvandare|kortanvandare|medarbetare|hsa|som|igen|kollega|anstalld)"
    r"|\b(?:till|at|for) (?:henne|honom|hen|samma)\b|\b(?:hon|han|henne|honom) (?:ocksa|med|igen)\b"
)
_NAME_WORD = r"[A-ZÅÄÖÉ][a-zåäöéü]+(?:-[A-ZÅÄÖÉ][a-zåäöéü]+)?"
_NAMED = re.compile(
    rf"\b(?:till|åt|för)\s+((?:{_NAME_WORD}|[a-zåäöé]{{2,}})(?:\s+(?:{_NAME_WORD}|[a-zåäöé]{{2,}})){{0,2}})"
    r"[\s,(:]+(?:med\s+)?(?:hsa-?id\s*:?\s*)?SE\d",
    re.IGNORECASE,
)
_NAMED_BEFORE = re.compile(rf"({_NAME_WORD}(?:\s+{_NAME_WORD}){{1,2}})[\s,(:]+(?:HSA-?[Ii][Dd]\s*:?\s*)?SE\d")
_NAMED_AFTER = re.compile(rf"SE\d{{10}}-\w+[\s,(]+({_NAME_WORD}(?:\s+{_NAME_WORD}){{1,2}})")
_SEVERAL_NAMED = re.compile(
    rf"\b(?:till|åt|för)\s+{_NAME_WORD}(?:\s+{_NAME_WORD})?(?:,\s*{_NAME_WORD})*\s+(?:och|o|samt"
    rf"|&)\s+{_NAME_WORD}"
)
_SEVERAL = rf"(?:flera|manga|nagra|alla|bada|[2-9]|[1-9]\d{{1,2}}|{'|'.join(list(_NUMBER_WORDS)[2:])})"
_SEVERAL_COUNTED = re.compile(
    rf"\b{_SEVERAL} (?:\w+ )?"
    r"(?:personer|medarbetare|\w*anstallda|kollegor|\w*vikarier|\w*skoterskor|\w*lakare|\w*vardare"
    r"|studenter)\b"
    rf"|\b{_SEVERAL} (?:st\w* )?(?:nya |olika |vanliga |ordinarie |siths )?(?:(?:reserv|siths)?kort"
    rf"|pukkoder|puk|pukar)\b"
    rf"|\b(?:at|till|for) {_SEVERAL}(?: st\w*)?$|\b(?:alla|samtliga) (?:behover|ska|vill|fyra|tre|fem)\b"
)
_MANY_AT_ONCE = re.compile(
    r"\b(?:en |som )?(?:lista\w*|listor|excel\w*|bulk\w*)\b|\b(?:flera|alla|manga"
    r"|allihop\w*) (?:\w+ )?(?:samtidigt|pa en gang)\b"
)
_NO_NAME = words(
    """en ett hsa hsaid id person personen kollega min mitt var den kort kortet puk pukkod siths
    reservkort bestall vikarie vikarien hej nya ny kund anvandare kortanvandare medarbetare
    denna hen henne honom med"""
)
_ADDRESS = re.compile(
    r"(?P<street>[^\W\d_][^\d,;\n]*?\s\d{1,4}\s?[A-Za-z]?)\b[\s,;]*"
    r"(?P<postal>(?:SE?-)?[1-9]\d{2}\s?\d{2})(?!\d)[\s,]+(?P<city>[^\W\d_][^\d,.;:!?\n]*)"
)
_LEAD = re.compile(
    r"(?i)^.*\b(?:till|är|vara|va|blir|på|adress(?:en)?|skickas?|leverera\w*|det|den|dem|dom|hem|mig"
    r"|oss)[\s:]+(?=\S)"
)
_AFTER_CITY = re.compile(r"(?i)\s+(?:och|tack|men|i ?stället|så|plus|då|förresten|nivå|på)\b.*$")
# Post towns of two words begin so: Västra Frölunda, Upplands Väsby.
_FIRST_OF_TWO = words("vastra ostra norra sodra stora lilla gamla nya ovre nedre upplands sankt st")
_STREET = re.compile(r"[^\W\d_][^\d,]*\s\d{1,4}\s?[A-Za-z]?")
_NAMED_STREET = re.compile(
    r"\b[^\W\d_]+(?:gatan?|vägen|vagen|väg|torget|stigen|gränd(?:en)?|backen|all[eé]n"
    r"|platsen)\s\d{1,4}(?:\s?[A-Za-z]\b)?",
    re.IGNORECASE,
)
# No street has one of these words in its name.
_NO_STREET = words(
    """niva nivan loa tillitsniva antal antalet ta tar gor gora ska skall skulle vara va blir bli vi jag ni du
    kund kundnr kundnummer nummer nr andra nej na nae ja jo inte ej utan det den dem bara menar menade vill ha
    har behover ar st stycken kod koden lasare kort reservkort puk person anledning anledningen fel"""
)
_WORKPLACE = (
    r"(?:jobbet|arbetet|(?:kontor|foretag)(?:et)?"
    r"|(?:arbetsplats|klinik|mottagning|vardcentral|avdelning)(?:en)?)"
)
_OWN_ADDRESS = re.compile(
    r"\b(?:var|vara|er|egen|egna|ordinarie|vanliga?|samma|registrerade|nuvarande) (?:\w+ )?"
    r"(?:leverans|besoks)?adress\w*"
    r"|\badress\w* (?:\w+ ){0,4}?(?:vanliga?|registrerade|ordinarie|ni har)\b"
    r"|\b(?:skicka|lever|sand)\w* (?:\w+ ){0,3}till oss\b|^(?:\w+ ){0,2}till oss(?: \w+){0,2}$"
)
_OWN_WHEN_ASKED = re.compile(
    r"(?:(?:ja|japp|jo|tack|ta|skicka|skickas|det|den|dem|ska|kan|hem|till|pa|men|gar|var|vart|er) )*"
    rf"(?:ja|japp|jo|var|vara|vart|oss|hit|dit|er|samma|hos oss|som vanligt|vanliga|registrerade|ni har"
    rf"|{_WORKPLACE})"
    r"(?: (?:tack|bara|gar bra|blir bra|ar bra|som vanligt|ni har|som ni har))*"
)
_TO_WORK = re.compile(
    rf"\b(?:till|hit|pa|via) (?:\w+ )?{_WORKPLACE}\b|\bhit\b.*\bi ?stallet\b|\b(?:inte|ej) hem\b"
)


_TELLS = words("har hade fatt fick finns saknar funkar fungerar hittar ser kommer kom far gar laser varfor")


def named_products(text: str, refusal: str = NOT) -> frozenset[str]:
    """The labels of the orders whose things `text` names, but not those it says no to."""
    # "inte puk utan kort": the card is not done without.
    said = re.sub(r"\b(inte|ej|inget|ingen)\b(.*?)\butan\b", r"\1\2men", plain(text))
    return frozenset(
        label
        for label, words in PRODUCTS.items()
        if re.search(rf"\b(?:{words})\b", re.sub(rf"{refusal}(?:{words})\b", "", said))
    )


def refuses_product(text: str, label: str) -> bool:
    """Whether `text` says no to the thing that the order of `label` is for."""
    things = PRODUCTS[label] + (rf"|{ANY_CARD}" if label == "order_siths_card" else "")
    said = plain(text)
    # "hon har inget kort", "då funkar inte kortet": a reason to order one.
    return any(
        _TELLS.isdisjoint(said[: found.start()].split()[-2:])
        for found in re.finditer(rf"{REFUSED}(?:{things})\b", said)
    )


def has_product(text: str, label: str) -> bool:
    """Whether somebody has or had the thing that the order of `label` is for."""
    whose = r"har|hade|fick|fatt|tappa\w*|glom\w*|mitt|hennes|hans|sitt|gamla|nuvarande"
    return bool(re.search(rf"\b(?:{whose}) (?:\w+ ){{0,2}}?(?:{PRODUCTS[label]})\b", plain(text)))


def named_card(text: str) -> bool:
    """Whether `text` wants a card without saying which."""
    return bool(re.search(rf"\b{ANY_CARD}\b", re.sub(rf"{REFUSED}{ANY_CARD}\b", "", plain(text))))


def means_same_person(text: str) -> bool:
    """Whether it points to the card holder of the order before."""
    return bool(_SAME_PERSON.search(plain(text)))


def means_several_persons(text: str) -> bool:
    """Whether it speaks of more than one card holder, counted or by name."""
    return bool(_SEVERAL_COUNTED.search(plain(text)) or _SEVERAL_NAMED.search(text))


def count_persons(text: str) -> int | None:
    """How many card holders it speaks of, when it says a number."""
    found = _SEVERAL_COUNTED.search(plain(text))
    counted = [number for number in numbers(found[0]) if number > 1] if found else []
    return counted[0] if counted else None


def wants_many_at_once(text: str) -> bool:
    """Whether it asks to order for many persons in one go, as with a list."""
    return bool(_MANY_AT_ONCE.search(plain(text)))


def read_name(text: str) -> str | None:
    """The name that stands beside a HSA-id."""
    for pattern in (_NAMED, _NAMED_BEFORE, _NAMED_AFTER):
        if (found := pattern.search(text)) and _NO_NAME.isdisjoint(plain(found[1]).split()):
            return found[1].title() if found[1].islower() else found[1]
    return None


def is_named(name: str, holder: str) -> bool:
    """Whether any part of `name` stands in the holder's name."""
    return not set(plain(name).split()).isdisjoint(plain(holder).split())


def read_hsa_id(text: str) -> str | None:
    """The first HSA-id in `text` in its normal form, if there is one."""
    return next(iter(read_hsa_ids(text)), None)


def read_hsa_ids(text: str) -> list[str]:
    """Every HSA-id in `text` in its normal form, each once."""
    found = [reading.value for reading in find_hsa_ids(text)]
    if not found:
        found = [
            reading.value
            for almost in _ALMOST_HSA_ID.finditer(text)
            for reading in find_hsa_ids(digits_for_letters(almost.group()))
        ]
    return list(dict.fromkeys(found))


def is_only_hsa_ids(text: str) -> bool:
    """Whether it holds HSA-ids and no other words."""
    rest = _ALMOST_HSA_ID.sub(" ", text)
    return bool(read_hsa_ids(text)) and not re.search(r"[^\W\d_]{3,}", rest)


def digits_for_letters(hsa_id: str) -> str:
    """`hsa_id` with every O that stands among digits as a zero."""
    return hsa_id[:2] + re.sub(r"(?<=[\dOo\s-])[Oo](?=[\dOo-]|$)", "0", hsa_id[2:])


def read_email(turn: Turn) -> str | None:
    """The e-mail address in the message."""
    return turn.entity("email")


def read_customer_number(turn: Turn, *, asked: bool) -> str | None:
    """Six digits that are no part of something longer; when not `asked` for they must be named as one.

    Beside a HSA-id or an e-mail address nothing else is meant by them.
    """
    named = re.search(r"\b(?:kund|nr\b|nummer|numret)", plain(turn.text))
    if not (asked or named or read_hsa_id(turn.text) or read_email(turn)):
        return None
    found = re.search(r"(?<![\w-])(\d{3})\s?(\d{3})(?![\w-])", turn.text)
    return "".join(found.groups()) if found else None


def _short(text: str) -> str:
    """`text`, plain, without addresses and numbers that count nothing."""
    said = plain(_LONG_NUMBERS.sub(" ", _NAMED_STREET.sub(" ", _ADDRESS.sub(" ", text))))
    return re.sub(r"\bett par\b", "tva", said)


def _as_number(groups: Iterable[str | None]) -> int | None:
    word = next((group for group in groups if group), None)
    return None if word is None else _NUMBER_WORDS.get(word) or int(word)


def numbers(text: str) -> list[int]:
    """Every number in `text`, in digits or words; "en" and "ett" are none."""
    return [_as_number([word]) or 0 for word in re.findall(rf"\b(\d+|{_MANY[7:]}", plain(text))]


def read_changed_number(turn: Turn, *, alone: bool) -> int | None:
    """A number that is to take the place of another ("gör tre", "ändra till 4"), also `alone` ("3 st")."""
    said = _short(turn.text)
    if found := _CHANGED.search(said):
        return _as_number(found.groups())
    found = _ALONE.fullmatch(said) if alone else None
    return _as_number(found.groups()) if found else None


def read_level(turn: Turn, *, asked: bool) -> int | None:
    """Tillitsnivå 2 or 3; when not `asked` for it must be named as one. None when both are named."""
    said = plain(turn.text)
    named = re.findall(
        r"(?:niva|loa|tillitsniva)(?:n|er)? ?"
        r"(?:(?:ar|ska|skall|bor|vara|va|bli|blir|till|byt|andra|andras|fran [23]) )*"
        r"([23]|tva|tre)\b|\b(tvaan|trean|[23] ?an)\b",
        said,
    )
    levels = {_level("".join(match)) for match in named}
    if asked and not levels:
        bare = re.fullmatch(r"(?:en )?([23]|tvaa?n?|tva|tre(?:a|an)?)(?: ?an)?", said)
        levels = {_level(bare[1])} if bare else set()
    return levels.pop() if len(levels) == 1 else None


def _level(word: str) -> int:
    return 2 if word.startswith(("2", "tv")) else 3


def read_reason(turn: Turn, *, asked: bool) -> ReserveReason | None:
    """Why a reservkort is needed; anything at all counts as another reason when it was `asked` for."""
    said = plain(turn.text)
    if not asked and any(word in said for word in _NO_REASON) and "kort" not in said:
        return None
    for reason, stems in _REASONS.items():
        if any(stem in said for stem in stems):
            return reason
    return ReserveReason.OTHER if asked and any(word in said.split() for word in _OTHER_REASON) else None


def read_quantity(turn: Turn, *, asked: bool) -> int | None:
    """A number of things, in digits or words.

    When not `asked` for it must stand before läsare or stycken, or take another's place.
    """
    said = _short(turn.text)
    found = re.search(rf"\b{_N[:-2]} ?(?:st\b|styck|kortlas|kort las|las|dos[ao])", said) or re.search(
        r"\b(?:x ?(\d{1,3})|(\d{1,3}) ?x)\b", said
    )
    if found is None and not re.search(r"niva|\bloa|trean|tvaan", said):
        if (number := read_changed_number(turn, alone=False)) is not None:
            return number
        found = _COUNTED.search(said)
    if found is None and asked:
        found = re.search(rf"\b{_N}", said)
    return _as_number(found.groups()) if found else None


def means_own_address(text: str, *, asked: bool) -> bool:
    """Whether the customer's registered address is meant; short answers count when it was `asked` for."""
    said = plain(text)
    return bool(_OWN_ADDRESS.search(said) or (asked and _OWN_WHEN_ASKED.fullmatch(said)))


def means_same_address(text: str) -> bool:
    """Whether the address that was used last is meant."""
    return bool(re.search(r"\b(?:samma|forra) (?:leverans|besoks)?adress\w*\b|\bsamma stalle\b", plain(text)))


def wants_it_sent_elsewhere(text: str) -> bool:
    """Whether it says where something that goes to the card holder's own address is to be sent."""
    said = plain(text)
    return bool(
        _ADDRESS.search(text)
        or _OWN_ADDRESS.search(said)
        or (_TO_WORK.search(said) and not re.search(r"\b(?:jobbar|arbetar|anstall\w*|borja\w*)\b", said))
    )


def read_delivery(turn: Turn) -> Address | None:
    """The address in the answer to where to send it."""
    if not re.search(r"\d", turn.text):
        return None
    try:
        return read_address(turn.text) or parse_address(_LEAD.sub("", turn.text))
    except InvalidAddress:
        return None


def read_address(text: str, recipient: str = "") -> Address | None:
    """The address that stands in a sentence, with street and number; raises `InvalidAddress`."""
    found = _ADDRESS.search(text)
    if found is None:
        return None
    before = text[: found.start()].strip(" ,;\n")
    named = before if before[:1].isupper() and not _LEAD.search(f"{before} x") else ""
    street = _LEAD.sub("", found["street"]).strip()
    city = _town(_AFTER_CITY.sub("", found["city"]).strip())
    return parse_address(f"{named}, {street}, {found['postal']} {city}", recipient)


def _town(text: str) -> str:
    """The post town with which `text` begins: what follows it in small letters is no part of its name."""
    first, *others = text.split()
    if first[0].isupper():
        others = list(takewhile(lambda word: word[0].isupper(), others))
    elif len(others) > 1:
        others = others[:1] if plain(first) in _FIRST_OF_TWO else []
    return " ".join([first, *others])


def named_street(text: str) -> str | None:
    """The street with its number in a sentence that holds nothing more of an address."""
    found = None if _ADDRESS.search(text) else _NAMED_STREET.search(text)
    return found[0].strip() if found else None


def read_street(text: str) -> str | None:
    """A street with its number, when the message holds nothing more of an address."""
    piece = _LEAD.sub("", text.rpartition(",")[2].strip(" .!")).strip()
    if not _STREET.fullmatch(piece) or not _NO_STREET.isdisjoint(plain(piece).split()):
        return None
    return piece
