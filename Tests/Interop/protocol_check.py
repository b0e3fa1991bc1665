"""Every row of the protocol's first part, over WebSocket and over SSE, frame by frame.

    protocol_check.py BUILD_FOLDER
"""

import asyncio
import json
import uuid

from peer import Checks, server_to_check, until
from sessions import SSESession, Session, WebSocketSession, http

UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
STREAM = {"Accept": "text/event-stream"}


def is_uuid(text: object) -> bool:
    try:
        return str(uuid.UUID(str(text), version=4)) == text
    except ValueError:
        return False


async def connecting(port: int, checks: Checks) -> None:
    for name, headers in (("WebSocket", UPGRADE), ("SSE", STREAM)):
        for token, status, words in (
            ("bad", 401, b"Invalid token"),
            ("forbidden", 403, b"Forbidden user"),
            ("none", 401, b"Connection handler did not accept or decline"),
            ("crash", 500, b"Internal Server Error"),
        ):
            got, head, body = await http(port, "GET", f"/socket?token={token}", headers)
            checks.that(f"{name}: token={token} is answered {status}", (got, body.strip()) == (status, words), (got, body))
            checks.that(f"{name}: token={token} as plain text", head.get("content-type", "").startswith("text/plain"), head)
    got, _, _ = await http(port, "GET", "/nope", UPGRADE)
    checks.that("an unknown path is 404", got == 404, got)
    for path in ("/socket/", "//socket"):
        got, _, _ = await http(port, "GET", path + "?token=bad", UPGRADE)
        checks.that(f"{path} is the endpoint", got == 401, got)
    got, _, _ = await http(port, "GET", "/SOCKET?token=bad", UPGRADE)
    checks.that("paths are case-sensitive", got == 404, got)
    got, head, _ = await http(port, "GET", "/socket")
    checks.that("no upgrade is 426 with Upgrade", got == 426 and head.get("upgrade", "").lower() == "websocket", (got, head))
    got, head, _ = await http(port, "GET", "/socket", {**UPGRADE, "Sec-WebSocket-Version": "8"})
    checks.that("a wrong version is 426 with the right one", got == 426 and head.get("sec-websocket-version") == "13", (got, head))
    for key in (None, "short", "!!!not base64!!!!!!!!!!=="):
        headers = {name: value for name, value in UPGRADE.items() if name != "Sec-WebSocket-Key"}
        if key:
            headers["Sec-WebSocket-Key"] = key
        got, _, _ = await http(port, "GET", "/socket", headers)
        checks.that(f"the key {key} is 400", got == 400, got)


