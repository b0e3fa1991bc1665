#!/usr/bin/env python3
"""Kills a pond-server with SIGKILL at random moments under load, again and again, and looks for what is missing.

Usage: crash_check.py POND_SERVER [ROUNDS] [SEED]

Promises checked: every message whose sender heard that it was delivered is in the history after the restart, once,
each sender's in the order they were sent; a reader that comes back after every crash misses nothing and sees nothing
twice; the database is whole.
"""

import asyncio
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

ROOM = "/lobby/general"
SENDERS = 4
WINDOW = 32
OUTAGES = (OSError, WebSocketException, TimeoutError, asyncio.IncompleteReadError)


class Server:
    """The program under test on one data folder and one port, which it keeps from start to start."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program, self.folder, self.port = program, folder, 0
        self.process: subprocess.Popen | None = None

    def start(self) -> float:
        began = time.monotonic()
        self.process = subprocess.Popen(
            [self.program, "--port", str(self.port), "--data", str(self.folder), "--message-burst", "100000",
             "--messages-per-second", "100000", "--log-level", "warning", "--connections-per-address", "1000"],
            stdout=subprocess.PIPE, text=True,
        )
        line = self.process.stdout.readline()
        if "listening" not in line:
            raise SystemExit(f"the server did not start: {line!r}, exit {self.process.wait()}")
        self.port = int(line.rsplit(":", 1)[1])
        return time.monotonic() - began

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self) -> int:
        self.process.terminate()
        code = self.process.wait(30)
        self.process.stdout.close()
        return code

    def admin(self, *arguments: str) -> str:
        done = subprocess.run([self.program, "admin", *arguments, "--data", str(self.folder)], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"admin {arguments}: {done.stderr}")
        return done.stdout


class Client:
    """A user who comes back after every crash with the token of before."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name, self.token = server, name, None

    async def open(self):
        query = f"name={self.name}" + (f"&token={self.token}" if self.token else "")
        socket = await connect(f"ws://127.0.0.1:{self.server.port}/socket?{query}", max_size=None)
        identity = await self.frame(socket, lambda f: f["event"] == "identity")
        self.token = identity["payload"]["token"]
        return socket

    @staticmethod
    async def frame(socket, fits):
        while True:
            frame = json.loads(await asyncio.wait_for(socket.recv(), 10))
            if fits(frame):
                return frame

    @staticmethod
    async def say(socket, action, event, payload, request=None):
        request = request or str(uuid.uuid4())
        message = {"action": action, "event": event, "channelName": ROOM, "requestId": request, "ack": True, "payload": payload}
        await socket.send(json.dumps(message))
        return request

    async def ask(self, socket, event, payload):
        request = await self.say(socket, "BROADCAST", event, payload)
        # The acknowledgement comes under the same id, after the answer.
        answer = await self.frame(socket, lambda f: f["requestId"] == request and f["event"] != "DELIVERED")
        if answer["action"] == "ERROR":
            raise SystemExit(f"{self.name}: {answer}")
        return answer["payload"]

    async def join(self, socket, payload=None):
        await self.say(socket, "JOIN_CHANNEL", "JOIN_CHANNEL", payload or {})
        frame = await self.frame(socket, lambda f: f["event"] in ("welcome", "UNAUTHORIZED"))
        if frame["event"] != "welcome":
            raise SystemExit(f"{self.name}: {frame}")


class Sender(Client):
    """Sends numbered messages, and sends again what was not confirmed, in the old order."""

    def __init__(self, server, name) -> None:
        super().__init__(server, name)
        self.count, self.confirmed, self.waiting = 0, [], {}

    async def run(self, stop: asyncio.Event) -> None:
        while self.waiting or not stop.is_set():
            try:
                socket = await self.open()
                try:
                    await self.join(socket)
                    for message in self.waiting:
                        await self.send(socket, message)
                    while not stop.is_set():
                        while len(self.waiting) < WINDOW:
                            message = f"{self.name}-{self.count}"
                            self.count += 1
                            self.waiting[message] = True
                            await self.send(socket, message)
                        await self.confirm(socket)
                    while self.waiting:
                        await self.confirm(socket)
                finally:
                    await socket.close()
            except OUTAGES:
                await asyncio.sleep(0.02)

    async def send(self, socket, message) -> None:
        await self.say(socket, "BROADCAST", "message", {"id": message, "text": f"text of {message}"}, request=message)

    async def confirm(self, socket) -> None:
        frame = await self.frame(socket, lambda f: f["event"] in ("message", "DELIVERED") or f["action"] == "ERROR")
        if frame["action"] == "ERROR":
            raise SystemExit(f"{self.name}: {frame}")
        # A server that acknowledges says DELIVERED; the message itself, or its repeat, says it is stored too.
        message = frame["requestId"] if frame["event"] == "DELIVERED" else frame["payload"]["id"]
        if self.waiting.pop(message, None):
            self.confirmed.append(message)


