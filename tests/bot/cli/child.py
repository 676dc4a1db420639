"""A little program for the supervisor's tests: behaves as its argument says."""

from __future__ import annotations

import http.server
import signal
import subprocess
import sys
import threading
import time


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/ready" else 404)
        self.end_headers()

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        print("Traceback\nValueError: the data is \x1b[31mbroken\x1b[0m", file=sys.stderr, flush=True)
        sys.stderr.flush()
        threading.Thread(target=lambda: signal.raise_signal(signal.SIGUSR1)).start()

    def log_message(self, *_arguments: object) -> None:
        """Keep the log for what the tests look for."""


def end(code: int) -> None:
    import os

    os._exit(code)


def serve(port: int) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    signal.signal(signal.SIGUSR1, lambda *_: end(3))
    print(f"ready on {port}", flush=True)
    server.serve_forever()


def main(behaviour: str, *rest: str) -> None:
    if behaviour == "serve":
        serve(int(rest[0]))
    elif behaviour == "fail":
        print("noise", flush=True)
        sys.exit(" ".join(rest))
    elif behaviour == "idle":
        print("idle", flush=True)
        time.sleep(600)
    elif behaviour == "silent":
        time.sleep(600)
    elif behaviour == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        subprocess.Popen([sys.executable, __file__, "idle", *rest], stdout=subprocess.DEVNULL)
        print("stubborn", flush=True)
        time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
