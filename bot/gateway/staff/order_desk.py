"""The order store as staff see it; every call in a thread, every failure one of the staff's errors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import structlog

from actions.orders import Order, OrderDetail, OrderFilter, OrderService, OrderState, load_settings
from actions.orders.errors import (
    InvalidIdentifier,
    OrderNotFound,
    OrderRefused,
    OrderStoreError,
    WrongState,
)
from bot.gateway.staff.errors import (
    OrderMissing,
    OrderRemarkRefused,
    OrderStateConflict,
    OrdersUnavailable,
)

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class OrderDesk:
    """Opens the store when it is first needed: chats go on without it."""

    def __init__(self) -> None:
        self._service: OrderService | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        """Closes the store's connections."""
        if self._service:
            await asyncio.to_thread(self._service.close)

    async def show(self, number: str) -> OrderDetail:
        """One order; raises `OrderMissing` or `OrdersUnavailable`."""
        return await self._call(lambda service: service.staff.show(number))

    async def page(self, wanted: OrderFilter) -> tuple[Order, ...]:
        """One page of orders, newest first."""
        return await self._call(lambda service: service.staff.list(wanted))

    async def all_of(self, customer_number: str) -> list[OrderDetail]:
        """Every order of a customer, with its history."""

        def work(service: OrderService) -> list[OrderDetail]:
            orders = service.staff.all(OrderFilter(customer_number=customer_number))
            return [service.staff.show(order.number) for order in orders]

        return await self._call(work)

    async def move(self, number: str, state: OrderState, actor: str, remark: str | None) -> Order:
        """Moves an order; raises `OrderStateConflict` or `OrderRemarkRefused` too."""
        return await self._call(lambda service: service.staff.move(number, state, actor=actor, remark=remark))

    async def _call(self, work: Callable[[OrderService], T]) -> T:
        try:
            async with self._opening:
                if self._service is None:
                    self._service = await asyncio.to_thread(OrderService.open, load_settings())
            return await asyncio.to_thread(work, self._service)
        except (OrderNotFound, InvalidIdentifier):
            raise OrderMissing from None
        except WrongState:
            raise OrderStateConflict from None
        except OrderRefused:
            raise OrderRemarkRefused from None
        except OrderStoreError as error:
            _log.warning("order_store_failed", error=error.code)
            raise OrdersUnavailable(retry_after=2) from None
