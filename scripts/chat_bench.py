#!/usr/bin/env python3
"""Measures a pond-server: from start to listening, memory when idle, and a thousand users in one room.

Usage: chat_bench.py POND_SERVER [USERS] [SECONDS]

The users are plain sockets in this one process, so what is measured holds this process too; a latency is the time
from before a message is written to after it was read by one of the users, over loopback, stored on disk on its way.
"""

import asyncio
import base64
import json
import os
import re
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import uvloop

ROOM = "/lobby/general"
STAMP = re.compile(rb'"text":"at (\d+)"')


def percentiles(values: list[float]) -> str:
    values = sorted(values)
    return ", ".join(f"p{p} {values[min(len(values) - 1, int(len(values) * p / 100))]:.1f}" for p in (50, 95, 99)) + f", max {values[-1]:.1f} ms"


class Server:
    def __init__(self, program: str, folder: str, *flags: str) -> None:
        began = time.perf_counter()
        self.process = subprocess.Popen([program, "--port", "0", "--data", folder, "--log-level", "warning", *flags], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.took = (time.perf_counter() - began) * 1000
        self.port = int(line.rsplit(":", 1)[1])

    def memory(self) -> float:
        """The resident set, in megabytes."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))

    def processor(self) -> float:
        """The seconds of processor time so far."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(30)


class User(asyncio.Protocol):
    """A WebSocket that reads as little as it can: it counts messages, and looks at the time in some."""

    def __init__(self, name: str, timed: bool, latencies: list[float]) -> None:
        self.name, self.timed, self.latencies = name, timed, latencies
        self.messages, self.upgraded, self.pending = 0, False, b""
        self.welcomed = asyncio.get_running_loop().create_future()
        self.delivered: asyncio.Future | None = None

    def connection_made(self, transport) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /socket?name={self.name} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def send(self, action: str, event: str, payload: dict, **more) -> None:
        text = json.dumps({"action": action, "event": event, "channelName": ROOM, "requestId": f"{self.name}-{time.monotonic_ns()}",
                           "payload": payload, **more}).encode()
        head = bytes([0x81, 0x80 | len(text)]) if len(text) < 126 else bytes([0x81, 0x80 | 126]) + struct.pack(">H", len(text))
        self.transport.write(head + b"\0\0\0\0" + text)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        if not self.upgraded:
            self.pending += data
            if b"\r\n\r\n" not in self.pending:
                return
            if not self.pending.startswith(b"HTTP/1.1 101"):
                self.welcomed.set_exception(RuntimeError(self.pending[:200].decode()))
                return
            self.upgraded, self.pending = True, b""
            self.send("JOIN_CHANNEL", "JOIN_CHANNEL", {}, presence="delta")
            return
        if not self.welcomed.done():
            self.pending += data
            if b'"event":"welcome"' in self.pending:
                self.pending = b""
                self.welcomed.set_result(now)
            return
        if self.delivered and not self.delivered.done() and b"DELIVERED" in data:
            self.delivered.set_result(now)
        self.messages += data.count(b'"text":"at ')
        if self.timed:
            for match in STAMP.finditer(data):
                self.latencies.append((now - int(match[1])) / 1e6)

    def connection_lost(self, error) -> None:
        if not self.welcomed.done():
            self.welcomed.set_exception(RuntimeError(f"the connection ended: {error}"))


async def crowd(server: Server, count: int, seconds: float) -> None:
    loop, latencies = asyncio.get_running_loop(), []
    joining: list[float] = []
    users: list[User] = []
    gate = asyncio.Semaphore(64)

    async def come(number: int) -> None:
        async with gate:
            began = time.monotonic_ns()
            _, user = await loop.create_connection(lambda: User(f"user{number}", number % 20 == 0, latencies), "127.0.0.1", server.port)
            users.append(user)
            joining.append((await user.welcomed - began) / 1e6)

    before, began = server.memory(), time.monotonic()
    await asyncio.gather(*(come(number) for number in range(count)))
    print(f"join storm: {count} users in {time.monotonic() - began:.2f} s, 64 at a time; from connect to welcome {percentiles(joining)}")
    await asyncio.sleep(1)
    print(f"memory: {before:.1f} MB idle, {server.memory():.1f} MB with {count} users")
    for phase in (1, 2, 3):
        latencies.clear()
        for user in users:
            user.messages = 0
        cpu, began, sent, storing = server.processor(), time.monotonic(), 0, []
        while time.monotonic() - began < seconds:
            user = users[sent % count]
            user.delivered = loop.create_future()
            start = time.monotonic_ns()
            user.send("BROADCAST", "message", {"id": f"{phase}-{sent}", "text": f"at {start}"}, ack=True)
            user.delivered.add_done_callback(lambda done, start=start: storing.append((done.result() - start) / 1e6))
            sent += 1
            await asyncio.sleep(max(0, began + sent * 0.05 - time.monotonic()))
        deadline = time.monotonic() + 10
        while sum(user.messages for user in users) < sent * count and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        took = time.monotonic() - began
        heard = sum(user.messages for user in users)
        print(f"chatter {phase}: {sent} messages to {count} users in {took:.1f} s, {heard} of {sent * count} heard; "
              f"until heard {percentiles(latencies)}; until DELIVERED {percentiles(storing)}; "
              f"processor {(server.processor() - cpu) / took:.0%}, memory {server.memory():.1f} MB")
    for user in users:
        user.transport.close()
    await asyncio.sleep(1)
    print(f"memory: {server.memory():.1f} MB when all have left")


def main() -> None:
    program = sys.argv[1]
    count, seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000, float(sys.argv[3]) if len(sys.argv) > 3 else 10
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, count + 200)), hard))
    times, sizes = [], []
    for _ in range(10):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(program, folder)
            times.append(server.took)
            time.sleep(0.2)
            sizes.append(server.memory())
            server.stop()
    print(f"start to listening: median {statistics.median(times):.1f} ms, slowest {max(times):.1f} ms, of 10 starts on a new folder")
    print(f"memory when idle: median {statistics.median(sizes):.1f} MB")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(program, folder, "--connections-per-address", str(count + 10), "--connections", str(count + 10), "--drain-time", "1s")
        uvloop.run(crowd(server, count, seconds))
        print(f"ends with {server.stop()}")


main()
