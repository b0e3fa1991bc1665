"""What the checks of the chat share: a real pond-server, and users of it on real sockets."""

import asyncio
import json
import os
import queue
import signal
import subprocess
import threading
import uuid
from pathlib import Path
from urllib.parse import urlencode

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from sessions import WebSocketSession

DIRECTORY = "/directory"
GENERAL = "/lobby/general"
ROOMY = ("--message-burst", "100000", "--messages-per-second", "100000")


class Refused(Exception):
    """The server does not let somebody in, or answers with an error."""

    def __init__(self, status: int, message: str, more: dict | None = None) -> None:
        super().__init__(f"{status} {message}")
        self.status, self.message, self.more = status, message, more or {}


class ChatServer:
    """The program on one data folder; what it prints is in `greeting`, what it logs in `log`."""

    def __init__(self, program: str | Path, folder: Path | None, *flags: str, **environment: str) -> None:
        self.program, self.folder, self.flags, self.environment = str(program), folder, list(flags), environment
        self.port, self.greeting, self.log = 0, [], []
        self.process: subprocess.Popen | None = None

    def command(self) -> list[str]:
        place = ["--data", str(self.folder)] if self.folder else []
        port = [] if "--port" in self.flags else ["--port", str(self.port)]
        return [self.program, *port, *place, *self.flags]

    def start(self) -> "ChatServer":
        environment = {name: value for name, value in os.environ.items() if not name.startswith("POND_")}
        self.process = subprocess.Popen(
            self.command(), env={**environment, **self.environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        threading.Thread(target=self._log, args=(self.process.stderr,), daemon=True).start()
        lines: queue.Queue = queue.Queue()
        threading.Thread(target=self._greet, args=(self.process.stdout, lines), daemon=True).start()
        try:
            line = lines.get(timeout=30)
        except queue.Empty:
            self.kill()
            raise SystemExit(f"{self.program} did not say that it listens within 30 s") from None
        if "listening" not in line:
            raise SystemExit(f"{self.program} ended with {self.process.wait(10)}: {''.join(self.log)}")
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def _greet(self, stream, lines: queue.Queue) -> None:
        for line in stream:
            self.greeting.append(line.rstrip("\n"))
            lines.put(line)
        lines.put("")

    def _log(self, stream) -> None:
        for line in stream:
            self.log.append(line)

    def hangup(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def terminate(self) -> None:
        self.process.terminate()

    def stop(self, seconds: float = 20) -> int:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def refused(self, seconds: float = 20) -> tuple[int, str]:
        """Starts where it must not start: its exit code, and what it says."""
        done = self.run(*self.command()[1:], seconds=seconds)
        return done.returncode, done.stderr

    def run(self, *arguments: str, seconds: float = 20) -> subprocess.CompletedProcess:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("POND_")}
        return subprocess.run(
            [self.program, *arguments], env={**environment, **self.environment}, capture_output=True, text=True, timeout=seconds
        )

    def admin(self, *arguments: str) -> str:
        """What a command prints; raises where it fails."""
        done = self.run("admin", *arguments, "--data", str(self.folder), seconds=60)
        if done.returncode:
            raise Refused(done.returncode, done.stderr.strip())
        return done.stdout

    def __enter__(self) -> "ChatServer":
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process and self.process.poll() is None:
            self.kill()


class User:
    """A user's connection. Everything heard is kept in order in `frames`; looking does not take it away."""

    session: WebSocketSession
    identity: dict

    @classmethod
    async def come(cls, server: ChatServer, name: str | None, token: str | None = None, *, headers: dict | None = None,
                   tls=None, kind=WebSocketSession) -> "User":
        self = cls()
        self.asked = {}
        # As our own client does: it keeps its session.
        headers = {"Pond-Session": "new", **(headers or {})}
        query = urlencode({key: value for key, value in (("name", name), ("token", token)) if value is not None})
        if kind is WebSocketSession:
            self.session = WebSocketSession()
            self.session._arrived = self._arrived
            scheme = "wss" if tls else "ws"
            try:
                self.session.socket = await connect(
                    f"{scheme}://127.0.0.1:{server.port}/socket?{query}", additional_headers=headers, max_size=None,
                    ping_interval=None, ssl=tls, server_hostname="localhost" if tls else None, proxy=None,
                )
            except InvalidStatus as refusal:
                raise Refused(refusal.response.status_code, refusal.response.body.decode(errors="replace"),
                              dict(refusal.response.headers)) from None
            self.session.reader = asyncio.create_task(self.session._read())
        else:
            self.session = await kind.open(server.port, query, headers=headers)
            self.session._arrived = self._arrived
            if self.session.status != 200:
                raise Refused(self.session.status, "")
        self.watcher = asyncio.create_task(self._watch())
        self.identity = (await self.hear(event="identity")).get("payload", {})
        return self

    async def _arrived(self, frame: dict) -> None:
        await type(self.session)._arrived(self.session, frame)
        if asked := self.asked.get(frame.get("requestId")):
            answers, done = asked
            answers.append(frame)
            if (frame["event"] in ("DELIVERED", "NOT_FOUND") or frame["action"] == "ERROR") and not done.done():
                done.set_result(frame)

    async def _watch(self) -> None:
        """Wakes who waits for more when nothing more can come."""
        await asyncio.wait([self.session.reader])
        async with self.session._news:
            self.session._news.notify_all()

    @property
    def name(self) -> str:
        return self.identity["name"]

    @property
    def token(self) -> str | None:
        return self.identity.get("token")

    @property
    def frames(self) -> list[dict]:
        return self.session.frames

    @property
    def mark(self) -> int:
        return len(self.frames)

    async def hear(self, fits=None, since: int = 0, seconds: float = 5.0, **wanted) -> dict:
        """The first frame since a mark with these fields; an empty object when none comes in time."""

        def found() -> dict:
            for frame in self.frames[since:]:
                if all(frame.get(key) == value for key, value in wanted.items()) and (fits is None or fits(frame)):
                    return frame
            return {}

        session = self.session
        async with session._news:
            try:
                await asyncio.wait_for(session._news.wait_for(lambda: bool(found()) or session.reader.done()), seconds)
            except TimeoutError:
                pass
        return found()

    def heard(self, since: int = 0, **wanted) -> list[dict]:
        return [f for f in self.frames[since:] if all(f.get(key) == value for key, value in wanted.items())]

    async def do(self, channel: str, event: str, payload: object = None, *, seconds: float = 10.0, request: str | None = None) -> dict:
        """Sends an event and waits until it is done: the payload of the answer, if any; raises where it is refused."""
        request = request or str(uuid.uuid4())
        answers, done = self.asked[request] = ([], asyncio.get_running_loop().create_future())
        message = {"action": "BROADCAST", "event": event, "channelName": channel, "requestId": request, "ack": True,
                   "payload": payload or {}}
        try:
            await self.session.send_text(json.dumps(message))
            await asyncio.wait([done, self.session.reader], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self.asked[request]
        if not done.done():
            if self.session.reader.done():
                raise Refused(self.session.closed[0] if self.session.closed else 0, "the connection is closed")
            raise Refused(0, f"no answer to {event} within {seconds} s")
        end = done.result()
        if end["event"] == "NOT_FOUND":
            raise Refused(404, end["payload"]["message"])
        if end["action"] == "ERROR":
            more = end["payload"]
            raise Refused(more.get("status", 0), more.get("message", ""), more)
        answers = [frame for frame in answers if frame is not end]
        return answers[0]["payload"] if answers else {}

    async def say(self, channel: str, text: str, *, seconds: float = 10.0, **more) -> str:
        """Says something and waits until it is stored: the message's id."""
        message = more.pop("id", str(uuid.uuid4()))
        await self.do(channel, "message", {"id": message, "text": text, **more}, seconds=seconds)
        return message

    async def join(self, channel: str, payload: object = None, **more) -> dict:
        """Joins: the welcome's payload in rooms; raises where the server declines."""
        since = self.mark
        request = await self.session.join(channel, payload, **more)
        answer = await self.hear(lambda f: f["action"] in ("SYSTEM", "ERROR"), since, 10, requestId=request)
        if answer.get("event") != "ACKNOWLEDGE":
            details = answer.get("payload", {})
            raise Refused(details.get("code") if isinstance(details.get("code"), int) else details.get("status", 0),
                          details.get("message", str(answer)), details)
        if channel == DIRECTORY:
            return answer["payload"]
        welcome = await self.hear(since=since, event="welcome", channelName=channel)
        return welcome.get("payload", {})

    async def leave(self, channel: str) -> None:
        since = self.mark
        request = await self.session.leave(channel)
        await self.hear(since=since, requestId=request)

    async def told(self, channel: str, event: str, since: int = 0, seconds: float = 5.0, **payload) -> dict:
        """The payload of the first broadcast of an event in a channel whose payload has these members."""
        frame = await self.hear(
            lambda f: all(f["payload"].get(key) == value for key, value in payload.items()), since, seconds,
            channelName=channel, event=event,
        )
        return frame.get("payload", {})

    async def mark_and(self, other: "User", channel: str, event: str, payload: dict) -> dict:
        """Does something, and waits until the other one is told of it."""
        since = other.mark
        await self.do(channel, event, payload)
        return await other.told(channel, event, since)

    def presence(self, channel: str) -> list[dict]:
        """Who is in a channel, after the latest news of it."""
        news = [f for f in self.frames if f["action"] == "PRESENCE" and f["channelName"] == channel]
        return news[-1]["payload"]["presence"] if news else []

    async def closed(self, seconds: float = 5.0) -> tuple | None:
        """How the connection ended; nothing when it did not."""
        try:
            await asyncio.wait_for(asyncio.shield(self.session.reader), seconds)
        except TimeoutError:
            return None
        return self.session.closed

    async def go(self) -> None:
        await self.session.close()

    def lose(self) -> None:
        self.session.abort()


async def refusal(action) -> int:
    """The status with which something is refused; 200 when it is not."""
    try:
        await action
        return 200
    except Refused as refused:
        return refused.status
