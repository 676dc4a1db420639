"""Every Swedish sentence of the staff's side of the gateway."""

from __future__ import annotations

from typing import Final

ERRORS: Final = {
    "sign_in_failed": "Användarnamnet eller lösenordet stämmer inte.",
    "sign_in_locked": "För många försök. Vänta en stund och försök igen.",
    "signed_out": "Du är inte inloggad.",
    "csrf_failed": "Sidan är för gammal. Ladda om den och försök igen.",
    "not_allowed": "Du har inte behörighet att göra det här.",
    "already_taken": "En kollega har redan tagit chatten.",
    "not_yours": "Chatten är inte din. Ta den först.",
    "state_conflict": "Chatten har ändrats under tiden. Det går inte att göra så här längre.",
    "colleague_not_found": "Kollegan finns inte eller kan inte logga in längre.",
    "canned_not_found": "Svaret finns inte längre.",
    "order_not_found": "Beställningen finns inte.",
    "order_refused": "Anmärkningen kan inte sparas. Den är för lång eller innehåller ett personnummer.",
    "order_state": "Beställningen kan inte få den statusen nu.",
    "orders_unavailable": "Beställningarna går inte att nå just nu. Försök igen om en liten stund.",
    "customer_not_found": "Kunden finns inte.",
    "legal_hold": "Chatten är undantagen från gallring och kan inte raderas.",
    "oidc_failed": "Inloggningen misslyckades. Försök igen.",
    "oidc_no_role": "Ditt konto har inte behörighet till kundsupporten.",
    "oidc_off": "Den inloggningen är inte påslagen.",
}

FORWARDED_TO_QUEUE: Final = "En annan person i kundsupporten tar över. Du har kvar din plats i kön."
CLOSED_BY_STAFF: Final = "{name} har avslutat chatten. Tack för att du hörde av dig!"

REASONS: Final = {
    "visitor_asked": "Besökaren bad om en person",
    "not_understood": "Boten förstod inte",
    "technical_error": "Tekniskt fel",
    "guide_failed": "Guiden hjälpte inte",
    "card_check_failed": "Kortkontrollen misslyckades",
    "staff_took": "Tagen från boten",
    "forwarded": "Skickad av en kollega",
}

NEW_CHAT: Final = "Ny chatt väntar i kundsupporten ({reason}). {waiting} i kö."
NEW_CHAT_SUBJECT: Final = "Ny chatt väntar i kundsupporten"
OPEN_CONSOLE: Final = "Öppna: {url}"
