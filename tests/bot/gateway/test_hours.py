"""Opening hours with Swedish holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.gateway.hours import TIME_ZONE, HoursError, OpeningNow, opening_at, parse_hours

OFFICE = parse_hours("mån-fre 08:00-16:30")
assert OFFICE


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TIME_ZONE)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-02 07:59", False),
        ("2026-03-02 08:00", True),
        ("2026-03-02 16:29", True),
        ("2026-03-02 16:30", False),
        ("2026-03-01 12:00", False),  # Sunday
        ("2026-01-06 12:00", False),  # trettondedag jul
        ("2026-04-03 12:00", False),  # långfredagen
        ("2026-05-14 12:00", False),  # Kristi himmelsfärdsdag
        ("2026-06-19 12:00", False),  # midsommarafton
        ("2026-12-24 12:00", False),  # julafton
        ("2026-12-31 12:00", False),  # nyårsafton
        ("2026-12-30 12:00", True),
    ],
)
def test_people_answer_in_office_hours_but_not_on_holidays(moment: str, is_open: bool) -> None:
    assert OFFICE.at(at(moment)).open_now is is_open


def test_summer_time_is_swedish_time() -> None:
    assert OFFICE.at(datetime(2026, 7, 1, 6, 0, tzinfo=UTC)).open_now is True
    assert OFFICE.at(datetime(2026, 1, 7, 6, 0, tzinfo=UTC)).open_now is False


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-03-02 06:00", "Vi svarar måndag–fredag 08.00–16.30. Vi öppnar i dag kl. 08.00."),
        ("2026-03-02 17:00", "Vi svarar måndag–fredag 08.00–16.30. Vi öppnar i morgon kl. 08.00."),
        ("2026-04-02 17:00", "Vi svarar måndag–fredag 08.00–16.30. Vi öppnar tisdag den 7 april kl. 08.00."),
        ("2026-03-02 12:00", "Vi svarar måndag–fredag 08.00–16.30."),
    ],
)
def test_the_hours_are_said_in_swedish(moment: str, said: str) -> None:
    assert OFFICE.at(at(moment)).text == said


def test_the_next_opening_is_a_moment() -> None:
    assert OFFICE.at(at("2026-04-02 17:00")).next_open == at("2026-04-07 08:00")


def test_dates_of_ones_own_can_be_closed() -> None:
    hours = parse_hours("mån-fre 08:00-16:30", frozenset({date(2026, 3, 2)}))
    assert hours
    assert hours.at(at("2026-03-02 12:00")).open_now is False


def test_several_spans_and_days() -> None:
    hours = parse_hours("måndag-torsdag 08:00-12:00; mån-tor 13:00-16.30; fredag 9:00-15:00")
    assert hours
    assert hours.said() == "måndag–torsdag 08.00–12.00 och 13.00–16.30, fredag 09.00–15.00"
    assert hours.at(at("2026-03-02 12:30")).open_now is False


def test_without_hours_nothing_is_claimed() -> None:
    assert parse_hours("") is None
    assert opening_at(None, at("2026-03-02 12:00")) == OpeningNow(None, None, None)


@pytest.mark.parametrize(
    "rules",
    ["alltid", "mån-fre", "mån-fre 25:00-26:00", "fre-mån 08:00-16:00", "mån 16:00-08:00", "xyz 08:00-16:00"],
)
def test_hours_that_cannot_be_read_are_refused(rules: str) -> None:
    with pytest.raises(HoursError):
        parse_hours(rules)
