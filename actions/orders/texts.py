"""Every Swedish text of the order store: names of things, the two e-mails, and the command line."""

from __future__ import annotations

from typing import Final

from actions.orders.values import CardKind, OrderKind, OrderState, ReserveReason

KIND_NAMES: Final = {
    OrderKind.PUK: "PUK-kod",
    OrderKind.RESERVE_CARD: "reservkort",
    OrderKind.ORDINARY_CARD: "SITHS eID-kort",
    OrderKind.CARD_READER: "kortläsare",
}
STATE_NAMES: Final = {
    OrderState.RECEIVED: "mottagen",
    OrderState.HANDLED: "under behandling",
    OrderState.SENT: "skickad",
    OrderState.CANCELLED: "avbeställd",
}
REASON_NAMES: Final = {
    ReserveReason.TEMPORARY_STAFF: "tillfällig personal",
    ReserveReason.NO_PERSONNUMMER: "saknar svenskt personnummer",
    ReserveReason.LOST_CARD: "ersättning för förlorat kort",
    ReserveReason.OTHER: "annat skäl",
}
CARD_NAMES: Final = {
    CardKind.ORDINARY: "ordinarie kort",
    CardKind.RESERVE: "reservkort",
    CardKind.NONE: "inget kort",
    CardKind.UNKNOWN: "okänt",
}

CODE_SUBJECT: Final = "Din kod till supportchatten"
CODE_BODY: Final = """Hej!

Din kod är {code}

Skriv den i chatten inom {minutes} minuter. Ge den aldrig till någon annan: vi ringer aldrig och frågar efter den.

Har du inte bett om någon kod? Då kan du bortse från det här mejlet.
"""

ORDER_SUBJECTS: Final = {
    "order.placed": "Ny beställning {number}: {kind}",
    "order.cancelled": "Avbeställd: {number}, {kind}",
}
ORDER_LABELS: Final = {
    "number": "Beställningsnummer",
    "kind": "Vad",
    "level": "Tillitsnivå",
    "quantity": "Antal",
    "customer_number": "Kundnummer",
    "customer_name": "Kund",
    "placed_by": "Beställare",
    "hsa_id": "HSA-id",
    "holder_name": "Kortanvändare",
    "reason": "Skäl",
    "note": "Meddelande",
    "delivery": "Leveransadress",
    "created_at": "Beställd",
}
ORDER_FOOTER: Final = "Hantera beställningen i personalvyn, eller med: python -m actions.orders show {number}"
