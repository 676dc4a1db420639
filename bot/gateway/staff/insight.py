"""Figures for supervisors: what came, what the bot could not answer, how long people waited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any, Final

import sqlalchemy as sa
from pydantic import BaseModel
from rapidfuzz import fuzz, process, utils

from bot.gateway import texts
from bot.gateway.conversation import now
from bot.gateway.hours import TIME_ZONE
from bot.gateway.schemas import Author, State
from bot.gateway.staff import titles
from bot.gateway.staff.unanswered import is_misunderstood
from bot.gateway.tables import conversations, handoffs, messages

_ALIKE: Final = 82
_GROUPS_MAX: Final = 100
_QUIET: Final = timedelta(hours=1)
"""A chat with the bot in which nothing has happened for so long is over: most visitors just leave."""
_LOW_RATING: Final = 2
_MISUNDERSTOOD: Final = ("not_understood", "technical_error")
_OWN: Final = ("forwarded",)


class Count(BaseModel):
    """How often something occurred."""

    name: str
    count: int


class Group(BaseModel):
    """Questions alike that the bot could not answer; `text` is the most usual wording."""

    text: str
    count: int
    examples: list[str]
    conversation_id: str


class Day(BaseModel):
    """The chats that began on one Swedish day, and how many of them were handed over."""

    day: date
    chats: int
    handed_over: int


class Insight(BaseModel):
    """Everything the page shows. Times are seconds; a chat in which the visitor did nothing does not count.

    `chats` is the sum of the four that follow it: handed over (a person was asked for, or took it), going on
    with the bot, not resolved (over; the bot had no answer to the last message, or the rating is 1 or 2), and
    resolved by the bot (over, all others). A topic counts once a chat.
    """

    since: date
    until: date
    chats: int
    resolved_by_bot: int
    unresolved: int
    handed_over: int
    ongoing: int
    median_wait: float | None
    longest_wait: float | None
    mean_rating: float | None
    days: list[Day]
    reasons: list[Count]
    topics: list[Count]
    waits: list[Count]
    ratings: list[Count]
    findings: list[Count]
    unanswered: list[Group]


def read_insight(connection: sa.Connection, since: date, until: date) -> Insight:
    """The figures of the Swedish days from `since` to `until`, both included."""
    begin, end = _start(since), _start(until + timedelta(days=1))
    chats = _chats(connection, begin, end)
    handed = list(
        connection.execute(
            sa.select(handoffs)
            .where(handoffs.c.requested_at >= begin, handoffs.c.requested_at < end)
            .order_by(handoffs.c.id)
        ).mappings()
    )
    asked = [row for row in handed if row["reason"] not in _OWN]
    ends = Counter(how_it_ended(row) for row in chats)
    waits = [
        (row["taken_at"] - row["requested_at"]).total_seconds()
        for row in asked
        if row["taken_at"] and row["reason"] != "staff_took"
    ]
    ratings = [row["rating_score"] for row in chats if row["rating_score"]]
    return Insight(
        since=since,
        until=until,
        chats=len(chats),
        resolved_by_bot=ends["resolved"],
        unresolved=ends["unresolved"],
        handed_over=ends["handed_over"],
        ongoing=ends["ongoing"],
        median_wait=median(waits) if waits else None,
        longest_wait=max(waits, default=None),
        mean_rating=round(sum(ratings) / len(ratings), 2) if ratings else None,
        days=_days(since, until, chats),
        reasons=_counts(row["reason"] for row in asked),
        topics=_counts(
            name for row in chats for label in row["topics"] or () if (name := titles.title(label))
        ),
        waits=_buckets(waits),
        ratings=[Count(name=str(score), count=ratings.count(score)) for score in range(1, 6)],
        findings=_findings(connection, begin, end),
        unanswered=group(_unanswered(connection, asked, begin, end)),
    )


def how_it_ended(chat: Any) -> str:
    """`handed_over`, `ongoing`, `unresolved` or `resolved`; see `Insight`."""
    if chat["handed"]:
        return "handed_over"
    if chat["state"] != State.CLOSED.value and chat["updated_at"] > now() - _QUIET:
        return "ongoing"
    poor = chat["rating_score"] is not None and chat["rating_score"] <= _LOW_RATING
    silent = chat["last_author"] == Author.VISITOR.value
    failed = chat["last_text"] == texts.GAVE_UP or is_misunderstood(chat["last_text"] or "")
    return "unresolved" if poor or silent or failed else "resolved"


def group(asked: Iterable[tuple[str, str]]) -> list[Group]:
    """Puts like questions together, the commonest first; each is (text, conversation id)."""
    groups: list[tuple[Counter[str], str]] = []
    wordings: list[str] = []
    for text, conversation_id in asked:
        words = utils.default_process(text)
        alike = process.extractOne(words, wordings, scorer=fuzz.token_sort_ratio, score_cutoff=_ALIKE)
        if alike:
            groups[alike[2]][0][text] += 1
        else:
            groups.append((Counter([text]), conversation_id))
            wordings.append(words)
    found = [
        Group(
            text=members.most_common(1)[0][0],
            count=members.total(),
            examples=[wording for wording, _ in members.most_common(5)],
            conversation_id=conversation_id,
        )
        for members, conversation_id in groups
    ]
    return sorted(found, key=lambda item: -item.count)[:_GROUPS_MAX]


def rows(insight: Insight) -> list[tuple[str, str, int | float | str]]:
    """The figures as (section, name, value), for a spreadsheet."""
    whole: list[tuple[str, str, int | float | str]] = [
        ("Översikt", name, "" if value is None else value)
        for name, value in (
            ("Chattar", insight.chats),
            ("Lösta av boten", insight.resolved_by_bot),
            ("Inte lösta", insight.unresolved),
            ("Till en person", insight.handed_over),
            ("Pågår med boten", insight.ongoing),
            ("Väntetid, median (s)", insight.median_wait),
            ("Väntetid, längst (s)", insight.longest_wait),
            ("Betyg, medel", insight.mean_rating),
        )
    ]
    for day in insight.days:
        whole += [("Chattar per dag", str(day.day), day.chats)]
        whole += [("Till en person per dag", str(day.day), day.handed_over)]
    for section, counts in (
        ("Orsak", insight.reasons),
        ("Ämne", insight.topics),
        ("Väntetid", insight.waits),
        ("Betyg", insight.ratings),
        ("Kortkontroll", insight.findings),
    ):
        whole += [(section, item.name, item.count) for item in counts]
    return whole + [("Obesvarad fråga", item.text, item.count) for item in insight.unanswered]


def _chats(connection: sa.Connection, begin: datetime, end: datetime) -> list[Any]:
    own = messages.c.conversation_id == conversations.c.id
    wrote = sa.select(messages.c.seq).where(own, messages.c.author == Author.VISITOR.value).exists()
    handed = sa.select(handoffs.c.id).where(handoffs.c.conversation_id == conversations.c.id).exists()
    spoke = sa.or_(messages.c.author != Author.SYSTEM.value, messages.c.text == texts.GAVE_UP)
    last = sa.select(messages.c.text).where(own, spoke).order_by(messages.c.seq.desc()).limit(1)
    return list(
        connection.execute(
            sa.select(
                conversations.c.id,
                conversations.c.state,
                conversations.c.created_at,
                conversations.c.updated_at,
                conversations.c.rating_score,
                conversations.c.topics,
                handed.label("handed"),
                last.scalar_subquery().label("last_text"),
                last.with_only_columns(messages.c.author).scalar_subquery().label("last_author"),
            ).where(
                conversations.c.created_at >= begin,
                conversations.c.created_at < end,
                conversations.c.erased_at.is_(None),
                sa.or_(wrote, handed),
            )
        ).mappings()
    )


def _unanswered(
    connection: sa.Connection, asked: list[Any], begin: datetime, end: datetime
) -> list[tuple[str, str]]:
    """The visitor's last words before the bot said that it did not understand, or before it gave up."""
    log = connection.execute(
        sa.select(messages.c.conversation_id, messages.c.author, messages.c.text)
        .where(
            messages.c.created_at >= begin,
            messages.c.created_at < end,
            messages.c.author.in_([Author.VISITOR.value, Author.BOT.value]),
        )
        .order_by(messages.c.conversation_id, messages.c.seq)
    )
    found: dict[tuple[str, str], None] = {}
    last: dict[str, str] = {}
    for conversation_id, author, text in log:
        if author == Author.VISITOR.value:
            last[conversation_id] = text
        elif is_misunderstood(text) and last.get(conversation_id):
            found[(last[conversation_id], conversation_id)] = None
    for row in asked:
        told = (row["summary"] or {}).get("last_text")
        if row["reason"] in _MISUNDERSTOOD and told:
            found[(told, row["conversation_id"])] = None
    return list(found)


