"""What the checks share: a server as a child process, a free port, one line per promise."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A program that listens on a port of 127.0.0.1; ended by its own pid."""

    def __init__(self, command: list[str], port: int, **environment: str) -> None:
        self.command, self.port, self.environment = command, port, environment
        self.process: subprocess.Popen | None = None

    def start(self) -> "Server":
        self.process = subprocess.Popen(self.command, env={**os.environ, **self.environment})
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SystemExit(f"{self.command[0]} ended with {self.process.returncode} before it listened")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.02)
        raise SystemExit(f"{self.command[0]} did not listen on {self.port} within 30 s")

    def stop(self, how: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def server_to_check(grace: int = 4) -> Server:
    """The conformance app of the build folder that the first argument names, or with --reference the Python server."""
    port = free_port()
    if "--reference" in sys.argv:
        command = [sys.executable, str(Path(__file__).with_name("reference_app.py")), str(port)]
    else:
        command = [str(Path(sys.argv[1]) / "conformance-app"), str(port)]
    return Server(command, port, POND_GRACE=str(grace)).start()


class Checks:
    """Counts promises kept and broken; prints each."""

    def __init__(self, name: str) -> None:
        self.name, self.kept, self.broken = name, 0, 0

    def that(self, promise: str, holds: bool, detail: object = "") -> None:
        if holds:
            self.kept += 1
        else:
            self.broken += 1
            print(f"  BROKEN  {promise}  {detail}", flush=True)

    def finish(self) -> None:
        print(f"{self.name}: {self.kept} kept, {self.broken} broken", flush=True)
        sys.exit(1 if self.broken or not self.kept else 0)


async def until(condition, seconds: float = 10.0) -> bool:
    """Waits for a condition instead of a time; false when it did not come."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.01)
    return True
