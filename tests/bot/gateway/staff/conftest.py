"""Staff members of a running gateway."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.gateway.staff.accounts import Role
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.staff.desk import Desk, make_account

SignIn = Callable[..., Desk]


@pytest.fixture
def sign_in(gateway: RunningGateway) -> SignIn:
    """Makes an account and signs it in."""

    def make(username: str, role: Role = Role.AGENT, name: str = "") -> Desk:
        make_account(gateway.settings.database_url, username, role, name)
        return Desk(gateway.url, username)

    return make