def _findings(connection: sa.Connection, begin: datetime, end: datetime) -> list[Count]:
    cards = connection.execute(
        sa.select(messages.c.card).where(
            messages.c.created_at >= begin, messages.c.created_at < end, messages.c.card.is_not(None)
        )
    ).scalars()
    return _counts(
        finding["code"]
        for card in cards
        if card.get("type") == "card_report"
        for finding in card["findings"]
        if finding["severity"] != "info"
    )


def _days(since: date, until: date, chats: list[Any]) -> list[Day]:
    came = Counter(row["created_at"].astimezone(TIME_ZONE).date() for row in chats)
    given = Counter(row["created_at"].astimezone(TIME_ZONE).date() for row in chats if row["handed"])
    days = (since + timedelta(days=ahead) for ahead in range((until - since).days + 1))
    return [Day(day=day, chats=came[day], handed_over=given[day]) for day in days]


def _buckets(waits: list[float]) -> list[Count]:
    limits = ((60, "under 1 min"), (300, "1–5 min"), (900, "5–15 min"), (3600, "15–60 min"))
    counted = Counter(next((name for top, name in limits if wait < top), "över 1 h") for wait in waits)
    return [Count(name=name, count=counted[name]) for name in (*(name for _, name in limits), "över 1 h")]


def _counts(names: Iterable[str]) -> list[Count]:
    return [Count(name=name, count=count) for name, count in Counter(names).most_common(30)]


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), TIME_ZONE)
