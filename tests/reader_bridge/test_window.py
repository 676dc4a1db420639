"""The window is an extra: without a display the bridge goes on in the terminal."""

from __future__ import annotations

import pytest

from reader_bridge.web.pairing import Pairing
from reader_bridge.window import display_exists, run_with_window


def test_no_display_no_window_and_nothing_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    started: list[str] = []
    opened = run_with_window(
        lambda: started.append("serve"),
        lambda: started.append("stop"),
        Pairing(),
        ["https://support.example"],
    )
    assert not opened
    assert started == []


def test_display_is_told_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not display_exists()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert display_exists()
