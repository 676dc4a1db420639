"""Builds the single-file bridge, starts it and asks it who it is: `python deploy/reader_bridge/build.py`.

The program is left in `dist/`. Build on the system it is for: PyInstaller does not cross-build.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "dist" / ("reader-bridge.exe" if sys.platform == "win32" else "reader-bridge")
ORIGIN = "https://support.example"


def build() -> None:
    """Runs PyInstaller; `CalledProcessError` with its output on failure."""
    spec = ROOT / "deploy" / "reader_bridge" / "reader_bridge.spec"
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    folders = ["--distpath", str(ROOT / "dist"), "--workpath", str(ROOT / "build" / "reader_bridge")]
    subprocess.run([*command, *folders, str(spec)], check=True, cwd=ROOT)  # noqa: S603 - fixed arguments


def try_out() -> dict[str, object]:
    """Starts the built program on a free port, reads its code line and gives its `/v1/info`."""
    command = [str(PROGRAM), "serve", "--port", "0", "--no-window", "--allow-origin", ORIGIN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:  # noqa: S603
        try:
            if process.stdout is None or not process.stdout.readline().startswith("Kod: "):
                raise RuntimeError("the program did not start")
            port = int(process.stdout.readline().split("127.0.0.1:")[1].split()[0])
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            headers = {"Origin": ORIGIN, "X-Requested-With": "support-chat"}
            connection.request("GET", "/v1/info", headers=headers)
            info: dict[str, object] = json.load(connection.getresponse())
            connection.close()
            return info
        finally:
            process.terminate()


if __name__ == "__main__":
    build()
    print(PROGRAM, PROGRAM.stat().st_size // 1024, "kB", try_out())  # noqa: T201
