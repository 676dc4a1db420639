"""Demo data for one's own computer. Every person, organisation and address is made up."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from actions.orders.database import Database
from actions.orders.errors import SeedRefused
from actions.orders.registers import COLUMNS, Register, upsert
from actions.orders.settings import OrderSettings

_DEMO: Final[dict[Register, tuple[tuple[str, ...], ...]]] = {
    "customers": (
        ("100200", "Vårdcentralen Exempel AB", "Exempelgatan 1, 753 20 Uppsala", "nej"),
        ("100300", "Tandvården Exempel AB", "Provvägen 2, 111 22 Stockholm", "nej"),
        ("100400", "Hemtjänsten Exempel AB", "", "ja"),
    ),
    "contacts": (
        ("100200", "Bo Beställare", "bestallare@vardcentralen.example", "ja"),
        ("100300", "Tove Beställare", "bestallare@tandvarden.example", "ja"),
        ("100400", "Hanna Beställare", "bestallare@hemtjansten.example", "ja"),
    ),
    "holders": (
        ("100200", "SE5560360793-1003", "Kim Exempel", "ja", "ja", "ordinary"),
        ("100200", "SE5560360793-1004", "Robin Utan-Adress", "ja", "nej", "none"),
        ("100200", "SE5560360793-1005", "Alex Utanför-Katalogen", "nej", "ja", "none"),
        ("100200", "SE5560360793-1006", "Charlie Reserv", "ja", "ja", "reserve"),
        ("100200", "SE5560360793-1007", "Lo Nyanställd", "ja", "ja", "none"),
        ("100300", "SE2321000016-TEST1", "Mika Tandvård", "ja", "ja", "ordinary"),
        ("100400", "SE5560360793-4001", "Sam Avslutad", "ja", "ja", "ordinary"),
    ),
}


def seed(database: Database, settings: OrderSettings, now: datetime) -> None:
    """Put the demo data in place, as often as one likes; raises `SeedRefused` outside local mode."""
    if settings.mode != "local":
        raise SeedRefused("demo data is for SUPPORT_MODE=local only")
    with database.write() as session:
        for register, records in _DEMO.items():
            for record in records:
                upsert(session, register, dict(zip(COLUMNS[register], record, strict=True)), now)
