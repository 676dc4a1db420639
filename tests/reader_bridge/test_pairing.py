"""Codes and tokens over time."""

from __future__ import annotations

import pytest

from reader_bridge.web.pairing import TOKEN_SECONDS, Pairing, PairingEndedError, WrongCodeError

ORIGIN = "https://support.example"


def wrong(pairing: Pairing) -> str:
    return f"{(int(pairing.code or 0) + 1) % 1_000_000:06d}"


def test_tokens_end_after_their_time() -> None:
    now = [1000.0]
    pairing = Pairing(clock=lambda: now[0])
    token = pairing.pair(pairing.code or "", ORIGIN)
    assert token.expires_at == 1000.0 + TOKEN_SECONDS
    now[0] += TOKEN_SECONDS - 1
    assert pairing.accepts(token.value, ORIGIN)
    now[0] += 1
    assert not pairing.accepts(token.value, ORIGIN)


def test_only_somebody_at_the_computer_opens_pairing_again() -> None:
    shown: list[str | None] = []
    pairing = Pairing(shown.append)
    first = pairing.code
    for left in (2, 1):
        with pytest.raises(WrongCodeError) as refused:
            pairing.pair(wrong(pairing), ORIGIN)
        assert refused.value.attempts_left == left
    with pytest.raises(PairingEndedError):
        pairing.pair(wrong(pairing), ORIGIN)
    assert pairing.code is None
    with pytest.raises(PairingEndedError):
        pairing.pair(first or "", ORIGIN)
    pairing.renew()
    assert shown == [None, pairing.code]
    assert pairing.accepts(pairing.pair(pairing.code or "", ORIGIN).value, ORIGIN)


def test_a_right_code_gives_the_tries_back() -> None:
    pairing = Pairing()
    for _ in range(4):
        for _ in range(2):
            with pytest.raises(WrongCodeError):
                pairing.pair(wrong(pairing), ORIGIN)
        pairing.pair(pairing.code or "", ORIGIN)


def test_no_token_is_no_token() -> None:
    assert not Pairing().accepts("", ORIGIN)
