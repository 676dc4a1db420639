"""The gateway's message catalogue: every Swedish sentence it says itself."""

from __future__ import annotations

from typing import Final

from bot.gateway.staff.texts import ERRORS as STAFF_ERRORS

GREETING: Final = (
    "Hej! Jag är en bot som hjälper dig med SITHS-kort, koder, reservkort och HSA-id. "
    "Skriv vad du behöver hjälp med. Du kan när som helst be att få prata med en person."
)
LATE: Final = (
    "Det tar längre tid än vanligt just nu. Du behöver inte skriva igen: du får svar så snart det går. "
    "Vill du hellre prata med en person?"
)
GAVE_UP: Final = "Jag kan tyvärr inte svara på det just nu. Vill du prata med en person i stället?"
BUTTON_HUMAN: Final = "Prata med en person"

MASKED_IDENTITY: Final = (
    "Jag tog bort det som såg ut som ett personnummer. Det behövs inte här: använd HSA-id i stället."
)
MASKED_CODE: Final = (
    "Jag tog bort det som såg ut som en kod. Skriv aldrig PIN- eller PUK-koder i chatten. "
    "Ingen på supporten behöver dem."
)
ONE_TIME_CODE_UNREAD: Final = (
    "Engångskoden kan bara boten ta emot, så jag tog bort den. Boten frågar efter den igen när den svarar."
)
MASKED_CARD: Final = "Jag tog bort det som såg ut som ett bankkortsnummer. Det behövs inte här."

# The place in the queue changes, so it is not in the log but in the status (`queue.position`).
WAITING: Final = (
    "Nu står du i kö till en person i kundsupporten. Du kan skriva mer medan du väntar. Vill du inte vänta "
    "kan du lämna e-postadress eller telefonnummer, så hör vi av oss. "
    'Vill du tillbaka till boten, skriv "sluta vänta".'
)
WAITING_CLOSED: Final = (
    "Vi har stängt just nu. {hours} Lämna e-postadress eller telefonnummer, "
    'så hör en person av sig när vi har öppnat. Vill du tillbaka till boten, skriv "sluta vänta".'
)
HOW_TO_STOP_WAITING: Final = (
    'Du står kvar i kön. Vill du inte vänta längre, skriv "sluta vänta", så svarar boten igen.'
)
STOPPED_WAITING: Final = "Du står inte längre i kö. Nu svarar boten igen."
STAFF_JOINED: Final = "{name} från kundsupporten är här nu och svarar dig."
STAFF_FORWARDED: Final = "{name} från kundsupporten tar över och svarar dig."
HANDED_BACK: Final = "Nu svarar boten igen."
CONTACT_SAVED: Final = "Tack! Vi hör av oss till {where}. Du kan stänga chatten om du vill."
CLOSED: Final = "Chatten är avslutad."
CARD_CHECKED: Final = "Kortet är kontrollerat."
CARD_IDENTITY: Final = "Uppgifterna är lästa från kortet."
CARD_NOT_CHECKED: Final = "Kortet kunde inte kontrolleras."

TRANSCRIPT_TITLE: Final = "Chatt med kundsupporten för HSA och SITHS"
TRANSCRIPT_VISITOR: Final = "Du"
TRANSCRIPT_SYSTEM: Final = "Information"
TRANSCRIPT_ORDER: Final = "Beställning"
TRANSCRIPT_CHECK_CARD: Final = "(erbjudande om att kontrollera kortet)"
TRANSCRIPT_EMPTY: Final = "Inga meddelanden."

ERRORS: Final = {
    "bad_request": "Något i anropet är fel.",
    "invalid_json": "Innehållet går inte att läsa.",
    "validation_error": "Något i det du skickade stämmer inte.",
    "text_empty": "Skriv något först.",
    "unknown_button": "Det valet finns inte i den här chatten.",
    "not_authenticated": "Chatten kunde inte öppnas. Börja en ny chatt.",
    "customer_token_invalid": "Inloggningen från Kundportalen gäller inte längre.",
    "conversation_not_found": "Chatten finns inte längre.",
    "not_found": "Sidan finns inte.",
    "method_not_allowed": "Det går inte att göra så här.",
    "conversation_closed": "Chatten är avslutad. Börja en ny chatt om du vill skriva mer.",
    "not_waiting": "Du står inte i kö till en person.",
    "conflict": "Det gick inte just nu. Försök igen.",
    "body_too_large": "Meddelandet är för stort.",
    "too_many_requests": "Du skickar för snabbt. Vänta en liten stund och försök igen.",
    "too_many_streams": "Chatten är öppen i för många flikar. Stäng någon och försök igen.",
    "service_unavailable": "Tjänsten är tillfälligt otillgänglig. Försök igen om en liten stund.",
    "not_ready": "Tjänsten är inte redo.",
    "internal_error": "Något gick fel hos oss. Försök igen om en liten stund.",
    **STAFF_ERRORS,
}
