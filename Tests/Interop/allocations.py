"""Counts what the server allocates for a broadcast: a constant, whatever the number of members.

    allocations.py BUILD_FOLDER, of a release build: an unoptimised one allocates where it likes
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

from peer import Checks, Server, free_port
from sessions import WebSocketSession

SOURCE = Path(__file__).parents[2] / "Benchmarks/count_allocations.c"
BROADCASTS = 200


class Counter:
    """The allocations of a process into which the counter is loaded."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "counts"
        self.library = folder / "libcount.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", self.library, SOURCE], check=True)

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.library), "COUNT_ALLOCATIONS": str(self.file)}

    async def read(self, pid: int) -> int:
        lines = len(self.lines())
        os.kill(pid, signal.SIGUSR2)
        for _ in range(500):
            if len(self.lines()) > lines:
                return int(self.lines()[-1])
            await asyncio.sleep(0.01)
        raise TimeoutError("the server did not tell what it allocated")

    def lines(self) -> list[str]:
        return self.file.read_text().split() if self.file.exists() else []


async def cost(port: int, pid: int, counter: Counter, members: int) -> float:
    """The allocations for one broadcast to so many members, its sender's message included."""
    room = f"/bench/{uuid.uuid4()}"
    sessions = [await WebSocketSession.open(port, f"username=m{n}") for n in range(members)]
    for session in sessions:
        await session.join(room)
        await session.find(event="ACKNOWLEDGE")
    first = sessions[0]

    async def broadcast(count: int) -> None:
        for n in range(count):
            await first.broadcast(room, "message", {"n": n})
        for session in sessions:
            for _ in range(count):
                await session.find(action="BROADCAST")

    # Buffers and tables grow to their size once.
    await broadcast(BROADCASTS)
    before = await counter.read(pid)
    await broadcast(BROADCASTS)
    after = await counter.read(pid)
    for session in sessions:
        session.abort()
    return (after - before) / BROADCASTS


async def main(build: Path) -> None:
    checks = Checks("allocation")
    with tempfile.TemporaryDirectory() as name:
        counter = Counter(Path(name))
        port = free_port()
        server = Server([str(build / "conformance-app"), str(port)], port, **counter.environment).start()
        try:
            pid = server.process.pid
            few, many = [await cost(port, pid, counter, members) for members in (10, 210)]
            print(f"allocations for a broadcast: {few:.1f} with 10 members, {many:.1f} with 210", flush=True)
            checks.that("a broadcast allocates nothing for a member", (many - few) / 200 < 0.1, (few, many))
        finally:
            server.stop()
    checks.finish()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
