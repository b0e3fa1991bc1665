"""Raw sessions with a PondSocket server, over WebSocket and over SSE: what is said is exactly what goes over the wire."""

import asyncio
import json
import socket
import struct
import uuid

from websockets.asyncio.client import connect


class Session:
    """One connection; every frame that arrived is kept in order in `frames`."""

    def __init__(self) -> None:
        self.frames: list[dict] = []
        self.closed: tuple | None = None
        self._news = asyncio.Condition()
        self._cursor = 0

    async def _arrived(self, frame: dict) -> None:
        async with self._news:
            self.frames.append(frame)
            self._news.notify_all()

    async def next(self, seconds: float = 5.0) -> dict:
        """The next frame in order; an empty object when none comes."""
        async with self._news:
            try:
                await asyncio.wait_for(self._news.wait_for(lambda: len(self.frames) > self._cursor), seconds)
            except TimeoutError:
                return {}
            frame = self.frames[self._cursor]
            self._cursor += 1
            return frame

    async def find(self, seconds: float = 5.0, **wanted) -> dict:
        """The next frame with these fields, skipping others; an empty object when none comes."""
        while frame := await self.next(seconds):
            if all(frame.get(key) == value for key, value in wanted.items()):
                return frame
        return {}

    async def settle(self, channel: str) -> list[dict]:
        """Everything up to the answer of a leave of a channel one is not in: a fence, for the server keeps order."""
        fence = await self.leave(channel + "-fence")
        seen = []
        while frame := await self.next():
            if frame.get("requestId") == fence:
                return seen
            seen.append(frame)
        return seen

    async def say(self, action: str, channel: str, event: str, payload: object = None, **more) -> str:
        request = str(uuid.uuid4())
        message = {"action": action, "event": event, "channelName": channel, "requestId": request, "payload": payload or {}}
        await self.send_text(json.dumps({**message, **more}))
        return request

    async def join(self, channel: str, payload: object = None, **more) -> str:
        return await self.say("JOIN_CHANNEL", channel, "JOIN_CHANNEL", payload, **more)

    async def leave(self, channel: str) -> str:
        return await self.say("LEAVE_CHANNEL", channel, "LEAVE_CHANNEL")

    async def broadcast(self, channel: str, event: str, payload: object = None, **more) -> str:
        return await self.say("BROADCAST", channel, event, payload, **more)

    async def send_text(self, text: str) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError


class WebSocketSession(Session):
    @classmethod
    async def open(cls, port: int, query: str = "", path: str = "/socket", headers: dict | None = None) -> "WebSocketSession":
        self = cls()
        self.socket = await connect(
            f"ws://127.0.0.1:{port}{path}?{query}", additional_headers=headers, max_size=None, ping_interval=None
        )
        self.reader = asyncio.create_task(self._read())
        return self

    async def _read(self) -> None:
        try:
            async for text in self.socket:
                for line in text.split("\n"):
                    await self._arrived(json.loads(line))
        except Exception:
            pass
        self.closed = (self.socket.close_code, self.socket.close_reason)

    async def send_text(self, text: str) -> None:
        await self.socket.send(text)

    async def close(self) -> None:
        await self.socket.close()
        self.reader.cancel()

    def abort(self) -> None:
        self.socket.transport.abort()
        self.reader.cancel()

    def reset(self) -> None:
        reset(self.socket.transport)
        self.reader.cancel()


def reset(transport: asyncio.Transport) -> None:
    """Ends a connection with RST."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def http(port: int, method: str, path: str, headers: dict | None = None, body: bytes = b"") -> tuple[int, dict, bytes]:
    """One HTTP request on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    fields = {"Host": f"127.0.0.1:{port}", "Connection": "close", **(headers or {})}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    status, head = await read_head(reader)
    length = head.get("content-length")
    text = await reader.readexactly(int(length)) if length else (await reader.read() if status not in (204, 304) else b"")
    writer.close()
    return status, head, text


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict]:
    status = int((await asyncio.wait_for(reader.readline(), 5)).split()[1])
    head = {}
    while (line := await reader.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode().partition(":")
        head[name.lower()] = value.strip()
    return status, head


class SSESession(Session):
    @classmethod
    async def open(cls, port: int, query: str = "", path: str = "/socket", headers: dict | None = None) -> "SSESession":
        self = cls()
        self.port, self.path = port, path
        self.events: list[dict] = []
        self.stream, self.writer = await asyncio.open_connection("127.0.0.1", port)
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        self.writer.write(
            f"GET {path}?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n{more}\r\n".encode()
        )
        self.status, self.head = await read_head(self.stream)
        self.chunked = self.head.get("transfer-encoding") == "chunked"
        self.connection = self.head.get("x-connection-id", "")
        self.reader = asyncio.create_task(self._read())
        return self

    async def _lines(self):
        pending = b""
        while True:
            if self.chunked:
                size = int((await self.stream.readline()) or b"0", 16)
                data = await self.stream.readexactly(size + 2)
                data = data[:-2]
            else:
                data = await self.stream.read(65536)
            if not data:
                return
            pending += data
            while b"\n" in pending:
                line, _, pending = pending.partition(b"\n")
                yield line.rstrip(b"\r").decode()

    async def _read(self) -> None:
        event: dict = {}
        try:
            async for line in self._lines():
                if not line:
                    if "data" in event:
                        self.events.append(event)
                        await self._arrived(json.loads(event["data"]))
                    event = {}
                elif not line.startswith(":"):
                    name, _, value = line.partition(":")
                    event[name] = value.removeprefix(" ")
        except Exception:
            pass
        self.closed = (1006, "stream ended")

    async def send_text(self, text: str) -> None:
        self.posted, _, self.answer = await http(
            self.port, "POST", self.path, {"X-Connection-ID": self.connection, "Content-Type": "application/json"}, text.encode()
        )

    async def close(self) -> None:
        await http(self.port, "DELETE", self.path, {"X-Connection-ID": self.connection})
        self.abort()

    def abort(self) -> None:
        self.reader.cancel()
        self.writer.transport.abort()

    def reset(self) -> None:
        self.reader.cancel()
        reset(self.writer.transport)
