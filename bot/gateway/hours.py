"""Opening hours: what an operator writes, whether a person answers now, and how it is said in Swedish."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

TIME_ZONE: Final = ZoneInfo("Europe/Stockholm")
_DAYS: Final = ("mån", "tis", "ons", "tor", "fre", "lör", "sön")
_DAY_NAMES: Final = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
_MONTHS: Final = (
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip
_RULE: Final = re.compile(
    r"(?P<first>[a-zåäö]+)(?:\s*[-–]\s*(?P<last>[a-zåäö]+))?\s+"
    r"(?P<opens>\d{1,2}[:.]\d{2})\s*[-–]\s*(?P<closes>\d{1,2}[:.]\d{2})"
)
_DAYS_AHEAD: Final = 30

Span = tuple[time, time]


class HoursError(ValueError):
    """The opening hours cannot be read; the text says which part."""


@dataclass(frozen=True, slots=True)
class OpeningNow:
    """Whether people answer at a moment. All None when no hours are set."""

    open_now: bool | None = None
    text: str | None = None
    next_open: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """A week of hours, and dates that are closed besides the public holidays and eves."""

    week: tuple[tuple[Span, ...], ...]
    closed_dates: frozenset[date] = frozenset()

    def at(self, moment: datetime) -> OpeningNow:
        """How it is at `moment` (aware)."""
        local = moment.astimezone(TIME_ZONE)
        open_now = any(opens <= local.time() < closes for opens, closes in self._spans(local.date()))
        if open_now:
            return OpeningNow(True, f"Vi svarar {self.said()}.")
        next_open = self._next(local)
        said = f"Vi svarar {self.said()}."
        if next_open:
            said += f" Vi öppnar {_when(local, next_open)}."
        return OpeningNow(False, said, next_open)

    def said(self) -> str:
        """The hours as a person says them: `måndag–fredag 08.00–16.30`."""
        groups: list[tuple[int, int, tuple[Span, ...]]] = []
        for day, spans in enumerate(self.week):
            if not spans:
                continue
            if groups and groups[-1][1] == day - 1 and groups[-1][2] == spans:
                groups[-1] = (groups[-1][0], day, spans)
            else:
                groups.append((day, day, spans))
        return ", ".join(
            f"{_DAY_NAMES[first] if first == last else f'{_DAY_NAMES[first]}–{_DAY_NAMES[last]}'} "
            + " och ".join(f"{opens:%H.%M}–{closes:%H.%M}" for opens, closes in spans)
            for first, last, spans in groups
        )

    def _spans(self, day: date) -> tuple[Span, ...]:
        if day in self.closed_dates or day in _holidays(day.year):
            return ()
        return self.week[day.weekday()]

    def _next(self, local: datetime) -> datetime | None:
        for ahead in range(_DAYS_AHEAD):
            day = local.date() + timedelta(days=ahead)
            for opens, _ in self._spans(day):
                start = datetime.combine(day, opens, TIME_ZONE)
                if start > local:
                    return start
        return None


def parse_hours(rules: str, closed_dates: frozenset[date] = frozenset()) -> OpeningHours | None:
    """Reads `mån-fre 08:00-16:30; lör 10:00-14:00`; None for an empty text. Raises `HoursError`."""
    week: list[list[Span]] = [[] for _ in _DAYS]
    for rule in filter(None, (part.strip().lower() for part in rules.split(";"))):
        match = _RULE.fullmatch(rule)
        if match is None:
            raise HoursError(f"cannot read {rule!r}; write for example: mån-fre 08:00-16:30; lör 10:00-14:00")
        first, last = _day(match["first"]), _day(match["last"] or match["first"])
        span = _time(match["opens"]), _time(match["closes"])
        if last < first or span[1] <= span[0]:
            raise HoursError(f"{rule!r} goes backwards")
        for day in range(first, last + 1):
            week[day].append(span)
    if not any(week):
        return None
    return OpeningHours(tuple(tuple(sorted(spans)) for spans in week), closed_dates)


def opening_at(hours: OpeningHours | None, moment: datetime) -> OpeningNow:
    """How it is at `moment`; nothing is claimed when no hours are set."""
    return hours.at(moment) if hours else OpeningNow()


@lru_cache(maxsize=8)
def _holidays(year: int) -> holidays.HolidayBase:
    # de_facto: the eves of midsummer, Christmas and New Year. Sundays follow the week's own hours.
    return holidays.country_holidays(
        "SE", years=year, include_sundays=False, categories=("public", "de_facto"), expand=False
    )


def _day(name: str) -> int:
    for index, day in enumerate(_DAY_NAMES):
        if len(name) >= len(_DAYS[index]) and day.startswith(name):
            return index
    raise HoursError(f"unknown day {name!r}; the days are {', '.join(_DAYS)}")


def _time(text: str) -> time:
    hour, minute = re.split("[:.]", text)
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise HoursError(f"{text!r} is not a time of day") from None


def _when(local: datetime, start: datetime) -> str:
    days = (start.date() - local.date()).days
    clock = f"kl. {start:%H.%M}"
    if days == 0:
        return f"i dag {clock}"
    if days == 1:
        return f"i morgon {clock}"
    return f"{_DAY_NAMES[start.weekday()]} den {start.day} {_MONTHS[start.month - 1]} {clock}"
