"""The second part of the protocol, frame by frame: offsets, recovery, acknowledged sends, sessions, deltas, drain.

    durable_check.py BUILD_FOLDER
"""

import asyncio
import json
import random
import signal
import uuid

from peer import Checks, Server, server_to_check, until
from sessions import Session, SSESession, WebSocketSession


async def opened(kind: type[Session], port: int, name: str, token: str | None = None) -> tuple[Session, dict]:
    session = await kind.open(port, f"username={name}", headers={"Pond-Session": token or "new"})
    frame = await session.next()
    return session, frame.get("payload", {})


async def conversation(kind: type[Session], port: int, checks: Checks) -> None:
    name = kind.__name__

    def that(promise: str, holds: bool, detail: object = "") -> None:
        checks.that(f"{name}: {promise}", holds, detail)

    room = f"/durable/{uuid.uuid4()}"
    alice, hello = await opened(kind, port, "alice")
    pond = hello.get("pond", {})
    that("CONNECTION offers version 2 with a session", pond.get("v") == 2 and len(pond.get("session", "")) >= 32 and pond.get("resume", 0) > 0, hello)
    await alice.join(room)
    ack = (await alice.find(event="ACKNOWLEDGE"))
    start = ack.get("payload", {})
    that("the join's answer says epoch and offset", bool(start.get("epoch")) and start.get("offset") == 0, ack)
    bob, bobs = await opened(kind, port, "bob")
    await bob.join(room)
    await bob.find(event="ACKNOWLEDGE")

    for n in range(5):
        request = await alice.broadcast(room, "message", {"n": n}, ack=True)
        seen = [await alice.find(action="BROADCAST"), await alice.find(event="DELIVERED")]
        that(f"message {n} is numbered {n + 1}", seen[0].get("offset") == n + 1, seen[0])
        that(f"message {n} is acknowledged by its requestId", (seen[1].get("action"), seen[1].get("requestId")) == ("SYSTEM", request), seen[1])
    heard = [await bob.find(action="BROADCAST") for _ in range(5)]
    that("others see the same numbers", [f.get("offset") for f in heard] == [1, 2, 3, 4, 5], heard)
    if isinstance(bob, SSESession):
        that("the id line carries the position", bool(bob.events[-1].get("id")), bob.events[-1])

    repeat = await alice.broadcast(room, "message", {"n": "once"}, ack=True)
    await alice.find(event="DELIVERED")
    await alice.send_text(json.dumps({"action": "BROADCAST", "event": "message", "channelName": room, "requestId": repeat,
                                      "payload": {"n": "once"}, "ack": True}))
    again = await alice.find(event="DELIVERED")
    that("a repeat is acknowledged again", again.get("requestId") == repeat, again)
    extra = [f for f in await bob.settle(room) if f.get("payload", {}).get("n") == "once"]
    that("and handled once", len(extra) == 1, extra)
    request = await alice.broadcast(room, "nosuch", {}, ack=True)
    frame = await alice.find(requestId=request)
    that("an acknowledged send that fails is answered with its error", frame.get("event") == "HANDLER_NOT_FOUND", frame)

    # A dropped connection, resumed: the same user, no leave, and exactly what was missed.
    witness, _ = await opened(kind, port, "witness")
    await witness.join(room)
    await witness.find(event="ACKNOWLEDGE")
    bob.abort()
    for n in range(10, 20):
        await alice.broadcast(room, "message", {"n": n}, ack=True)
        await alice.find(event="DELIVERED")
    bob, back = await opened(kind, port, "bob", bobs["pond"]["session"])
    that("the session gives back the same user id", back.get("id") == bobs.get("id"), (back, bobs))
    last = 6
    request = await bob.join(room, recover={"epoch": start["epoch"], "offset": last})
    ack = await bob.find(event="ACKNOWLEDGE", requestId=request)
    that("a join that recovers is answered recovered with the count",
         (ack.get("payload", {}).get("recovered"), ack.get("payload", {}).get("replayed")) == (True, 10), ack)
    missed = [await bob.next() for _ in range(10)]
    that("exactly the missed ones follow, in order", [f.get("payload", {}).get("n") for f in missed] == list(range(10, 20)), missed)
    that("with their own offsets", [f.get("offset") for f in missed] == list(range(7, 17)), missed)
    await alice.broadcast(room, "message", {"n": 99})
    that("then the new ones", (await bob.find(action="BROADCAST")).get("offset") == 17)

    for label, position in (("another epoch", {"epoch": "nonsense", "offset": 1}), ("the future", {"epoch": start["epoch"], "offset": 10**9})):
        stranger, _ = await opened(kind, port, "stranger")
        request = await stranger.join(room, recover=position)
        ack = await stranger.find(event="ACKNOWLEDGE", requestId=request)
        that(f"recovery from {label} is refused whole", ack.get("payload", {}).get("recovered") is False, ack)
        that(f"and replays nothing ({label})", not [f for f in await stranger.settle(room) if f["action"] == "BROADCAST"])
        await stranger.close()

    # Presence: no flapping within the grace time; deltas for who asks for them.
    lounge = f"/present/{uuid.uuid4()}"
    await witness.join(lounge)
    await witness.find(action="PRESENCE", event="JOIN")
    carol, carols = await opened(kind, port, "carol")
    await carol.join(lounge)
    await witness.find(action="PRESENCE", event="JOIN")
    carol.abort()
    carol, back = await opened(kind, port, "carol", carols["pond"]["session"])
    that("a session is taken up again", back.get("id") == carols.get("id"), back)
    await carol.join(lounge)
    await carol.find(event="ACKNOWLEDGE")
    flaps = [f for f in await witness.settle(lounge) if f["action"] == "PRESENCE"]
    that("nobody sees a leave or a join", not flaps, flaps)
    thief, stolen = await opened(kind, port, "carol", carols["pond"]["session"])
    that("a second socket takes a live session over", stolen.get("id") == carols.get("id"), stolen)
    that("and the old one ends", await until(lambda: carol.closed is not None))
    await thief.close()

    delta, _ = await opened(kind, port, "delta")
    await delta.join(lounge, presence="delta")
    state = await delta.find(action="PRESENCE")
    that("who asks for deltas gets one PRESENCE/STATE with all",
         state.get("event") == "STATE" and any(p.get("presence", {}).get("username") == "witness" for p in state.get("payload", {}).get("presence", [])), state)
    dave, _ = await opened(kind, port, "dave")
    await dave.join(lounge)
    change = {}
    while change := await delta.find(action="PRESENCE"):
        if change["payload"].get("changed", {}).get("username") == "dave":
            break
    that("and then changes alone", set(change.get("payload", {})) == {"id", "changed"}, change)
    full = await dave.find(action="PRESENCE", event="JOIN")
    that("who does not ask gets full lists", len(full.get("payload", {}).get("presence", [])) >= 2, full)
    for session in (alice, bob, witness, delta, dave):
        await session.close()


