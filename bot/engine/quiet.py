"""Logs without a word of what a visitor wrote.

Rasa logs message texts, slot values and the action server's answers, at levels up to ERROR and inside
exception messages. Only records of our own loggers (`bot.*`) keep their message; of every other record the
place in the code and the kinds of exception are kept, which is what an operator needs to find the cause.
"""

from __future__ import annotations

import logging
import sys
from types import TracebackType

import structlog

OWN_LOGGER = "bot"


class SafeFormatter(logging.Formatter):
    """One line a record: time, level, logger, and for our own records the message."""

    def format(self, record: logging.LogRecord) -> str:
        """The line to write; no exception messages, since they may quote the visitor."""
        own = record.name == OWN_LOGGER or record.name.startswith(f"{OWN_LOGGER}.")
        what = record.getMessage() if own else f"at {record.module}:{record.lineno}"
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {what}"
        if record.exc_info and record.exc_info[1] is not None:
            line = f"{line} ({describe(record.exc_info[1])})"
        return line.replace("\n", " ")


def describe(error: BaseException) -> str:
    """The kinds and places of an exception and its causes, outermost first, without their messages."""
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None and len(parts) < 5:
        parts.append(f"{type(current).__name__}{_place(current.__traceback__)}")
        current = current.__cause__ or current.__context__
    return " < ".join(parts)


def _place(trace: TracebackType | None) -> str:
    if trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f" at {trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"


def quiet_logs(level: int = logging.WARNING) -> None:
    """Sends every log of the process through `SafeFormatter` to standard error, from `level` up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SafeFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger(OWN_LOGGER).setLevel(min(level, logging.INFO))
    # Rasa's warnings quote texts; libraries switch filters back on, so the warnings are routed away instead.
    logging.captureWarnings(capture=True)
    logging.getLogger("py.warnings").disabled = True
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        processors=[lambda _logger, _method, event: str(event.get("event", ""))],
        cache_logger_on_first_use=True,
    )
