"""Many insertions: every one is told, nothing grows. `benchmarks/reader_bridge/soak.py` does 2,000."""

from __future__ import annotations

from benchmarks.reader_bridge.soak import soak
from tests.reader_bridge.pcscd import Pcscd


def test_many_insertions_leave_nothing_behind(service: Pcscd) -> None:
    result = soak(service, insertions=25, warm_up=5)
    assert result.told == result.insertions
    assert result.read == result.insertions
    assert result.threads_after == result.threads_before
    assert result.descriptors_after == result.descriptors_before
    assert result.memory_growth_kb < 4096
