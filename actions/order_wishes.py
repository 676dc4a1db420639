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
        r"|\b(?:gor|tar|bestaller|vantar) (?:\w+ )?(?:(?:det|den|dem) )?"
        r"(?:sen|senare|imorgon|i morgon|en annan gang)\b"
    ),
    "utter_order_not_wanted": re.compile(
        rf"\b(?:vill|ska|skulle|tankte|behover|tanker|onskar|orkar) {_SUBJECT}"
        r"(?:inte|inget|ej|icke) (?:\w+ ){0,3}?(?:bestall\w*|kopa)\b"
        r"|\b(?:inte|ej) (?:ens )?(?:bestalla|kopa)\b"
        r"|\b(?:strunta?|skit|skiter) i (?:bestallning\w*|det|den)\b"
        r"|\b(?:ville|undrade|undrar|fragade) (?:\w+ )?bara\b"
        r"|\bbara (?:veta|undrade|fragade|en fraga|hora|kolla)\b|\bingen bestallning\b"
        r"|^(?:nej )?inte nu$"
    ),
}


def response_to_not_ordering(text: str) -> str | None:
    """The response to somebody who may not, will not yet or does not want to order; None for all others."""
    said = plain(text)
    return next((response for response, words in _NOT_ORDERING.items() if words.search(said)), None)
