"""Staff of the gateway that the widget's tests use too."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from bot.gateway.staff.accounts import Role
from tests.bot.gateway.staff.desk import make_account
from tests.browser.chat import Chat
from tests.browser.conftest import NewContext
from tests.browser.scripted_engine import ScriptedEngine
from tests.browser.servers import Gateway
from tests.browser.staff.personal import Personal

NewStaff = Callable[..., Personal]
NewVisitor = Callable[..., Chat]

_numbers = itertools.count(1)


@pytest.fixture
def new_staff(new_context: NewContext, gateway: Gateway) -> NewStaff:
    """Makes an account and signs it in, in a browser of its own."""

    def make(name: str, role: Role = Role.AGENT, script: str = "", **options: object) -> Personal:
        username = f"{name.lower()}{next(_numbers)}"
        make_account(gateway.database_url, username, role, name)
        context = new_context(**options)
        context.add_init_script(script)
        return Personal(context.new_page(), gateway.url).sign_in(username)

    return make


@pytest.fixture
def new_visitor(new_context: NewContext, gateway_url: str, engine: ScriptedEngine) -> NewVisitor:
    """A visitor who has asked something, in a browser of their own."""

    def make(question: str, answer: str | None = None) -> Chat:
        engine.delay = 0
        page = new_context().new_page()
        page.goto(gateway_url)
        chat = Chat(page).open()
        chat.ask(question, answer)
        return chat

    return make
