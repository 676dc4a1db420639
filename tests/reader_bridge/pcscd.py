"""A private PC/SC service with two virtual readers, in a mount namespace of its own.

Its socket is reached through a link whose name never changes, because the PC/SC library reads
`PCSCLITE_CSOCK_NAME` once a process; set it before the first PC/SC call.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from pathlib import Path

PCSCD = "/usr/sbin/pcscd"
DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
ENTRY = 'FRIENDLYNAME "{name}"\nDEVICENAME /dev/null:0x{port:X}\nLIBPATH {driver}\nCHANNELID 0x{port:X}\n'


def free_port_pair() -> int:
    """A TCP port that was free a moment ago, as was the next one (one configured reader takes two)."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("0.0.0.0", 0))  # noqa: S104 - the driver listens there
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("0.0.0.0", port + 1))  # noqa: S104
                return port


class Pcscd:
    """Start, stop and restart the service; `ports[n]` is where the card for reader n connects."""

    def __init__(self, folder: Path, readers: bool = True) -> None:
        self.link = folder / "pcscd.comm"
        self._conf = folder / "conf"
        self._conf.mkdir(exist_ok=True)
        self._log = folder / "pcscd.log"
        port = free_port_pair()
        self.ports = (port, port + 1)
        self.reader_names = ("Virtual PCD 00 00", "Virtual PCD 00 01")
        self._process: subprocess.Popen[bytes] | None = None
        self.configure(readers)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to reach this service."""
        return {**os.environ, "PCSCLITE_CSOCK_NAME": str(self.link)}

    def configure(self, readers: bool) -> None:
        """With or without readers from the next start on."""
        entry = ENTRY.format(name="Virtual PCD", port=self.ports[0], driver=DRIVER) if readers else ""
        (self._conf / "vpcd").write_text(entry)

    def start(self) -> None:
        """Returns when clients can connect."""
        script = 'mount -t tmpfs tmpfs /run && mkdir /run/pcscd && exec "$@"'
        command = [PCSCD, "--foreground", "--config", str(self._conf), *_polkit_option()]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["unshare", "-rm", "sh", "-c", script, "sh", *command], stdout=log, stderr=log
            )
        target = f"/proc/{self._process.pid}/root/run/pcscd/pcscd.comm"
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(target)
        deadline = time.monotonic() + 10
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"pcscd did not start: {self._log.read_text()}")
            time.sleep(0.005)

    def stop(self) -> None:
        """Ends the service; virtual cards lose their readers."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)
            self._process = None

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.link))
            except OSError:
                return False
            return True


def _polkit_option() -> list[str]:
    """From pcsc-lite 2 on only the session's user may use cards unless this is given."""
    usage = subprocess.run([PCSCD, "-h"], capture_output=True, text=True, check=False).stdout
    return ["--disable-polkit"] if "--disable-polkit" in usage else []