async def conversation(kind: type[Session], port: int, checks: Checks) -> None:
    name = kind.__name__

    def that(promise: str, holds: bool, detail: object = "") -> None:
        checks.that(f"{name}: {promise}", holds, detail)

    room = f"/chat/{uuid.uuid4()}"
    alice, bob = await kind.open(port, "username=alice&hello=1"), await kind.open(port, "username=bob")
    first = await alice.next()
    that(
        "the first frame is CONNECT/CONNECTION on GATEWAY with both ids",
        (first.get("action"), first.get("event"), first.get("channelName")) == ("CONNECT", "CONNECTION", "GATEWAY")
        and {"id", "connectionId"} <= set(first.get("payload", {})),
        first,
    )
    welcome = await alice.next()
    that(
        "a connection handler's reply is SYSTEM on GATEWAY",
        (welcome.get("action"), welcome.get("event"), welcome.get("channelName"), welcome.get("payload"))
        == ("SYSTEM", "welcome", "GATEWAY", {"hello": "1"}),
        welcome,
    )
    bob_id = (await bob.next())["payload"]["id"]
    if isinstance(alice, SSESession):
        that("the stream's headers are the promised ones", alice.head.get("content-type") == "text/event-stream; charset=utf-8"
             and alice.head.get("cache-control") == "no-cache, no-transform" and alice.head.get("x-accel-buffering") == "no", alice.head)
        that("the connection id is a secret of its own", first["payload"]["connectionId"] == alice.connection != first["payload"]["id"], first)
        that("the event line names the event", alice.events[0].get("event") == "CONNECTION", alice.events[:1])

    request = await alice.join(room)
    ack = await alice.next()
    that("a join is acknowledged first, with its requestId",
         (ack.get("action"), ack.get("event"), ack.get("channelName"), ack.get("requestId")) == ("SYSTEM", "ACKNOWLEDGE", room, request), ack)
    presence = await alice.next()
    that("then comes the joiner's own presence",
         (presence.get("action"), presence.get("event")) == ("PRESENCE", "JOIN")
         and presence["payload"]["changed"].get("username") == "alice" and len(presence["payload"]["presence"]) == 1, presence)
    that("the five keys come in our order", list(ack)[:4] == ["action", "event", "channelName", "requestId"] and list(ack)[-1] == "payload", list(ack))
    await bob.join(room)
    await bob.find(action="PRESENCE", event="JOIN")
    presence = await alice.find(action="PRESENCE", event="JOIN")
    that("members hear a join with the whole list",
         [p["username"] for p in presence.get("payload", {}).get("presence", [])] == ["alice", "bob"], presence)
    request = await alice.join(room)
    again = [f for f in await alice.settle(room)]
    that("a second join is acknowledged without running the handler twice",
         [(f["event"], f["requestId"]) for f in again] == [("ACKNOWLEDGE", request)], again)

    for channel, code in (("/private/1", 403), ("/nope/1", 404), ("/noreply/1", 401), ("/crash/1", 500)):
        request = await alice.join(channel)
        frame = await alice.next()
        payload = frame.get("payload", {})
        that(f"a join to {channel} is SYSTEM/UNAUTHORIZED {code}",
             (frame.get("action"), frame.get("event"), frame.get("requestId"), payload.get("code"), payload.get("status"))
             == ("SYSTEM", "UNAUTHORIZED", request, code, code) and isinstance(payload.get("message"), str), frame)

    await alice.settle(room), await bob.settle(room)
    sent = await alice.broadcast(room, "message", {"text": "hi", "big": 9007199254740993, "deep": {"a": [1.5, None, True]}})
    ours, theirs = await alice.next(), await bob.next()
    that("a broadcast reaches all as BROADCAST/<event>",
         (theirs.get("action"), theirs.get("event"), theirs.get("payload", {}).get("text")) == ("BROADCAST", "message", "hi"), theirs)
    that("with one fresh requestId for all", ours.get("requestId") == theirs.get("requestId") != sent and is_uuid(ours.get("requestId")), (ours, theirs))
    that("numbers stay exact", theirs.get("payload", {}).get("big") == 9007199254740993, theirs)

    await alice.broadcast(room, "others", {"text": "x"})
    that("broadcastFrom spares the sender", [f["event"] for f in await alice.settle(room)] == [], alice.frames[-2:])
    that("and reaches the others", (await bob.next()).get("event") == "others")
    await alice.broadcast(room, "whisper", {"to": bob_id, "text": "psst"})
    that("broadcastTo reaches the one named", (await bob.next()).get("event") == "whisper")
    that("and nobody else", not any(f["event"] == "whisper" for f in await alice.settle(room)))

    request = await alice.broadcast(room, "ping", {"n": 1})
    reply = await alice.next()
    that("a reply is SYSTEM/<event> with the request's id",
         (reply.get("action"), reply.get("event"), reply.get("requestId")) == ("SYSTEM", "pong", request), reply)
    await alice.broadcast(room, "status", {"status": "away"})
    update = await bob.next()
    that("a presence update carries list and change",
         (update.get("action"), update.get("event"), update.get("payload", {}).get("changed", {}).get("status")) == ("PRESENCE", "UPDATE", "away")
         and [p.get("status") for p in update["payload"]["presence"]] == ["away", "online"], update)
    await alice.next()

    for event, action, code, status in (
        ("nosuch", "ERROR", "HANDLER_NOT_FOUND", 404),
        ("crash", "ERROR", "INTERNAL_SERVER_ERROR", 500),
    ):
        request = await alice.broadcast(room, event, {})
        frame = await alice.next()
        that(f"the event {event} is answered {code}",
             (frame.get("action"), frame.get("event"), frame.get("channelName"), frame.get("requestId"), frame.get("payload", {}).get("status"))
             == (action, code, room, request, status), frame)
    request = await alice.broadcast(room, "silent", {})
    that("a handler may be silent", await alice.settle(room) == [])
    request = await alice.broadcast("/chat/not-joined", "message", {})
    frame = await alice.next()
    that("a broadcast to a channel one is not in is SYSTEM/NOT_FOUND",
         (frame.get("action"), frame.get("event"), frame.get("requestId"), frame.get("payload", {}).get("code")) == ("SYSTEM", "NOT_FOUND", request, 404), frame)

    good = {"action": "BROADCAST", "event": "ping", "channelName": room, "requestId": "r1", "payload": {}}
    for label, text, echoed in (
        ("no JSON", "hello", False),
        ("an array", "[1]", False),
        ("a number", "7", False),
        ("an empty text", "", False),
        ("an unknown action", json.dumps({**good, "action": "DANCE"}), True),
        ("a payload that is no object", json.dumps({**good, "payload": [1]}), True),
        ("a null payload", json.dumps({**good, "payload": None}), True),
        ("an empty event", json.dumps({**good, "event": ""}), True),
        ("an empty channelName", json.dumps({**good, "channelName": ""}), True),
        ("an empty requestId", json.dumps({**good, "requestId": ""}), False),
        ("a requestId that is a number", json.dumps({**good, "requestId": 7}), False),
        *((f"no {key}", json.dumps({k: v for k, v in good.items() if k != key}), key != "requestId") for key in good),
        ("nesting over the limit", json.dumps(good).replace("{}", '{"a":' + "[" * 500 + "]" * 500 + "}"), None),
        ("a number without end", json.dumps(good).replace("{}", '{"a":1e999}'), None),
        ("trailing text", json.dumps(good) + "x", None),
    ):
        await alice.send_text(text)
        frame = await alice.next()
        payload = frame.get("payload", {})
        that(f"{label} is ERROR/INVALID_MESSAGE on GATEWAY",
             (frame.get("action"), frame.get("event"), frame.get("channelName"), payload.get("code"), payload.get("status"))
             == ("ERROR", "INVALID_MESSAGE", "GATEWAY", "INVALID_MESSAGE", 400)
             and payload.get("error") == payload.get("message") and bool(payload.get("message")), frame)
        if echoed is not None:
            that(f"{label}: the requestId is {'echoed' if echoed else 'fresh'}",
                 frame.get("requestId") == "r1" if echoed else is_uuid(frame.get("requestId")), frame)
    request = await alice.broadcast(room, "ping", {})
    that("the connection is alive after all of that", (await alice.next()).get("requestId") == request)
    await alice.send_text(json.dumps({**good, "requestId": "n1"}) + "\n" + json.dumps({**good, "requestId": "n2"}))
    that("newline-separated messages are handled in order", [(await alice.next()).get("requestId") for _ in range(2)] == ["n1", "n2"])
    await alice.send_text(json.dumps({**good, "requestId": "u1", "zzz": {"a": 1}}))
    that("unknown keys are ignored", (await alice.next()).get("requestId") == "u1")

    for text, read in (("cut \ud83d", "cut \ufffd"), ("\ude00!", "\ufffd!"), ("\ud83d\U0001f600", "\ufffd\U0001f600")):
        await alice.broadcast(room, "message", {"text": text, "\ud83d": 1})
        ours, theirs = await alice.next(), await bob.next()
        that(f"a lone surrogate {ascii(text)} is passed on as U+FFFD",
             ours.get("payload", {}).get("text") == theirs.get("payload", {}).get("text") == read and theirs["payload"].get("\ufffd") == 1, theirs)
        await alice.broadcast(room, "status", {"status": text})
        ours, theirs = await alice.next(), await bob.next()
        that(f"and shown so in the presences: {ascii(text)}",
             ours.get("event") == theirs.get("event") == "UPDATE" and theirs["payload"]["changed"].get("status") == read, theirs)
    request = await alice.say("BROADCAST", room, "ping\ud83d")
    frame = await alice.next()
    that("and read so in a name", (frame.get("requestId"), frame.get("event")) == (request, "HANDLER_NOT_FOUND") and "ping\ufffd" in frame["payload"]["message"], frame)
    await alice.send_text(json.dumps({**good, "action": "JOIN_CHANNEL", "channelName": "/bench/null", "requestId": "null", "payload": None}))
    frame = await alice.next()
    that("a join with a null payload is a join without parameters", (frame.get("event"), frame.get("requestId")) == ("ACKNOWLEDGE", "null"), frame)

    empty = json.dumps({**good, "event": "message", "channelName": "/bench/null", "requestId": "L"})
    await alice.send_text(empty.replace("{}", '{"t":"' + "x" * (2**20 - len(empty) - 6) + '"}'))
    frame = await alice.next()
    that("a message whose broadcast would be over the limit is 413 for its sender",
         (frame.get("action"), frame.get("event"), frame.get("requestId"), frame.get("payload", {}).get("status")) == ("ERROR", "CHANNEL_ERROR", "L", 413), {**frame, "size": len(str(frame))})
    await alice.broadcast(room, "whisper", {"to": [bob_id, "nobody"], "text": "psst"})
    that("broadcastTo takes several", (await bob.next()).get("payload") == {"text": "psst", "from": "alice"})
    request = await bob.broadcast(room, "whoami")
    frame = await bob.find(requestId=request)
    that("whoami tells id and assigns", frame.get("payload") == {"userId": bob_id, "assigns": {"username": "bob"}}, frame)

    numbers = [str(n) for n in range(40)]
    if isinstance(alice, WebSocketSession):
        for n in numbers:
            await alice.send_text(json.dumps({**good, "requestId": n}))
        that("answers keep the order of the requests", [(await alice.next()).get("requestId") for _ in numbers] == numbers)

    await alice.broadcast(room, "kick", {"userId": bob_id})
    evicted = await bob.find(event="EVICTED")
    that("the victim gets SYSTEM/EVICTED with the reason",
         (evicted.get("action"), evicted.get("channelName")) == ("SYSTEM", room) and bool(evicted.get("payload", {}).get("reason")), evicted)
    leave = await alice.find(action="PRESENCE", event="LEAVE")
    that("the others get PRESENCE/LEAVE with the last presence",
         leave.get("payload", {}).get("changed", {}).get("username") == "bob" and len(leave["payload"]["presence"]) == 1, leave)
    request = await bob.broadcast(room, "message", {})
    that("the victim is out", (await bob.find(requestId=request)).get("event") == "NOT_FOUND")

    await bob.join(room)
    await bob.find(event="ACKNOWLEDGE")
    request = await bob.leave(room)
    frame = await bob.find(requestId=request)
    that("a leave is SYSTEM/EXIT_ACKNOWLEDGE", (frame.get("action"), frame.get("event")) == ("SYSTEM", "EXIT_ACKNOWLEDGE"), frame)
    request = await bob.leave(room)
    that("so is a leave of a channel one is not in", (await bob.find(requestId=request)).get("event") == "EXIT_ACKNOWLEDGE")
    that("the others hear the leave", bool(await alice.find(action="PRESENCE", event="LEAVE")))

    await bob.join(room)
    await bob.find(action="PRESENCE", event="JOIN")
    bob.abort()
    that("a connection that ends without a close frame leaves at once", bool(await alice.find(action="PRESENCE", event="LEAVE", seconds=10)))
    for _ in range(20):
        bob = await kind.open(port, "username=bob")
        await bob.join(room)
        joined = await bob.find(action="PRESENCE", event="JOIN")
        that("one that is back at once is there once", [p["username"] for p in joined["payload"]["presence"]] == ["alice", "bob"], joined)
        bob.reset()
        that("a connection that is reset leaves at once", bool(await alice.find(action="PRESENCE", event="LEAVE", seconds=10)))
    await alice.close()


