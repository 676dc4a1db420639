"""What visitors say in an order besides answers: not to order, something else, another person, a change."""

from __future__ import annotations

import re
from typing import Final

from actions.turn import plain

BESIDES: Final = re.compile(r"\b(?:ocksa|aven|dessutom|plus|samt)\b|^(?:ja )?och\b")
ORDERED: Final = re.compile(r"\b(?:har|hade) (?:\w+ ){0,2}bestallt\b|\bbestallde\b")
RESERVE: Final = re.compile(
    r"\b(?:mitt|hennes|hans|har|ar|galler|till|for) (?:ett |mitt |hennes |hans )?reserv"
)
LISTS: Final = re.compile(r"\b(?:och|o|samt|plus|dessutom)\b")
INSTEAD: Final = re.compile(
    r"\b(?:da|hellre|istallet|i stallet|det bli|okej|ok|menade|menar|ska vara|skulle vara)\b"
)
BACK_TO_SUMMARY: Final = re.compile(
    r"\b(?:inget|ingenting|fortsatt\w*|tillbaka|bestall|visa|allt stammer|stammer|det ar bra|ratt)\b"
)
# That something else than what is being ordered was meant.
CHANGES: Final = re.compile(
    r"\b(?:i ?stallet|hellre|byt\w*|andra|menar|menade|(?:ska|skulle) (?:det |den |jag |vi )?(?:va|vara"
    r"|bli|ha)|det bli|fel"
    r"|sa (?:jag|vi)|ville ha)\b|^(?:nej|na|nae)\b"
)
# A card instead, without saying which, in an order of something that is no card.
CARD_INSTEAD: Final = re.compile(
    r"\b(?:tar?|byt\w* till|hellre|menar|menade) (?:ett |nytt |vi |jag )*kort\b|\bkort (?:da|i ?stallet"
    r"|hellre)\b"
)
# What was missing is there again: nothing needs to be ordered.
FOUND: Final = re.compile(
    r"\b(?:hittade|hittat|fann) (?:\w+ ){0,3}?(?:det|den|igen|kort\w*|puk\w*|lapp\w*|brev\w*|kuvert\w*)\b"
    r"|\b(?:kort\w*|puk\w*|brev\w*|lapp\w*|kuvert\w*|det|den) (?:\w+ ){0,2}?(?:dok upp"
    r"|kommit till ratta|kom till ratta)\b"
    r"|\b(?:loste|lost) sig\b"
)
_NOT_THE_THING: Final = re.compile(
    r"\b(?:kund\w*|mejl\w*|mail\w*|e ?post\w*|hsa\w*|nummer|numret|adress\w*)\b"
)
_REGRET: Final = re.compile(r"\b(?:nej|na|nae|nix|stopp|vanta|angrar\w*|forresten)\b")
_ORDERING: Final = re.compile(
    r"\b(?:bestall\w*|kop\w*|skaffa\w*|behov\w*|onska\w*|skicka\w*|fixa\w*|ordna\w*|vill|skulle|ta|tar|tack"
    r"|fa|ha|ge|ny|nytt|nya)\b"
)
# "måste jag …?", "kan jag …?" with anything but ordering: an answer is wanted first.
ASKS_WHETHER: Final = re.compile(
    r"\b(?:maste|behover|bor) (?:jag|vi|man|hon|han|hen|de|dom)\b"
    r"|\bkan (?:jag|vi|man) (?:inte |val |ocksa )?(?!fa\b|bestalla\b|kopa\b|ha\b|bli\b|inte\b|val\b)\w+"
    r"|\bkan (?:hon|han|hen|de|dom) (?!fa\b)\w+"
    r"|\b(?:undrar|fragar|fraga|veta) (?:\w+ )?forst\b|\b(?:forst|innan) (?:\w+ ){0,3}(?:fraga|veta"
    r"|undra\w*)\b"
    r"|\binnan (?:jag|vi) (?:bestaller|gor)\b|\bfinns det\b"
)
NEEDS: Final = re.compile(
    r"\b(?:vad|vilka|vilket) (?:\w+ ){0,3}?(?:behov\w*|krav\w*|maste|uppgifter|info\w*)\b.*"
    r"\b(?:bestall\w*|uppgifter|info\w*|ni|du)\b"
    r"|\b(?:vad|vilka uppgifter) (?:behover|vill) (?:ni|du) (?:ha|veta)?\b|\bvilka uppgifter\b"
)
# What is being ordered right now, and for whom.
THIS_ORDER: Final = re.compile(
    r"\b(?:vad|vilket|vilken|vem)\b.*\b(?:bestaller (?:jag|vi|du|ni)|(?:jag|vi|du|ni) bestaller"
    r"|haller (?:vi|jag|du) pa)\b"
    r"|\bvad haller (?:vi|jag|du) pa\b"
    r"|\bvem (?:ar|gar|galler|blir) (?:det|den|detta|det har|bestallningen)\b(?! som)"
    r"|^(?:ar|galler|blir|gar) (?:det|detta|den|det har|den har|bestallningen) (?:nu |har )?(?:till|for"
    r"|at|ett|en|puk\w*|reserv\w*|vanlig\w*)\b.*\beller\b"
    r"|^(?:ar|galler|blir|gar) (?:det|detta|den|det har|den har|bestallningen) (?:nu |har )?(?:till|for"
    r"|at) \w+(?: nu| har)?$"
)
PROTECTED: Final = re.compile(
    r"\b(?:skyddad\w*|sekretess\w*|hemlig\w*) (?:id\b|identitet\w*|person\w*|folkbok\w*|adress\w*|marker\w*)"
    r"|\bsekretessmark\w*|\bkvarskriv\w*"
)
ABROAD: Final = re.compile(
    r"\b(?:skriven|skrivna|folkbokford\w*|bor|bosatt\w*) (?:\w+ ){0,4}?(?:utomlands|utlandet|annat land"
    r"|norge|danmark|finland"
    r"|tyskland|polen|spanien|england|aland|island)\b"
    r"|\b(?:ingen|inte|saknar|utan) (?:\w+ ){0,3}?(?:svensk\w* (?:folkbokforings)?adress\w*"
    r"|folkbokforingsadress\w*)"
    r"|\b(?:inte|ej) (?:\w+ ){0,2}?folkbokford\w*"
)
# Yes to the summary without the word: "lägg den", "bra, beställ".
GO_AHEAD: Final = re.compile(
    r"(?:(?:okej|ok|bra|toppen|perfekt|ja|japp|tack|da|nu|det ar ratt|stammer) )*(?:bestall|lagg|skicka"
    r"|kor|fixa)"
    r"(?: (?:den|det|dem|in|nu|tack|da|pa|bestallningen|allt|snalla|hjartans|garna|gor|du))*"
)
CHECKS: Final = re.compile(r"^(?:stammer|ar det ratt|blev det ratt|ar) ")
# Tells about the person in general; which person is a HSA-id.
ABOUT_PERSON: Final = re.compile(
    r"^(?:(?:ja|jo|det|den|kort\w*|ar|galler|ska|ett|en|vanligt?|ordinarie) )*"
    r"(?:till|at|for) (?:en|ett|min|mitt|var|vart|henne|honom|nagon|hen)\b"
    r"|\b(?:hon|han|hen|personen|de|dom) (?:\w+ )?(?:borjar|borjade|ar ny\w*|jobbar|arbetar|ska borja"
    r"|borjat)\b"
)
WRONG: Final = re.compile(r"\b(?:fel|andra|byt|byta|inte|annan|annat|andras|ny|nytt|korrigera)\b")
NEXT_PERSON: Final = re.compile(r"\b(?:nasta|den andra|andra personen|fortsatt)\b")
_SUBJECT = r"(?:(?:jag|vi|man|nog|ju|faktiskt) )*"
_NOT_ORDERING: Final = {
    "utter_order_not_allowed": re.compile(
        rf"\b(?:far|kan) {_SUBJECT}(?:inte|ej|inget) (?:\w+ ){{0,2}}?bestall"
    ),
    "utter_order_later": re.compile(
        r"\binte an\b|\baterkommer\b"
        r"|\b(?:kollar?|fragar?|pratar?|dubbelkollar?) (?:\w+ ){0,3}(?:forst|chef\w*)\b"
        r"|\bavvaktar?\b|\bvantar? med\b"
        r"|\b(?:gora?|tar?|bestaller|bestalla|vantar) (?:\w+ )?(?:(?:det|den|dem) )?"
        r"(?:sen|senare|imorgon|i morgon|en annan gang)\b"
    ),
    "utter_order_not_wanted": re.compile(
        rf"\b(?:vill|ska|skulle|tankte|behover|tanker|onskar|orkar) {_SUBJECT}"
        r"(?:inte|inget|ej|icke) (?:\w+ ){0,3}?(?:bestall\w*|kopa)\b"
        r"|\b(?:inte|ej) (?:ens )?(?:bestall\w*|kopa)\b|\bbestall (?:inte|ej|inget|ingenting)\b"
        r"|\b(?:strunta?|skit|skiter) i (?:bestallning\w*|det|den)\b"
        r"|\b(?:ville|undrade|undrar|fragade) (?:\w+ )?bara\b"
        r"|\bbara (?:veta|undrade|fragade|en fraga|hora|kolla)\b|\bingen bestallning\b"
        r"|^(?:nej )?inte nu$"
    ),
}


