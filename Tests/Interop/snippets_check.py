"""The README's first server and first client, run together: what they print is what their reader expects.

    snippets_check.py BUILD_FOLDER

The programs are the ones that the README shows, so they use port 4000; they run in a network namespace of their own
where the machine allows that.
"""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

# In this order; other lines may come between.
EXPECTED = ["connection: connecting", "room: joining", "connection: connected", "room: joined", 'pong: {"n":1}', "ann hello"]
NAMESPACE = ["unshare", "--net", "--map-root-user", "sh", "-c"]
LOOPBACK = "ip link set lo up"


class Program:
    """A program on a terminal of its own, so that its lines come when they are printed."""

    def __init__(self, command: list[str]) -> None:
        self.terminal, far = pty.openpty()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=far, stderr=far)
        os.close(far)
        self.text = ""

    def read_until(self, line: str, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while line not in self.text and time.monotonic() < deadline:
            if not select.select([self.terminal], [], [], 0.2)[0]:
                continue
            try:
                data = os.read(self.terminal, 65_536)
            except OSError:
                break
            self.text += data.decode(errors="replace").replace("\r\n", "\n")
        return line in self.text

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.terminal)


def in_order(lines: list[str], expected: list[str]) -> list[str]:
    """The expected lines that do not come, or not in their order."""
    rest = iter(lines)
    return [line for line in expected if not any(line.lower() == candidate.lower() for candidate in rest)]


def check(build: Path) -> int:
    server = Program([str(build / "FirstServer")])
    try:
        if not server.read_until("listening on", 30):
            print(f"snippets: FirstServer does not listen:\n{server.text}")
            return 1
        client = Program([str(build / "FirstClient")])
        try:
            client.read_until("ann hello", 30)
        finally:
            client.stop()
        missing = in_order(client.text.splitlines(), EXPECTED)
        for line in missing:
            print(f"snippets: FirstClient does not print {line!r} in its place")
        if missing:
            print(f"snippets: it prints:\n{client.text}")
        else:
            print("snippets: the first client prints its own hello and all that comes before it")
        return 1 if missing else 0
    finally:
        server.stop()


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    if len(sys.argv) > 2:
        return check(build)
    subprocess.run(["swift", "build", "--product", "FirstServer"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["swift", "build", "--product", "FirstClient"], check=True, stdout=subprocess.DEVNULL)
    alone = subprocess.run([*NAMESPACE, LOOPBACK], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if alone.returncode != 0:
        return check(build)
    inner = f'{LOOPBACK} && exec "$0" "$@"'
    return subprocess.run([*NAMESPACE, inner, sys.executable, __file__, str(build), "inside"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
