"""Signing in and out."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from bot.gateway.errors import ApiError
from bot.gateway.limits import address_key
from bot.gateway.schemas import Strict
from bot.gateway.services import Services, UseServices
from bot.gateway.staff import accounts, audit, sessions
from bot.gateway.staff.access import (
    Admin,
    CurrentStaff,
    UseStaffParts,
    cookie_name,
    own_page,
    set_cookie,
)
from bot.gateway.staff.accounts import Role
from bot.gateway.staff.errors import OidcFailed, OidcOff, SignInFailed
from bot.gateway.staff.parts import StaffParts
from bot.gateway.staff.sessions import SignedIn, Staff

router = APIRouter()

_FLOW_COOKIE: Final = "support_staff_flow"
_FLOW_SECONDS: Final = 600
_CONSOLE: Final = "/personal/"


class Ways(BaseModel):
    """How one can sign in."""

    oidc: str | None = Field(description="The name of the OpenID Connect provider, if there is one.")


class SignIn(Strict):
    """User name and password."""

    username: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=accounts.PASSWORD_MAX)


class Me(BaseModel):
    """Who is signed in; `csrf` goes with every change, as `X-CSRF-Token`."""

    id: str
    name: str
    username: str
    role: Role
    csrf: str


class Colleague(BaseModel):
    """A staff member a chat can be given to."""

    id: str
    name: str
    role: Role
    online: bool


@router.get("/ways")
async def read_ways(parts: UseStaffParts) -> Ways:
    """How one can sign in. Open to all."""
    return Ways(oidc=parts.settings.oidc_name if parts.provider else None)


@router.post("/sign-in", dependencies=[Depends(own_page)])
async def sign_in(
    request: Request, response: Response, services: UseServices, parts: UseStaffParts, given: SignIn
) -> Me:
    """Signs in with a local account; a name is locked for a while after too many wrong passwords."""
    parts.sign_ins.spend(address_key(request.client.host if request.client else None))
    username = accounts.normal(given.username)
    async with parts.one_password_at_a_time:
        account = await services.database.read(lambda c: sessions.find_account(c, username))
        right = await asyncio.to_thread(accounts.password_is_right, account, given.password)
        if not right or account is None:
            await services.database.write(lambda c: sessions.failed(c, username, parts.settings))
            raise SignInFailed
    signed_in = await services.database.write(
        lambda c: sessions.start(c, account, parts.settings, "password")
    )
    _keep(response, services, parts, signed_in)
    return _me(signed_in.staff)


@router.get("/oidc/start")
async def start_oidc(request: Request, services: UseServices, parts: UseStaffParts) -> Response:
    """Sends the browser to the OpenID Connect provider."""
    if parts.provider is None:
        raise OidcOff
    parts.sign_ins.spend(address_key(request.client.host if request.client else None))
    url, sealed = await parts.provider.start(_redirect_uri(request, parts))
    response = RedirectResponse(url, 302)
    # Lax: the provider's answer is a navigation from another site.
    set_cookie(response, services, _FLOW_COOKIE, sealed, samesite="lax", max_age=_FLOW_SECONDS)
    return response


@router.get("/oidc/callback")
async def finish_oidc(
    request: Request,
    services: UseServices,
    parts: UseStaffParts,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
) -> Response:
    """The provider's answer; back to the console, signed in or with what went wrong in the address."""
    if parts.provider is None:
        raise OidcOff
    try:
        if not code:
            raise OidcFailed
        sealed = request.cookies.get(_FLOW_COOKIE, "")
        who = await parts.provider.finish(_redirect_uri(request, parts), sealed, state, code)
        account = await services.database.write(
            lambda c: accounts.of_subject(c, who.subject, who.username, who.name, who.role)
        )
        signed_in = await services.database.write(
            lambda c: sessions.start(c, account, parts.settings, "oidc")
        )
    except ApiError as error:
        reason = error.code  # the exception's name is gone after this block
        await services.database.write(
            lambda c: audit.note(c, "sign_in_failed", username="oidc", detail=reason)
        )
        response: Response = RedirectResponse(f"{_CONSOLE}#fel={reason}", 303)
    else:
        response = RedirectResponse(_CONSOLE, 303)
        _keep(response, services, parts, signed_in)
    response.delete_cookie(_FLOW_COOKIE)
    return response


@router.get("/session")
async def read_session(staff: CurrentStaff) -> Me:
    """Who is signed in."""
    return _me(staff)


@router.post("/sign-out", status_code=204)
async def sign_out(
    response: Response, services: UseServices, parts: UseStaffParts, staff: CurrentStaff
) -> None:
    """Ends the session, here and on the server."""
    await services.database.write(lambda c: sessions.end(c, staff))
    parts.watch.end_of(staff.id)
    response.delete_cookie(cookie_name(services), secure=not services.settings.local)


@router.get("/colleagues")
async def read_colleagues(
    services: UseServices, parts: UseStaffParts, staff: CurrentStaff
) -> list[Colleague]:
    """Those a chat can be given to."""
    everyone = await services.database.read(accounts.everyone)
    online = parts.watch.online
    return [
        Colleague(id=account.id, name=account.name, role=account.role, online=account.id in online)
        for account in everyone
        if not account.disabled and account.id != staff.id
    ]


class AuditLine(BaseModel):
    """One line of the audit log."""

    id: int
    at: datetime
    username: str
    action: str
    conversation_id: str | None
    detail: str | None


@router.get("/audit")
async def read_audit(
    services: UseServices, _admin: Admin, before: Annotated[int | None, Query(ge=1)] = None
) -> list[AuditLine]:
    """The audit log, newest first, a hundred lines at a time."""
    lines = await services.database.read(lambda c: audit.page(c, before))
    return [AuditLine.model_validate(line) for line in lines]


def _keep(response: Response, services: Services, parts: StaffParts, signed_in: SignedIn) -> None:
    age = int(parts.settings.session_hours * 3600)
    set_cookie(response, services, cookie_name(services), signed_in.token, max_age=age)


def _me(staff: Staff) -> Me:
    return Me(id=staff.id, name=staff.name, username=staff.username, role=staff.role, csrf=staff.csrf)


def _redirect_uri(request: Request, parts: StaffParts) -> str:
    base = parts.settings.url.split(_CONSOLE)[0].rstrip("/") or str(request.base_url).rstrip("/")
    return f"{base}/api/staff/oidc/callback"
