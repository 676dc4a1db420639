"""The order service, opened once a process and called without holding up the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from actions.orders import OrderService, load_settings

Result = TypeVar("Result")


@lru_cache(maxsize=1)
def _service() -> OrderService:
    return OrderService.open(load_settings())


async def ask_store(call: Callable[[OrderService], Result]) -> Result:
    """What `call` answers; raises what the service raises (`actions.orders.errors`)."""
    return await asyncio.to_thread(lambda: call(_service()))
