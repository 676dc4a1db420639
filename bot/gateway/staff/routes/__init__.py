"""The staff's routes, one subject a module. Not in `/openapi.json`: they are the console's own."""

from fastapi import APIRouter

from bot.gateway.staff.routes import canned, chats, events, history, insight, orders, session

router = APIRouter(prefix="/api/staff", include_in_schema=False)
for _part in (session, events, history, chats, canned, orders, insight):
    router.include_router(_part.router)
