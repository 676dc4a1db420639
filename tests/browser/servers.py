"""The real gateway as a process that can be stopped and started, and a host page on another origin."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]


class Gateway:
    """`python -m bot.gateway` with a database of its own; the same port and log after each restart."""

    def __init__(self, port: int, folder: Path, **settings: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.database_url = f"sqlite:///{folder}/support.db"
        self._environment = {
            **os.environ,
            "SUPPORT_DATABASE_URL": self.database_url,
            **{f"SUPPORT_{name.upper()}": value for name, value in settings.items()},
        }
        self._port = port
        self._log = folder / "gateway.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.run("migrate")
        self.start()

    def run(self, *arguments: str) -> None:
        """One command of the gateway's command line, against this gateway's database."""
        command = [sys.executable, "-m", "bot.gateway", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self._environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()

    def start(self) -> None:
        """Returns when it answers."""
        command = [
            sys.executable,
            "-m",
            "bot.gateway",
            "serve",
            "--host",
            "127.0.0.1",
            "--port",
            str(self._port),
        ]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        deadline = time.monotonic() + 90
        while not self._answers():
            assert self._process.poll() is None and time.monotonic() < deadline, self._log.read_text()[-2000:]
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/live", timeout=2).is_success
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """As a crash would: no time to say goodbye to anyone."""
        if self._process:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None


class HostSite:
    """A page on an origin of its own, with the headers and the markup it is given."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.policy = ""
        self.body = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Page, self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Closes the port."""
        self._server.shutdown()
        self._server.server_close()


class _Page(BaseHTTPRequestHandler):
    def __init__(self, site: HostSite, *rest: object) -> None:
        self._site = site
        super().__init__(*rest)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        head = '<!doctype html><html lang="sv"><head><title>Värdsida</title></head>'
        body = f"{head}<body>{self._site.body}</body></html>".encode()
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if self._site.policy:
            self.send_header("Content-Security-Policy", self._site.policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
