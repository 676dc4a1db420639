"""Rate limits: token buckets in memory, by conversation and by address."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from time import monotonic
from typing import Final

from bot.gateway import metrics
from bot.gateway.errors import TooManyRequests

_KEYS_KEPT: Final = 20_000


class RateLimit:
    """`burst` at once, then `per_minute`, for each key. The keys used longest ago are forgotten first."""

    def __init__(self, name: str, per_minute: int, burst: int) -> None:
        self._name = name
        self._per_second = per_minute / 60
        self._burst = float(burst)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, key: str) -> None:
        """Takes one; raises `TooManyRequests` when nothing is left."""
        moment = monotonic()
        left, since = self._buckets.pop(key, (self._burst, moment))
        left = min(self._burst, left + (moment - since) * self._per_second)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, moment)
        if len(self._buckets) > _KEYS_KEPT:
            self._buckets.popitem(last=False)
        if not allowed:
            metrics.REFUSED.labels(self._name).inc()
            raise TooManyRequests(retry_after=(1 - left) / self._per_second)


def address_key(host: str | None) -> str:
    """What counts as one address: an IPv4 address, or an IPv6 /64 (one household or office)."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def is_loopback(host: str | None) -> bool:
    """Whether the client is this machine."""
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
