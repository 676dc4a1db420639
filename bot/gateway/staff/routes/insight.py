"""For supervisors: figures, drafts of training examples, everything about one customer."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import sqlalchemy as sa
import yaml
from fastapi import APIRouter, Path, Query, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import Field

from bot.gateway.hours import TIME_ZONE
from bot.gateway.redaction import Context, mask
from bot.gateway.schemas import Strict, VisibleText
from bot.gateway.services import UseServices
from bot.gateway.staff import audit
from bot.gateway.staff.access import Supervisor, UseStaffParts
from bot.gateway.staff.errors import CustomerMissing
from bot.gateway.staff.export import conversations_of
from bot.gateway.staff.insight import Insight, read_insight, rows

router = APIRouter()

_USUAL_DAYS = 30
_DAYS_MAX = 400
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Since = Annotated[date | None, Query(description="First day; thirty days ago when left out.")]
Until = Annotated[date | None, Query(description="Last day; today when left out.")]


class Draft(Strict):
    """An intent and what visitors wrote that means it."""

    intent: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(/[a-z0-9_]+)?$", max_length=80)]
    examples: Annotated[
        list[Annotated[VisibleText, Field(max_length=1000)]], Field(min_length=1, max_length=50)
    ]


@router.get("/insight")
async def read(
    services: UseServices, _staff: Supervisor, since: Since = None, until: Until = None
) -> Insight:
    """The figures of some days, at most 400."""
    begin, end = _period(since, until)
    return await services.database.read(lambda c: read_insight(c, begin, end))


@router.get("/insight.csv")
async def read_csv(
    services: UseServices, staff: Supervisor, since: Since = None, until: Until = None
) -> Response:
    """The same as CSV that Swedish Excel opens: semicolons, UTF-8 with a byte order mark."""
    begin, end = _period(since, until)

    def unit(connection: sa.Connection) -> Insight:
        audit.note(
            connection,
            "export_insight",
            username=staff.username,
            account_id=staff.id,
            detail=f"{begin} {end}",
        )
        return read_insight(connection, begin, end)

    target = io.StringIO()
    writer = csv.writer(target, delimiter=";")
    writer.writerow(("avsnitt", "namn", "värde"))
    for section, name, value in rows(await services.database.write(unit)):
        writer.writerow((section, _cell(name), str(value).replace(".", ",")))
    name = f"insikt-{begin}-{end}.csv"
    return _file(target.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", name)


@router.post("/training-draft")
async def draft(services: UseServices, staff: Supervisor, given: Draft) -> Response:
    """A file of training examples for `data/nlu/`; the words are masked once more on their way out."""
    lines = "".join(f"- {_one_line(text)}\n" for text in dict.fromkeys(given.examples))
    content = yaml.safe_dump(
        {"version": "3.1", "nlu": [{"intent": given.intent, "examples": _Block(lines)}]},
        allow_unicode=True,
        sort_keys=False,
    )
    await services.database.write(
        lambda c: audit.note(
            c, "training_draft", username=staff.username, account_id=staff.id, detail=given.intent
        )
    )
    name = f"draft-{given.intent.replace('/', '-')}-{datetime.now(TIME_ZONE):%Y%m%d-%H%M%S}.yml"
    return _file(content.encode(), "application/yaml; charset=utf-8", name)


@router.get("/customers/{number}/export")
async def export(
    number: Annotated[str, Path(max_length=20)],
    services: UseServices,
    parts: UseStaffParts,
    staff: Supervisor,
) -> Response:
    """All that is kept about one customer: orders with their history, conversations with notes."""
    orders = await parts.orders.all_of(number)
    placed_in = {order.conversation_id for order in orders if order.conversation_id}

    def unit(connection: sa.Connection) -> list[dict[str, Any]]:
        audit.note(connection, "export_customer", username=staff.username, account_id=staff.id, detail=number)
        return conversations_of(connection, number, placed_in)

    chats = await services.database.write(unit)
    if not orders and not chats:
        raise CustomerMissing
    content = {
        "customer_number": number,
        "orders": [asdict(order) for order in orders],
        "conversations": chats,
    }
    return JSONResponse(
        jsonable_encoder(content),
        headers={"Content-Disposition": f'attachment; filename="kund-{number}.json"'},
    )


class _Block(str):
    """Text that is written as a YAML block."""


def _write_block(dumper: yaml.SafeDumper, text: _Block) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")


yaml.SafeDumper.add_representer(_Block, _write_block)


def _one_line(text: str) -> str:
    """An example as Rasa reads it: one line, and no sign that marks an entity."""
    words = " ".join(mask(text, Context()).text.split())
    return words.translate(str.maketrans("[]{}", "()()"))


def _period(since: date | None, until: date | None) -> tuple[date, date]:
    end = until or datetime.now(TIME_ZONE).date()
    begin = min(since or end - timedelta(days=_USUAL_DAYS - 1), end)
    return max(begin, end - timedelta(days=_DAYS_MAX)), end


def _cell(text: str) -> str:
    """A spreadsheet would run a cell that begins like a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(
        content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
