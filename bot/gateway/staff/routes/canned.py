"""Canned answers: read by all, written by supervisors."""

from __future__ import annotations

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel, Field

from bot.gateway.conversation import now
from bot.gateway.schemas import Strict, VisibleText
from bot.gateway.services import UseServices
from bot.gateway.staff.access import CurrentStaff, Supervisor
from bot.gateway.staff.errors import CannedNotFound
from bot.gateway.staff.tables import canned

router = APIRouter(prefix="/canned")


class CannedText(Strict):
    """`{besökare}`, `{jag}`, `{ordernummer}`, `{kundnummer}` are filled in by the console."""

    title: Annotated[VisibleText, Field(max_length=100)]
    text: Annotated[VisibleText, Field(max_length=4000)]


class Canned(BaseModel):
    """A canned answer."""

    id: int
    title: str
    text: str


@router.get("")
async def read(services: UseServices, _staff: CurrentStaff) -> list[Canned]:
    """All of them by title."""

    def unit(connection: sa.Connection) -> list[Canned]:
        rows = connection.execute(sa.select(canned).order_by(canned.c.title, canned.c.id)).mappings()
        return [Canned(id=row["id"], title=row["title"], text=row["text"]) for row in rows]

    return await services.database.read(unit)


@router.post("", status_code=201)
async def add(services: UseServices, _staff: Supervisor, given: CannedText) -> Canned:
    """A new one."""

    def unit(connection: sa.Connection) -> int:
        made = connection.execute(
            sa.insert(canned).values(**given.model_dump(), updated_at=now()).returning(canned.c.id)
        )
        return int(made.scalar_one())

    return Canned(id=await services.database.write(unit), **given.model_dump())


@router.put("/{canned_id}")
async def change(canned_id: int, services: UseServices, _staff: Supervisor, given: CannedText) -> Canned:
    """Another wording."""
    changing = (
        sa.update(canned).where(canned.c.id == canned_id).values(**given.model_dump(), updated_at=now())
    )
    if not await services.database.write(lambda c: c.execute(changing).rowcount):
        raise CannedNotFound
    return Canned(id=canned_id, **given.model_dump())


@router.delete("/{canned_id}", status_code=204)
async def remove(canned_id: int, services: UseServices, _staff: Supervisor) -> None:
    """Gone."""
    removing = sa.delete(canned).where(canned.c.id == canned_id)
    if not await services.database.write(lambda c: c.execute(removing).rowcount):
        raise CannedNotFound