class Reader(Client):
    """Keeps a copy of the room: live, and after a crash by asking for what came after the last message it has."""

    def __init__(self, server) -> None:
        super().__init__(server, "reader")
        self.seen: list[str] = []

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                socket = await self.open()
                try:
                    await self.follow(socket, stop)
                finally:
                    await socket.close()
            except OUTAGES:
                await asyncio.sleep(0.02)

    async def follow(self, socket, stop) -> None:
        await self.join(socket)
        live: list[str] = []
        known = set(self.seen)
        while True:
            request = await self.say(socket, "BROADCAST", "history", {"after": self.seen[-1], "limit": 200} if self.seen else {"limit": 200})
            page = None
            while page is None:
                frame = json.loads(await asyncio.wait_for(socket.recv(), 10))
                if frame["event"] == "message":
                    live.append(frame["payload"]["id"])
                elif frame["requestId"] == request and frame["event"] != "DELIVERED":
                    if frame["action"] == "ERROR":
                        if frame["payload"].get("status") == 429:
                            await asyncio.sleep(frame["payload"]["retryAfter"])
                            break
                        raise SystemExit(f"reader: {frame}")
                    page = frame["payload"]
            if page is None:
                continue
            for message in page["messages"]:
                if message["id"] not in known:
                    known.add(message["id"])
                    self.seen.append(message["id"])
            if not page["hasNewer"]:
                break
        for message in live:
            if message not in known:
                known.add(message)
                self.seen.append(message)
        while not stop.is_set():
            frame = json.loads(await asyncio.wait_for(socket.recv(), 10))
            # A page may have been read before the last of its messages were told.
            if frame["event"] == "message" and frame["payload"]["id"] not in known:
                known.add(frame["payload"]["id"])
                self.seen.append(frame["payload"]["id"])


async def main() -> None:
    program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 30)
    print(f"seed {seed}")
    random.seed(seed)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(program, Path(folder) / "data")
        try:
            server.start()
            await crash(server, rounds)
        finally:
            if server.process and server.process.poll() is None:
                server.kill()


async def crash(server: Server, rounds: int) -> None:
    senders = [Sender(server, f"sender{chr(97 + n) * 3}") for n in range(SENDERS)]
    reader = Reader(server)
    stop, stop_reading = asyncio.Event(), asyncio.Event()
    tasks = [asyncio.create_task(s.run(stop)) for s in senders]
    reading = asyncio.create_task(reader.run(stop_reading))
    slowest = 0.0
    for number in range(rounds):
        await asyncio.sleep(random.uniform(0.2, 1.0))
        for task in [*tasks, reading]:
            if task.done():
                task.result()
        server.kill()
        slowest = max(slowest, server.start())
    await asyncio.sleep(0.5)
    stop.set()
    await asyncio.wait_for(asyncio.gather(*tasks), 60)
    history = [json.loads(line)["id"] for line in server.admin("export", "general").splitlines()]
    deadline = time.monotonic() + 20
    while len(reader.seen) < len(history) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    stop_reading.set()
    reading.cancel()
    print(server.admin("check").strip())
    code = server.stop()

    faults = []
    if len(set(history)) != len(history):
        faults.append(f"{len(history) - len(set(history))} messages are stored twice")
    stored = set(history)
    for sender in senders:
        lost = [m for m in sender.confirmed if m not in stored]
        if lost:
            faults.append(f"{sender.name}: {len(lost)} of {len(sender.confirmed)} confirmed messages are lost, as {lost[:3]}")
        numbers = [int(m.rsplit("-", 1)[1]) for m in history if m.startswith(sender.name)]
        if numbers != sorted(numbers):
            faults.append(f"{sender.name}: stored out of order")
        if numbers != list(range(sender.count)):
            faults.append(f"{sender.name}: {sender.count - len(numbers)} of {sender.count} messages never arrived")
    if reader.seen != history:
        where = next((i for i, (a, b) in enumerate(zip(reader.seen, history)) if a != b), min(len(reader.seen), len(history)))
        faults.append(f"the reader has {len(reader.seen)} messages, the store {len(history)}; they differ from number {where} on")
    if code:
        faults.append(f"the server ended with {code} after SIGTERM")
    confirmed = sum(len(s.confirmed) for s in senders)
    print(f"{rounds} crashes, {confirmed} confirmed of {sum(s.count for s in senders)} sent, {len(history)} stored, "
          f"slowest restart {slowest * 1000:.0f} ms")
    for fault in faults:
        print(f"FAULT: {fault}")
    sys.exit(1 if faults else 0)


asyncio.run(main())
