"""A thousand generated messages with numbers in them: none in database, logs or engine."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.bot.gateway.conftest import Gateways
from tests.bot.gateway.engine_stand_in import EngineStandIn
from tests.bot.gateway.redaction.numbers import SENTENCES, codes, digits_only, identities
from tests.bot.gateway.visitor import Visitor

MESSAGES = 1000
VISITORS = 20


def generated(count: int) -> list[tuple[str, str]]:
    """Texts and the digits that must not be found again."""
    made: list[tuple[str, str]] = []

    @settings(
        max_examples=count * 3,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(st.one_of(st.tuples(identities(), st.sampled_from(SENTENCES)), codes()))
    def collect(example: Any) -> None:
        if isinstance(example[0], tuple):
            (spelled, digits), sentence = example
            made.append((sentence.format(spelled), digits))
        else:
            made.append(example)

    collect()
    unique = list(dict.fromkeys(made))
    assert len(unique) >= count
    return random.Random(1).sample(unique, count)


def test_nothing_secret_is_found_afterwards(
    start_gateway: Gateways, engine: EngineStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = start_gateway(writes_burst=1000, writes_per_minute=10_000)
    messages = generated(MESSAGES)
    visitors = [Visitor(gateway.url).greeted() for _ in range(VISITORS)]

    def talk(number: int) -> None:
        for text, _ in messages[number::VISITORS]:
            assert visitors[number].write(text).status_code == 202

    with ThreadPoolExecutor(VISITORS) as pool:
        list(pool.map(talk, range(VISITORS)))
    for visitor in visitors:
        visitor.wait_until_answered(60)

    stored = everything_stored(gateway.settings.database_url)
    logged = capsys.readouterr()
    sent = "\n".join(engine.texts())
    assert all(set(body["metadata"]) <= {"message_id", "event"} for body in engine.received)
    assert len(engine.texts()) == MESSAGES
    # Line by line: over the end of a line, digits of two messages could meet.
    haystack = {digits_only(line) for part in (stored, sent) for line in part.splitlines()}
    long_enough = [digits for _, digits in messages if len(digits) >= 6]
    leaked = [digits for digits in long_enough if any(digits in line for line in haystack)]
    assert leaked == []
    for text, _ in messages:
        assert text not in logged.out + logged.err


def everything_stored(database_url: str) -> str:
    """Every text and JSON value of every table, a line each."""
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    metadata = sa.MetaData()
    metadata.reflect(engine)
    lines: list[str] = []
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [
                column
                for column in table.columns
                if column.name in ("text", "card", "buttons", "details", "summary")
            ]
            if columns:
                lines += [
                    str(value) for row in connection.execute(sa.select(*columns)) for value in row if value
                ]
    return "\n".join(lines)
