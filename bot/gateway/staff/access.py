"""Who calls: the session in the cookie, the proof against forged requests, the role."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, Literal

from fastapi import Depends, Request, Response

from bot.gateway.secrets_at_rest import hash_token
from bot.gateway.services import Services, UseServices
from bot.gateway.staff import sessions
from bot.gateway.staff.accounts import Role
from bot.gateway.staff.errors import CsrfFailed, NotAllowed, SignedOut
from bot.gateway.staff.parts import StaffParts
from bot.gateway.staff.sessions import Staff

CSRF_HEADER: Final = "X-CSRF-Token"
_SAFE: Final = ("GET", "HEAD")


def get_parts(services: UseServices) -> StaffParts:
    """The staff's parts of the app that got the request."""
    return services.staff


UseStaffParts = Annotated[StaffParts, Depends(get_parts)]


def cookie_name(services: Services) -> str:
    """`__Host-` makes browsers refuse the cookie unless it is Secure and of this very host (RFC 6265bis)."""
    return "support_staff" if services.settings.local else "__Host-support_staff"


def set_cookie(
    response: Response,
    services: Services,
    name: str,
    value: str,
    *,
    max_age: int,
    samesite: Literal["lax", "strict"] = "strict",
) -> None:
    """A cookie that scripts cannot read and, outside local mode, that never leaves TLS."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/",
        secure=not services.settings.local,
        httponly=True,
        samesite=samesite,
    )


def own_page(request: Request) -> None:
    """Refuses a change that a browser says another site has caused (Fetch Metadata)."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise CsrfFailed


async def current_staff(request: Request, services: UseServices, parts: UseStaffParts) -> Staff:
    """Who is signed in; raises `SignedOut`, or `CsrfFailed` for a change without the session's own token."""
    token = request.cookies.get(cookie_name(services))
    if not token:
        raise SignedOut
    hashed = hash_token(token)
    found = await services.database.read(lambda c: sessions.find(c, hashed, parts.settings))
    if found is None:
        raise SignedOut
    staff, note_use = found
    if request.method not in _SAFE:
        own_page(request)
        given = request.headers.get(CSRF_HEADER, "")
        if not secrets.compare_digest(given.encode(), staff.csrf.encode()):
            raise CsrfFailed
    if note_use:
        await services.database.write(lambda c: sessions.seen(c, hashed))
    return staff


CurrentStaff = Annotated[Staff, Depends(current_staff)]


def _at_least(role: Role) -> Callable[[Staff], Awaitable[Staff]]:
    async def check(staff: CurrentStaff) -> Staff:
        if not staff.may(role):
            raise NotAllowed
        return staff

    return check


Supervisor = Annotated[Staff, Depends(_at_least(Role.SUPERVISOR))]
Admin = Annotated[Staff, Depends(_at_least(Role.ADMIN))]
