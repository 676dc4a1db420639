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

Skriv den i chatten inom {minutes} minuter. Ge den inte till någon annan.

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

CLI_HELP: Final = {
    "program": "Beställningar: lista, visa, flytta, exportera, leverera.",
    "list": "lista beställningar, nyast först",
    "show": "visa allt om en beställning",
    "move": "flytta en beställning till ett nytt läge",
    "export": "skriv beställningar som CSV",
    "queue": "visa leveranskön, eller köa en beställning igen",
    "migrate": "uppdatera databasens tabeller",
    "seed": "lägg in exempeldata (bara i lokalt läge)",
    "import": "läs in kunder, beställare eller kortanvändare från CSV",
    "worker": "leverera beställningar till webhook och e-post tills processen stoppas",
    "state": "läge: received, handled, sent eller cancelled",
    "kind": "slag: puk, reserve_card, ordinary_card eller card_reader",
    "customer": "kundnummer",
    "limit": "högst så många (1-500)",
    "since": "från och med dagen, ÅÅÅÅ-MM-DD",
    "until": "till och med dagen, ÅÅÅÅ-MM-DD",
    "number": "beställningsnummer, till exempel P-7K4M-2XR",
    "by": "vem som gör det; utan flaggan används inloggningsnamnet",
    "remark": "anmärkning i historiken",
    "output": "filnamn; utan flaggan skrivs till skärmen",
    "queue_state": "pending, delivered eller dead",
    "requeue": "köa beställningens leveranser igen",
    "register": "customers, contacts eller holders",
    "file": "CSV-fil med kolumnnamn på första raden",
}
CLI_TEXTS: Final = {
    "no_orders": "Inga beställningar.",
    "moved": "{number} är nu {state}.",
    "exported": "{count} beställningar skrevs till {file}.",
    "migrated": "Tabellerna är uppdaterade (version {revision}).",
    "seeded": "Exempeldata finns på plats.",
    "imported": "{count} rader lästes in.",
    "requeued": "{count} leveranser är köade.",
    "queue": "väntar: {pending}   levererade: {delivered}   uppgivna: {dead}",
    "worker_ready": "Leveransen är igång: {destinations}",
    "worker_idle": "Ingen mottagare är inställd; städar bara",
    "worker_stopped": "Leveransen är stoppad.",
    "history": "Historik",
    "deliveries": "Leveranser",
    "updated": "Ändrad",
    "state": "Läge",
}
CLI_ERRORS: Final = {
    "store_unavailable": "Databasen svarar inte ({reason}). Försök igen om en stund.",
    "schema_out_of_date": "Databasens tabeller är gamla. Kör: python -m actions.orders migrate",
    "settings_error": "Fel inställning: {error}",
    "invalid_order_number": "Det är inget beställningsnummer. Kontrollera att du har skrivit rätt.",
    "order_not_found": "Beställningen {number} finns inte.",
    "wrong_state": "{number} är {state} och kan inte bli {wanted}.",
    "order_refused": "Anmärkningen är för lång eller innehåller ett personnummer.",
    "seed_refused": "Exempeldata läggs bara in i lokalt läge (SUPPORT_MODE=local).",
    "import_refused": "Ingenting lästes in. Rad {line}: {reason}",
}
