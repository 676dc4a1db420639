from __future__ import annotations

import io

import pytest
from sqlalchemy import func, select

from actions.orders import CardKind, OrderService, OrderSettings
from actions.orders.database import Database
from actions.orders.errors import HolderNotFound, ImportRefused, SeedRefused
from actions.orders.models import ContactRow, CustomerRow, HolderRow
from actions.orders.registers import Register, import_csv
from actions.orders.seed import seed

from .conftest import CONTACT, Clock

HOLDERS = "customer_number;hsa_id;name;in_hsa;has_swedish_address;card_kind\n"


def _counts(database: Database) -> list[int | None]:
    with database.read() as session:
        return [
            session.scalar(select(func.count()).select_from(t)) for t in (CustomerRow, ContactRow, HolderRow)
        ]


def test_seeding_again_changes_nothing(database: Database, settings: OrderSettings, clock: Clock) -> None:
    before = _counts(database)
    assert before == [3, 3, 7]
    seed(database, settings, clock())
    assert _counts(database) == before


def test_demo_data_stays_out_of_production(database: Database, settings: OrderSettings, clock: Clock) -> None:
    with pytest.raises(SeedRefused):
        seed(database, settings.model_copy(update={"mode": "production"}), clock())


def test_lines_are_added_and_updated(
    service: OrderService, database: Database, verified: str, clock: Clock
) -> None:
    lines = (
        HOLDERS
        + "100200;se5560360793-1100;Ny Person;ja;nej;\n100200;SE5560360793-1003;Kim Ny;ja;ja;reserve\n"
    )
    assert import_csv(database, "holders", io.StringIO("\ufeff" + lines), clock()) == 2
    added = service.find_holder(verified, "SE5560360793-1100")
    assert (added.name, added.has_swedish_address, added.card_kind) == ("Ny Person", False, CardKind.UNKNOWN)
    changed = service.find_holder(verified, "SE5560360793-1003")
    assert (changed.name, changed.card_kind) == ("Kim Ny", CardKind.RESERVE)


def test_a_customer_can_be_added_closed_and_opened(
    service: OrderService, database: Database, clock: Clock
) -> None:
    head = "number,name,delivery,closed\n"
    address = '"Nygatan 3, 111 22 Stockholm"'
    assert (
        import_csv(database, "customers", io.StringIO(f"{head}100500,Nya AB,{address},nej\n"), clock()) == 1
    )
    contact = f"customer_number,name,email,active\n100500,Eva,{CONTACT},ja\n"
    assert import_csv(database, "contacts", io.StringIO(contact), clock()) == 1
    customer = service.accept_portal_customer("c9", "100500", CONTACT)
    assert customer.delivery_address is not None
    assert customer.delivery_address.line == "Nya AB, Nygatan 3, 111 22 Stockholm"
    for closed in ("ja", "nej"):
        import_csv(database, "customers", io.StringIO(f"{head}100500,Nya AB,,{closed}\n"), clock())
        found = service.verified_customer("c9")
        assert found is not None
        assert (found.closed, found.delivery_address) == (closed == "ja", None)


@pytest.mark.parametrize(
    ("register", "text", "line", "reason"),
    [
        ("holders", "hsa_id;name\n", 1, "columns"),
        ("holders", HOLDERS + "100200;SE5560360793-1100;Ny;ja;ja;\n100200;kim;Ny;ja;ja;\n", 3, "prefix"),
        ("holders", HOLDERS + "100200;SE5560360793-1100;Ny;kanske;ja;\n", 2, "kanske"),
        ("holders", HOLDERS + "100200;SE5560360793-1100;;ja;ja;\n", 2, "name"),
        ("holders", HOLDERS + "100200;SE5560360793-1100;Ny;ja;ja;guld\n", 2, "guld"),
        ("holders", HOLDERS + "999999;SE5560360793-1100;Ny;ja;ja;\n", 2, "no customer"),
        ("holders", HOLDERS + "100300;SE5560360793-1003;Kim;ja;ja;\n", 2, "another customer"),
        ("holders", HOLDERS + "100200;SE5560360793-1100;Kim 640823-3234;ja;ja;\n", 2, "personnummer"),
        ("contacts", "customer_number;name;email;active\n100200;Bo;ingen adress;ja\n", 2, "email"),
        ("customers", "number;name;delivery;closed\n;Bo;;\n", 2, "number"),
        ("customers", "number;name;delivery;closed\n1;Bo;Gatan;\n", 2, "postal_code"),
    ],
)
def test_a_bad_line_stops_the_whole_file(  # noqa: PLR0917
    service: OrderService,
    database: Database,
    verified: str,
    clock: Clock,
    register: Register,
    text: str,
    line: int,
    reason: str,
) -> None:
    before = _counts(database)
    with pytest.raises(ImportRefused, match=reason) as refused:
        import_csv(database, register, io.StringIO(text), clock())
    assert refused.value.line == line
    assert _counts(database) == before
    with pytest.raises(HolderNotFound):
        service.find_holder(verified, "SE5560360793-1100")
