"""The real Python client against the conformance app where it gets narrow: names, numbers, sizes, crowds, races.

    python_edges_check.py BUILD_FOLDER [--reference]

With --reference the reference server stands in for ours: what it does differently is known for its own.
"""

import asyncio
import signal

from pondsocket_client import ClientOptions, PondClient, ResponseTimeoutError
from pondsocket_client.types import ConnectionState
from websockets.exceptions import InvalidStatus

from peer import Checks, Server, server_to_check, until

OPTIONS = ClientOptions(base_reconnect_delay=0.05, max_reconnect_delay=0.2)


def client(port: int, name: str, **more) -> PondClient:
    return PondClient(f"http://127.0.0.1:{port}/socket", {"username": name, **more}, OPTIONS)


async def connected(port: int, name: str, **more) -> PondClient:
    made = client(port, name, **more)
    await made.connect()
    await until(lambda: made.get_state() == ConnectionState.CONNECTED)
    return made


async def joined(by: PondClient, name: str):
    channel = by.create_channel(name)
    channel.join()
    await until(lambda: channel.channel_state.value in ("JOINED", "DECLINED"))
    return channel


async def connections(port: int, checks: Checks) -> None:
    for name in ("ann & bob = 1+1", "Jürgen 日本 🦆", "100% a=b;c"):
        ann = await connected(port, name)
        room = await joined(ann, "/chat/params")
        me = await room.send_for_response("whoami", {})
        checks.that(f"the parameter {name!r} arrives whole", me["assigns"]["username"] == name, me)
        await ann.disconnect()
    for token, status in (("bad", 401), ("forbidden", 403), ("none", 401), ("crash", 500)):
        errors: list[BaseException] = []
        refused = client(port, "x", token=token)
        refused.on_error(errors.append)
        await refused.connect()
        first = errors[0] if errors else None
        checks.that(
            f"token={token} is declined with {status}",
            isinstance(first, InvalidStatus) and first.response.status_code == status,
            errors,
        )
        await refused.disconnect()


async def names(port: int, checks: Checks) -> None:
    ann, bob = await connected(port, "ann"), await connected(port, "bob")
    wanted = ["/chat/日本 ö", "/chat/a%20b", "/chat/a b", "/chat/1?x=1&y=%20", "/chat/2/", "chat/3", "//chat//4", "/chat/%E2%82%AC", "/chat/%zz"]
    for name in wanted:
        one, two = await joined(ann, name), await joined(bob, name)
        heard: list[dict] = []
        two.on_message_event("message", lambda m, heard=heard: heard.append(m.payload))
        one.send_message("message", {"text": name})
        checks.that(f"the channel {name!r} is one for both", await until(lambda heard=heard: bool(heard), 3), one.channel_state)
    checks.that("names that mean the same are channels of their own", len({c.name for c in ann._channels.values()}) == len(wanted))
    both = [p["username"] for p in ann.create_channel("/chat/a b").presence]
    checks.that("and each has its own presence", both == ["ann", "bob"], both)
    many = [ann.create_channel(f"/bench/{number}") for number in range(200)]
    for channel in many:
        channel.join()
    checks.that("200 channels on one connection are joined", await until(lambda: all(c.channel_state.value == "JOINED" for c in many)))
    answers = await asyncio.gather(*(c.send_for_response("echo", {"n": n}) for n, c in enumerate(many)))
    checks.that("and each answers for itself", [a["n"] for a in answers] == list(range(200)))
    await ann.disconnect()
    await bob.disconnect()


async def values(port: int, checks: Checks) -> None:
    ann = await connected(port, "ann")
    room = await joined(ann, "/chat/values")
    odd = {
        "int64": 2**63 - 1, "uint64": 2**64 - 1, "negative": -(2**63), "beyond": 2**53 + 1, "float": 1.5, "large": 1e300, "small": 5e-324,
        "null": None, "nested": {"a": [None, True, {"b": None, "": "empty key"}]}, "text": "\u0000\u001f\"\\/\u2028🦆", "empty": {}, "list": [],
    }
    answer = await room.send_for_response("ping", odd)
    checks.that("every kind of value comes back as it went", answer == odd, answer)
    await room.send_for_response("assign", odd)
    me = await room.send_for_response("whoami", {})
    checks.that("and out of the assigns", {k: me["assigns"].get(k, "missing") for k in odd} == odd, me["assigns"])
    checks.that("assigns lie over what was there", me["assigns"]["username"] == "ann")
    everyone = await room.send_for_response("state", {})
    checks.that("and are the same in everybody's", list(everyone["assigns"].values())[0].get("uint64") == 2**64 - 1)
    for size in (1_000, 100_000, 1_000_000):
        answer = await room.send_for_response("ping", {"text": "x" * size}, wait=10)
        checks.that(f"{size} bytes come back", len(answer["text"]) == size)
    bench = await joined(ann, "/bench/odd")
    for event in ("*", "日本", "a b", "message ", "MESSAGE", ":x", "a/b", "?", "0"):
        try:
            answer = await bench.send_for_response(event, {}, wait=2)
        except ResponseTimeoutError as error:
            answer = {"error": str(error)}
        checks.that(f"the event {event!r} has no handler and is told so", answer.get("code") == "HANDLER_NOT_FOUND", answer)
    answer = await bench.send_for_response("echo", {"n": 1})
    checks.that("and all goes on after them", answer == {"n": 1})
    room.send_message("ping", {"text": "x" * 1_100_000})
    checks.that("a message over the limit ends the connection", await until(lambda: ann.get_state() != ConnectionState.CONNECTED, 5))
    checks.that("which comes back", await until(lambda: room.channel_state.value == "JOINED" and ann.get_state() == ConnectionState.CONNECTED))
    await ann.disconnect()