_SOMEBODY: Final = re.compile(
    r"\b(?:jag|hon|han|hen|personen|vikarien|kollegan) (?:\w+ )?(?:bor|ar|har|saknar)\b"
)


def lives_abroad(text: str) -> bool:
    """Whether it says of somebody, not of anybody, that there is no Swedish address."""
    clauses = [plain(clause) for clause in re.split(r"[.?!;]", text)]
    return any(
        ABROAD.search(clause) and not re.search(r"\b(?:man|nagon|den som|de som)\b", clause)
        for clause in clauses
        if not re.match(r"(?:vad|hur|kan|gar|far|maste|krav\w*|behov\w*)\b", clause)
        or _SOMEBODY.search(clause)
    )


def found_again(text: str) -> bool:
    """Whether what was to be replaced has been found, and not a number that the bot asked for."""
    said = plain(text)
    return bool(FOUND.search(said)) and not _NOT_THE_THING.search(said)


def last_words(text: str) -> str | None:
    """What is said after the last change of mind ("nej vänta …") that follows something else; else None."""
    said = plain(text)
    regrets = [found for found in _REGRET.finditer(said) if said[: found.start()].strip()]
    return said[regrets[-1].end() :].strip() if regrets else None


def orders(text: str) -> bool:
    """Whether it has a word for ordering or wanting."""
    return bool(_ORDERING.search(plain(text)))


def response_to_not_ordering(text: str) -> str | None:
    """The response to somebody who may not, will not yet or does not want to order; None for all others."""
    said = plain(text)
    return next((response for response, words in _NOT_ORDERING.items() if words.search(said)), None)
