"""A loopback engine that speaks Rasa's REST contract (docs/architecture.md) from a short script.

It lets the widget and the real gateway be tested without training a model; the whole product is tested in
`test_product.py`. What it says is fixed, except that it echoes `eko …`, so that hostile text can come back.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = dict[str, Any]

GREETING = "Hej! Jag hjälper dig med SITHS-kort, koder och HSA-id. Vad gäller det?"
ORDER_NUMBER = "PUK-4711-23"
LONG = "En lång rad som fyller rutan. " * 60
HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


def text(words: str, *titles: str, **custom: Any) -> list[Reply]:
    """One answer: words, buttons whose payload is their title, and directives."""
    reply: Reply = {"text": words}
    if titles:
        reply["buttons"] = [{"title": title, "payload": title} for title in titles]
    return [reply] + ([{"custom": custom}] if custom else [])


RECEIPT = {
    "directive": "order_receipt",
    "order_number": ORDER_NUMBER,
    "kind": "PUK-kod",
    "lines": [
        {"label": "HSA-id", "value": "SE5560360793-1003"},
        {"label": "Kund", "value": "Vårdcentralen Exempel AB"},
    ],
    "next_step": "Koden skickas till folkbokföringsadressen inom några dagar.",
}
SCRIPT: dict[str, list[Reply]] = {
    "beställa puk-kod": text("Vilket HSA-id har kortanvändaren?", "Jag vet inte"),
    "se5560360793-1003": text("Ska jag beställa en PUK-kod till SE5560360793-1003?", "Ja", "Nej"),
    "ja": [*text("Klart, beställningen är gjord."), {"custom": RECEIPT}],
    "kontrollera kortet": text("Det gör vi.", directive="check_card", purpose="diagnosis"),
    "läs hsa-id": text("Det gör vi.", directive="check_card", purpose="identity"),
    "länkar": text("Gå till https://minasidor.siths.se/start. Ring 018-481 19 00 eller skriv till a@b.se."),
    "lömska länkar": text(
        "javascript:alert(1) https://siths.se@ond.example/ data:text/html,x http://osäker.example"
    ),
    "långt": text(LONG),
    "elakt": [
        {"text": HOSTILE, "buttons": [{"title": HOSTILE, "payload": "x"}]},
        {"custom": {**RECEIPT, "kind": HOSTILE, "lines": [{"label": HOSTILE, "value": HOSTILE}]}},
    ],
}
EVENTS: dict[str, list[Reply]] = {
    "session_start": text(GREETING, "Beställa PUK-kod", "Kortet fungerar inte"),
    "card_report": text("Tack, jag har sett resultatet."),
    "card_check_failed": text("Då frågar jag i stället. Lyser läsaren?"),
    "handed_back": text("Nu är jag tillbaka."),
}


class ScriptedEngine:
    """`delay` seconds before each answer; `seen` is everything it was asked, in order."""

    def __init__(self, port: int) -> None:
        self.delay = 0.0
        self.seen: list[dict[str, Any]] = []
        self._wake = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer({"status": "ok"})

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._answer(outer.replies(asked))

            def _answer(self, value: object) -> None:
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def replies(self, asked: dict[str, Any]) -> list[Reply]:
        """What the script says to this message or event."""
        self._wake.wait(self.delay)
        self.seen.append(asked)
        event = asked.get("metadata", {}).get("event")
        words = asked["message"]
        if event:
            replies = EVENTS[event]
        elif words.startswith("eko "):
            replies = text(words.removeprefix("eko "))
        else:
            replies = SCRIPT.get(words.lower(), text(f"Svar på {words}"))
        return [{"recipient_id": asked["sender"], **reply} for reply in replies]

    def stop(self) -> None:
        """Closes the port."""
        self._wake.set()
        self._server.shutdown()
        self._server.server_close()
