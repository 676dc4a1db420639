"""What Prometheus reads. No metric has a label that could hold what a visitor wrote."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_QUICK = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30)

CONVERSATIONS = Counter("support_conversations", "Conversations opened", ["verified"])
MESSAGES = Counter("support_messages", "Messages written to the log", ["author"])
ANSWER_SECONDS = Histogram(
    "support_answer_seconds", "From an acknowledged message to its answer in the log", buckets=_QUICK
)
ENGINE_SECONDS = Histogram("support_engine_seconds", "One call to the engine", buckets=_QUICK)
ENGINE_FAILURES = Counter("support_engine_failures", "Calls without an answer", ["reason"])
LATE = Counter("support_late_notices", "Times a visitor was told that the answer takes long")
UNANSWERED = Counter("support_unanswered", "Messages that were given up")
HANDOFFS = Counter("support_handoffs", "Times a person was asked for", ["reason"])
MASKED = Counter("support_masked", "Numbers removed before anything was stored", ["kind"])
REFUSED = Counter("support_refused_requests", "Requests over a limit", ["limit"])
REQUEST_SECONDS = Histogram("support_request_seconds", "HTTP requests", ["route", "method", "status"])
PENDING = Gauge("support_pending_messages", "Messages the engine has still to answer")
QUEUE = Gauge("support_queue_length", "Conversations that wait for a person")
STREAMS = Gauge("support_open_streams", "Open event streams")