async def races(port: int, checks: Checks) -> None:
    ann, witness = await connected(port, "ann"), await connected(port, "witness")
    seen = await joined(witness, "/chat/races")
    for _ in range(50):
        room = ann.create_channel("/chat/races")
        room.join()
        if _ % 3:
            await until(lambda room=room: room.channel_state.value == "JOINED")
        room.leave()
    room = await joined(ann, "/chat/races")
    checks.that("left and joined at once, fifty times, it is a member", room.channel_state.value == "JOINED", room.channel_state)
    answer = await room.send_for_response("ping", {"n": 1})
    checks.that("and is answered", answer == {"n": 1}, answer)
    checks.that(
        "and is there once",
        await until(lambda: sorted(p["username"] for p in seen.presence) == ["ann", "witness"], 3),
        seen.presence,
    )
    me = await room.send_for_response("whoami", {})
    for _ in range(5):
        seen.send_message("kick", {"userId": me["userId"], "reason": "again"})
        await until(lambda: [p["username"] for p in seen.presence] == ["witness"], 3)
        # The reference client does not close a channel at its eviction.
        room.leave()
        room = await joined(ann, "/chat/races")
    checks.that("evicted and back, five times", room.channel_state.value == "JOINED" and (await room.send_for_response("ping", {"n": 2})) == {"n": 2})
    pending = [asyncio.create_task(room.send_for_response("silent", {}, wait=5)) for _ in range(20)]
    await asyncio.sleep(0)
    await ann.disconnect()
    ended = await asyncio.wait_for(asyncio.gather(*pending, return_exceptions=True), 6)
    checks.that("requests under way end with the connection", all(isinstance(e, BaseException) for e in ended), ended[:2])
    checks.that("and the others hear it go", await until(lambda: [p["username"] for p in seen.presence] == ["witness"], 3), seen.presence)
    await witness.disconnect()


async def crowds(server: Server, checks: Checks) -> None:
    crowd = await asyncio.gather(*(connected(server.port, f"user{number}") for number in range(200)))
    rooms = [one.create_channel("/chat/crowd") for one in crowd]
    for room in rooms:
        room.join()
    checks.that("200 users join one channel", await until(lambda: all(r.channel_state.value == "JOINED" for r in rooms), 30))
    checks.that("and everybody sees all", await until(lambda: all(len(r.presence) == 200 for r in rooms), 30), {len(r.presence) for r in rooms})
    lists = {tuple(p["username"] for p in room.presence) for room in rooms}
    checks.that("in one order", len(lists) == 1)
    for room in rooms[::2]:
        room.leave()
    left = rooms[1::2]
    checks.that("after 100 left everybody sees the others", await until(lambda: all(len(r.presence) == 100 for r in left), 30))
    for one in crowd[20:]:
        await one.disconnect()
    stay = crowd[:20]
    rooms = [one.create_channel("/chat/crowd") for one in stay]
    for room in rooms:
        room.join()
    await until(lambda: all(r.channel_state.value == "JOINED" and len(r.presence) == 20 for r in rooms), 10)
    server.stop(signal.SIGTERM)
    checks.that("a stopped server stalls them all", await until(lambda: all(r.channel_state.value == "STALLED" for r in rooms)))
    server.start()
    checks.that("all of them join again", await until(lambda: all(r.channel_state.value == "JOINED" for r in rooms), 20))
    checks.that("and see one another again", await until(lambda: all(len(r.presence) == 20 for r in rooms), 10), {len(r.presence) for r in rooms})
    for one in stay:
        await one.disconnect()


async def check(server: Server, checks: Checks) -> None:
    await connections(server.port, checks)
    await names(server.port, checks)
    await values(server.port, checks)
    await races(server.port, checks)
    await crowds(server, checks)


def main() -> None:
    server = server_to_check()
    checks = Checks("python client at the edges")
    try:
        asyncio.run(check(server, checks))
    finally:
        server.stop()
    checks.finish()


if __name__ == "__main__":
    main()