async def long_absence(kind: type[Session], port: int, checks: Checks) -> None:
    """More is missed than a connection may have in its queue; it comes whole, and what is new comes after it."""
    room, total, text = f"/durable/{uuid.uuid4()}", 9_000, "x" * 300
    sender, _ = await opened(WebSocketSession, port, "sender")
    await sender.join(room)
    epoch = (await sender.find(event="ACKNOWLEDGE"))["payload"]["epoch"]
    for n in range(total):
        await sender.broadcast(room, "message", {"n": n, "text": text}, ack=True)
        if n % 500 == 499:
            while (await sender.find(action="BROADCAST")).get("offset", total) <= n:
                pass
    reader, _ = await opened(kind, port, "reader")
    request = await reader.join(room, recover={"epoch": epoch, "offset": 0})
    ack = (await reader.find(event="ACKNOWLEDGE", requestId=request)).get("payload", {})
    checks.that(f"{kind.__name__}: a long absence is recovered whole",
                (ack.get("recovered"), ack.get("replayed")) == (True, total), ack)
    await sender.broadcast(room, "message", {"n": total})
    seen = [await reader.find(action="BROADCAST", seconds=20) for _ in range(total + 1)]
    checks.that(f"{kind.__name__}: in order, before what is new",
                [f.get("offset") for f in seen] == list(range(1, total + 2)), [f.get("offset") for f in seen[-5:]])
    for session in (sender, reader):
        await session.close()