async def only_web_socket(port: int, checks: Checks) -> None:
    for label, frame, code in (
        ("invalid UTF-8 as text", bytes([0x81, 0x82, 0, 0, 0, 0, 0xC3, 0x28]), 1007),
        ("an unmasked frame", bytes([0x81, 0x02, 0x7B, 0x7D]), 1002),
        ("a reserved opcode", bytes([0x83, 0x80, 0, 0, 0, 0]), 1002),
        ("a frame of 2^63 bytes", bytes([0x81, 0xFF]) + (2**63).to_bytes(8, "big") + bytes(4), 1002),
        ("a frame over the limit", bytes([0x81, 0xFF]) + (2**40).to_bytes(8, "big") + bytes(4), 1009),
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = "".join(f"{name}: {value}\r\n" for name, value in UPGRADE.items())
        writer.write(f"GET /socket HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(frame)
        data = await asyncio.wait_for(reader.read(), 10)
        close = data.find(b"\x88")
        got = int.from_bytes(data[close + 2 : close + 4], "big") if close >= 0 else None
        checks.that(f"WebSocket: {label} closes {code}", got == code, (got, data[-40:]))
        writer.close()


    session = await WebSocketSession.open(port, "username=carol")
    await session.next()
    for data in (b"\xff\xfe\x00", b'{"action":"\xed\xa0\xbd"}', b"\xc3"):
        await session.socket.send(data)
        frame = await session.next()
        checks.that("WebSocket: a binary message that is not UTF-8 is INVALID_MESSAGE",
                    (frame.get("action"), frame.get("event"), frame.get("channelName")) == ("ERROR", "INVALID_MESSAGE", "GATEWAY"), frame)
    await session.socket.send(json.dumps({"action": "JOIN_CHANNEL", "event": "x", "channelName": "/bench/1", "requestId": "b", "payload": {}}).encode())
    checks.that("WebSocket: and the socket stays open, also for a binary message that is", (await session.next()).get("requestId") == "b")
    await session.socket.close(4321, "custom ✓")
    await until(lambda: session.closed is not None)
    checks.that("WebSocket: a close frame is answered with its code and reason", session.closed == (4321, "custom ✓"), session.closed)


async def only_sse(port: int, checks: Checks) -> None:
    session = await SSESession.open(port, "username=eve")
    await session.next()
    await session.join("/chat/sse")
    checks.that("SSE: a POST is 204", session.posted == 204, session.posted)
    got, _, _ = await http(port, "POST", "/socket", {"X-Connection-ID": str(uuid.uuid4())}, b"{}")
    checks.that("SSE: a POST to an unknown id is 404", got == 404, got)
    got, _, _ = await http(port, "POST", "/socket", {}, b"{}")
    checks.that("SSE: a POST without id is refused", got in (400, 404), got)
    socket = await WebSocketSession.open(port, "username=mallory")
    other = (await socket.next())["payload"]["connectionId"]
    got, _, _ = await http(port, "POST", "/socket", {"X-Connection-ID": other}, b"{}")
    checks.that("SSE: a POST to a WebSocket's id is 400", got == 400, got)
    got, _, _ = await http(port, "POST", "/socket", {"X-Connection-ID": session.connection}, b"x" * (2 << 20))
    checks.that("SSE: a body over the limit is 413", got == 413, got)
    got, _, _ = await http(port, "DELETE", "/socket", {"X-Connection-ID": str(uuid.uuid4())})
    checks.that("SSE: a DELETE of an unknown id is 404", got == 404, got)
    witness = await SSESession.open(port, "username=witness")
    await witness.join("/chat/sse")
    await witness.find(action="PRESENCE", event="JOIN")
    got, _, _ = await http(port, "DELETE", "/socket", {"X-Connection-ID": session.connection})
    checks.that("SSE: a DELETE is 204", got == 204, got)
    checks.that("SSE: and leaves everywhere", bool(await witness.find(action="PRESENCE", event="LEAVE")))
    checks.that("SSE: and ends the stream", await until(lambda: session.closed is not None))
    got, _, _ = await http(port, "DELETE", "/socket", {"X-Connection-ID": session.connection})
    checks.that("SSE: a second DELETE is 404", got == 404, got)
    await witness.close()
    await socket.close()


async def check(port: int, checks: Checks) -> None:
    await connecting(port, checks)
    await conversation(WebSocketSession, port, checks)
    await conversation(SSESession, port, checks)
    await only_web_socket(port, checks)
    await only_sse(port, checks)


def main() -> None:
    server = server_to_check(grace=120)
    checks = Checks("protocol")
    try:
        asyncio.run(check(server.port, checks))
    finally:
        server.stop()
    checks.finish()


if __name__ == "__main__":
    main()
