"""A small window with the pairing code, where there is a display and Tk."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence

from reader_bridge.messages import (
    ERROR_MESSAGES,
    WINDOW_NEW_CODE,
    WINDOW_NOTE,
    WINDOW_TEXT,
    WINDOW_TITLE,
)
from reader_bridge.web.pairing import Pairing

TICK_MILLISECONDS = 250
WIDTH = 360


def display_exists() -> bool:
    """True where a window can be expected to open."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run_with_window(
    serve: Callable[[], None], stop: Callable[[], None], pairing: Pairing, origins: Sequence[str]
) -> bool:
    """Serves in a thread while the window is open; closing it stops. False, nothing started, without Tk."""
    try:
        import tkinter
    except ImportError:
        return False
    try:
        root = tkinter.Tk()
    except tkinter.TclError:
        return False
    root.title(WINDOW_TITLE)
    root.resizable(False, False)
    text = tkinter.Label(root, text=WINDOW_TEXT.format(origins=", ".join(origins)), wraplength=WIDTH)
    code = tkinter.Label(root, font=("TkFixedFont", 32, "bold"))
    renew = tkinter.Button(root, text=WINDOW_NEW_CODE, command=pairing.renew)
    note = tkinter.Label(root, text=WINDOW_NOTE, wraplength=WIDTH)
    for widget in (text, code, renew, note):
        widget.pack(padx=24, pady=8)
    server = threading.Thread(target=serve, name="server")
    server.start()
    # Tk swallows the exception of Ctrl+C; a flag that the next tick sees does not get lost.
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())

    def tick() -> None:
        if told.is_set() or not server.is_alive():
            root.destroy()
            return
        ended = pairing.code is None
        text.configure(
            text=ERROR_MESSAGES["pairing_ended"] if ended else WINDOW_TEXT.format(origins=", ".join(origins))
        )
        code.configure(text=pairing.code or "– – –")
        root.after(TICK_MILLISECONDS, tick)

    tick()
    try:
        root.mainloop()
    finally:
        stop()
        server.join()
    return True