async def random_cuts(port: int, checks: Checks, seed: int) -> None:
    """A sender and a reader that lose their sockets again and again by the letter of the protocol: nothing lost, doubled, reordered."""
    dice = random.Random(seed)
    room, total = f"/durable/{uuid.uuid4()}", 400
    sender, hello = await opened(WebSocketSession, port, "sender")
    token = hello["pond"]["session"]
    await sender.join(room)
    epoch = (await sender.find(event="ACKNOWLEDGE"))["payload"]["epoch"]
    reader, _ = await opened(WebSocketSession, port, "reader")
    await reader.join(room)
    await reader.find(event="ACKNOWLEDGE")
    got: list[int] = []
    offset = 0
    pending: list[tuple[str, int]] = []

    async def drain(session: Session, want: int | None = None) -> None:
        nonlocal offset
        while frame := await session.next(3 if want is not None else 0.02):
            if frame.get("action") == "BROADCAST" and frame.get("offset", 0) > offset:
                offset = frame["offset"]
                got.append(frame["payload"]["n"])
            if want is not None and len(got) >= want:
                return

    async def settle_acks(seconds: float) -> None:
        while pending and (frame := await sender.next(seconds)):
            if frame.get("event") == "DELIVERED":
                pending[:] = [(r, n) for r, n in pending if r != frame["requestId"]]

    async def send(request: str, n: int) -> None:
        await sender.send_text(json.dumps({"action": "BROADCAST", "event": "message", "channelName": room,
                                           "requestId": request, "payload": {"n": n}, "ack": True}))

    for n in range(total):
        pending.append((str(uuid.uuid4()), n))
        await send(*pending[-1])
        if dice.random() < 0.08:
            sender.abort()
            sender, _ = await opened(WebSocketSession, port, "sender", token)
            await sender.join(room)
            await sender.find(event="ACKNOWLEDGE")
            for request, number in list(pending):
                await send(request, number)
        if dice.random() < 0.05:
            await drain(reader)
            reader.abort()
            reader, _ = await opened(WebSocketSession, port, "reader")
            await reader.join(room, recover={"epoch": epoch, "offset": offset})
            answer = await reader.find(event="ACKNOWLEDGE")
            if not answer["payload"].get("recovered"):
                checks.that("every recovery within the history is whole", False, answer)
        if dice.random() < 0.1:
            await settle_acks(0.01)
    await settle_acks(5)
    await drain(reader, total)
    checks.that(f"cuts, seed {seed}: every message was acknowledged", not pending, len(pending))
    checks.that(f"cuts, seed {seed}: lost 0, doubled 0, reordered 0", got == list(range(total)),
                (len(got), [n for n in got if got.count(n) > 1][:5], sorted(set(range(total)) - set(got))[:5]))
    await sender.close()
    await reader.close()


async def drained(server: Server, checks: Checks) -> None:
    session, _ = await opened(WebSocketSession, server.port, "last")
    assert server.process is not None
    server.process.send_signal(signal.SIGTERM)
    notice = await session.find(event="RECONNECT", seconds=10)
    checks.that("a drain is announced on GATEWAY",
                (notice.get("action"), notice.get("channelName")) == ("SYSTEM", "GATEWAY") and notice.get("payload", {}).get("after", -1) >= 0, notice)
    checks.that("and ends with 1001", await until(lambda: session.closed is not None, 20) and session.closed[0] == 1001, session.closed)


async def check(server: Server, checks: Checks) -> None:
    await conversation(WebSocketSession, server.port, checks)
    await conversation(SSESession, server.port, checks)
    await long_absence(WebSocketSession, server.port, checks)
    await long_absence(SSESession, server.port, checks)
    for seed in (1, 2, 3):
        await random_cuts(server.port, checks, seed)
    await drained(server, checks)


def main() -> None:
    server = server_to_check()
    checks = Checks("durable")
    try:
        asyncio.run(check(server, checks))
    finally:
        server.stop()
    checks.finish()


if __name__ == "__main__":
    main()
