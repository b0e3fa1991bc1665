"""Two of our nodes and two of the reference's, one Redis: who is on one node and who is on another are in one channel.

    cluster_check.py BUILD_FOLDER
"""

import asyncio
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from peer import Checks, Server, free_port, until
from python_client_check import Member, connected
from sessions import WebSocketSession

INTERVAL, TIMEOUT = 1, 3


class Redis:
    """A Redis of the check's own, without persistence."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen | None = None

    def start(self) -> "Redis":
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        )
        return self

    def command(self, *words: str) -> str:
        """What the server answers to a command."""
        return subprocess.run(["redis-cli", "-p", str(self.port), *words], capture_output=True, text=True, check=True).stdout.strip()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)


class Node(Server):
    def __init__(self, name: str, build: str, redis: Redis) -> None:
        port = free_port()
        if name.startswith("swift"):
            command = [str(Path(build) / "conformance-app"), str(port)]
        else:
            command = [sys.executable, str(Path(__file__).with_name("reference_app.py")), str(port)]
        super().__init__(
            command, port,
            POND_REDIS_PORT=str(redis.port), POND_NAMESPACE="check", POND_GRACE="4", POND_HB_INTERVAL=str(INTERVAL), POND_HB_TIMEOUT=str(TIMEOUT),
        )
        self.name = name
        self.is_ours = name.startswith("swift")


async def member(node: Node, name: str, channel: str) -> Member:
    client = await connected(node.port, name)
    joined = Member(client, channel)
    joined.client, joined.name = client, name
    joined.channel.join()
    await until(lambda: joined.state == "JOINED")
    joined.id = (await joined.channel.send_for_response("whoami", {}))["userId"]
    return joined


async def names(of: Member) -> list[str]:
    """Who is present, as a member's node sees it."""
    state = await of.channel.send_for_response("state", {})
    return sorted(presence["username"] for presence in state["presence"].values())


async def sees(of: Member, *expected: str, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while await names(of) != sorted(expected):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


def count(presences: list, name: str, status: str | None = None) -> int:
    return sum(p.get("username") == name and status in (None, p.get("status")) for p in presences)


async def check_pair(x: Node, y: Node, checks: Checks) -> None:
    pair, room = f"{x.name} and {y.name}", f"/chat/{x.name}-{y.name}"
    say = lambda promise, holds, detail="": checks.that(f"{pair}: {promise}", holds, detail)
    alice = await member(x, "alice", room)
    await until(lambda: count(alice.joins, "alice") == 1)
    bob = await member(y, "bob", room)

    say("the first hears the second join", await until(lambda: count(alice.joins, "bob") == 1), alice.joins)
    say("the late one knows who is there", await sees(bob, "alice", "bob"), await names(bob))
    say("the first knows both", await sees(alice, "alice", "bob"), await names(alice))
    if y.is_ours:
        both = lambda: bob.users and sorted(p["username"] for p in bob.users[-1]) == ["alice", "bob"]
        say("the late one is told who is there", await until(both), bob.users)

    for speaker in (alice, bob):
        speaker.channel.send_message("message", {"text": f"from {speaker.name}"})
    heard = lambda who, text: [m.get("text") for m in who.heard("message")].count(text)
    everything = lambda: all(heard(who, f"from {name}") == 1 for who in (alice, bob) for name in ("alice", "bob"))
    say("a broadcast reaches both, from either side", await until(everything), (alice.messages, bob.messages))
    alice.channel.send_message("others", {"text": "o"})
    say("broadcastFrom reaches the other", await until(lambda: len(bob.heard("others")) == 1), bob.messages)
    alice.channel.send_message("whisper", {"to": bob.id, "text": "w"})
    say("broadcastTo reaches a user of the other node", await until(lambda: len(bob.heard("whisper")) == 1), bob.messages)
    alice.channel.send_message("message", {"text": "last"})
    await until(lambda: heard(alice, "last") and heard(bob, "last"))
    say("each broadcast came once", everything() and len(bob.heard("whisper")) == 1 and len(bob.heard("others")) == 1, bob.messages)
    say("and not to whom it was not for", not alice.heard("others") and not alice.heard("whisper"), alice.messages)

    bob.channel.send_message("status", {"status": "away"})
    say("a presence update is heard", await until(lambda: count(alice.changes, "bob", "away") == 1), alice.changes)
    say("with the whole list", await until(lambda: sorted(p["username"] for p in alice.users[-1]) == ["alice", "bob"]), alice.users[-1:])
    await bob.channel.send_for_response("assign", {"role": "admin"})
    role = None
    for _ in range(100):
        role = (await alice.channel.send_for_response("state", {}))["assigns"].get(bob.id, {}).get("role")
        if role == "admin":
            break
        await asyncio.sleep(0.05)
    say("assigns of a remote user follow", role == "admin", role)
    user = await alice.channel.send_for_response("getuser", {"id": bob.id})
    say("a remote user can be asked for", user.get("id") == bob.id and user["assigns"].get("username") == "bob", user)

    alice.channel.send_message("kick", {"userId": bob.id})
    say("the victim of a remote eviction is told", await until(lambda: bob.heard("EVICTED")), bob.messages[-3:])
    say("the evictor hears it leave", await until(lambda: count(alice.leaves, "bob") or len(alice.leaves) == 1), alice.leaves)
    say("and is alone", await sees(alice, "alice"), await names(alice))

    carol = await member(y, "carol", room)
    await until(lambda: count(alice.joins, "carol") == 1)
    carol.channel.leave()
    say("a leave is heard", await until(lambda: len(alice.leaves) == 2), alice.leaves)
    dave = await member(y, "dave", room)
    await until(lambda: count(alice.joins, "dave") == 1)
    await dave.client.disconnect()
    say("a disconnect is heard", await until(lambda: len(alice.leaves) == 3), alice.leaves)
    say("nobody is left behind", await sees(alice, "alice"), await names(alice))
    state = await alice.channel.send_for_response("state", {})
    say("nor anyone's assigns", y.is_ours is False or list(state["assigns"]) == [alice.id], state)
    say("each left once", len(alice.leaves) == 3, alice.leaves)
    for one in (alice, bob, carol):
        await one.client.disconnect()


async def check_killed(survivor: Node, victim: Node, checks: Checks) -> None:
    room = f"/chat/{survivor.name}-survives-{victim.name}"
    alice = await member(survivor, "alice", room)
    bob = await member(victim, "bob", room)
    await until(lambda: count(alice.joins, "bob") == 1)
    victim.stop(signal.SIGKILL)
    gone = await sees(alice, "alice", seconds=4 * TIMEOUT)
    checks.that(f"{survivor.name} drops the users of {victim.name} that was killed", gone, await names(alice))
    if survivor.is_ours:
        checks.that("with one LEAVE", await until(lambda: len(alice.leaves) == 1), alice.leaves)
    await alice.client.disconnect()
    await bob.client.disconnect()
    victim.start()


async def check_outage(x: Node, y: Node, redis: Redis, checks: Checks) -> None:
    alice, bob = await member(x, "alice", "/chat/outage"), await member(y, "bob", "/chat/outage")
    carol = await member(y, "carol", "/chat/outage")
    await until(lambda: count(alice.joins, "carol") == 1)
    redis.kill()
    alice.channel.send_message("message", {"text": "alone"})
    checks.that(
        "without Redis local users keep working",
        await until(lambda: any(m.get("text") == "alone" for m in alice.heard("message"))),
    )
    await carol.client.disconnect()
    dave = await member(y, "dave", "/chat/outage")
    redis.start()
    checks.that("afterwards the nodes agree: one side", await sees(alice, "alice", "bob", "dave", seconds=10), await names(alice))
    checks.that("afterwards the nodes agree: the other", await sees(bob, "alice", "bob", "dave", seconds=10), await names(bob))
    bob.channel.send_message("message", {"text": "again"})
    checks.that("and broadcasts pass again", await until(lambda: any(m.get("text") == "again" for m in alice.heard("message"))))
    checks.that("who left meanwhile was heard to leave once", count(alice.leaves, "carol") == 1, alice.leaves)
    for one in (alice, bob, dave):
        await one.client.disconnect()


class Talker:
    """Someone in a room with a history, frame by frame."""

    @classmethod
    async def come(cls, node: Node, name: str, room: str, recover: dict | None = None) -> "Talker":
        talker = cls()
        talker.room, talker.frames = room, []
        talker.session = await WebSocketSession.open(node.port, f"username={name}")
        await talker.session.find(event="CONNECTION")
        await talker.session.join(room, **({"recover": recover} if recover else {}))
        talker.reading = asyncio.create_task(talker.read())
        await until(lambda: talker.answers)
        return talker

    async def read(self) -> None:
        while frame := await self.session.next(3600):
            self.frames.append(frame)

    @property
    def answers(self) -> list:
        return [frame for frame in self.frames if frame["event"] == "ACKNOWLEDGE"]

    @property
    def heard(self) -> list:
        return [(f["payload"].get("n"), f.get("offset")) for f in self.frames if f["action"] == "BROADCAST"]

    @property
    def numbers(self) -> list:
        return [n for n, _ in self.heard]

    @property
    def delivered(self) -> list:
        return [frame["requestId"] for frame in self.frames if frame["event"] == "DELIVERED"]

    async def say(self, n: int) -> str:
        return await self.session.broadcast(self.room, "message", {"n": n}, ack=True)

    async def go(self) -> None:
        self.reading.cancel()
        await self.session.close()


async def check_store_away(x: Node, y: Node, redis: Redis, checks: Checks, how: str) -> None:
    """Redis stands still, or is killed and forgets everything: rooms with a history in it go on on each node."""
    say = lambda promise, holds, detail="": checks.that(f"a history whose Redis is {how}: {promise}", holds, detail)
    room = f"/durable/{how}"
    alice, amy = await Talker.come(x, "alice", room), await Talker.come(x, "amy", room)
    bob = await Talker.come(y, "bob", room)
    await alice.say(0)
    everybody = (alice, amy, bob)
    say("all hear it before", await until(lambda: all(who.heard == [(0, 1)] for who in everybody)), [w.heard for w in everybody])
    redis.pause() if how == "paused" else redis.kill()
    requests = [await alice.say(1)]
    say("members of the same node hear it nevertheless", await until(lambda: amy.numbers == [0, 1], 3), amy.heard)
    began = time.monotonic()
    for n in (2, 3, 4):
        requests.append(await alice.say(n))
    say("and what follows at once", await until(lambda: amy.numbers == [0, 1, 2, 3, 4], 3) and time.monotonic() - began < 0.5, amy.heard)
    say("without numbers", [offset for _, offset in amy.heard[1:]] == [None] * 4, amy.heard)
    say("nothing is confirmed that is not stored", alice.delivered == alice.delivered[:1], alice.delivered)
    late = await Talker.come(x, "late", room)
    say("who joins is let in and has what the others have", await until(lambda: late.numbers[-4:] == [1, 2, 3, 4], 5), late.frames)
    known = alice.answers[0]["payload"]
    back = await Talker.come(x, "back", room, {"epoch": known["epoch"], "offset": 0})
    recovered = back.answers and back.answers[0]["payload"].get("recovered") is True
    say("who was away gets what memory holds", recovered and await until(lambda: back.numbers == [0, 1, 2, 3, 4], 5), back.frames)
    fresh = await Talker.come(x, "fresh", f"{room}-new")
    say("a room that nobody knows opens", bool(fresh.answers) and fresh.answers[0]["payload"].get("apart") is True, fresh.frames)
    await fresh.say(7)
    say("and works", await until(lambda: fresh.numbers == [7], 5), fresh.frames)
    redis.resume() if how == "paused" else redis.start()
    if how == "paused":
        say("afterwards all of it is confirmed", await until(lambda: set(requests) <= set(alice.delivered), 20), alice.delivered)
        say("the other node has all, once and in order", await until(lambda: bob.numbers == [0, 1, 2, 3, 4], 10), bob.heard)
        say("with numbers", [offset for _, offset in bob.heard] == [1, 2, 3, 4, 5], bob.heard)
        await bob.say(5)
        say("broadcasts pass again", await until(lambda: all(5 in who.numbers for who in (alice, amy, bob, late)), 10), amy.heard)
        say("nobody heard one twice", all(len(set(who.numbers)) == len(who.numbers) for who in (alice, amy, bob, late, back)), (alice.heard, amy.heard, bob.heard, late.heard))
    else:
        # Without persistence the numbering is gone: members are made to join again, and what waited is in the next one.
        say("a Redis that forgot makes members join again", await until(lambda: amy.session.closed and bob.session.closed, 20), amy.frames[-2:])
        anew = await Talker.come(y, "anew", room)
        epoch = anew.answers[0]["payload"]["epoch"]
        again = await Talker.come(y, "again", room, {"epoch": epoch, "offset": 0})
        say("what was said meanwhile is in the new numbering", await until(lambda: again.numbers == [1, 2, 3, 4], 10), again.frames)
        for one in (anew, again):
            await one.go()
    say("the room that nobody knew is numbered now", await until(lambda: fresh.session.closed is not None, 20), fresh.frames[-2:])
    for one in (alice, amy, bob, late, back, fresh):
        await one.go()


async def check(nodes: dict[str, Node], redis: Redis, checks: Checks) -> None:
    ours, theirs = [nodes["swift1"], nodes["swift2"]], [nodes["python1"], nodes["python2"]]
    pairs = [(x, y) for x in nodes.values() for y in nodes.values() if x is not y and (x.is_ours or y.is_ours)]
    for x, y in pairs:
        await check_pair(x, y, checks)
    for survivor, victim in [(ours[0], ours[1]), (ours[0], theirs[0]), (theirs[1], ours[1])]:
        await check_killed(survivor, victim, checks)
    await check_outage(ours[0], ours[1], redis, checks)
    for how in ("paused", "killed"):
        await check_store_away(ours[0], ours[1], redis, checks, how)


def main() -> None:
    if shutil.which("redis-server") is None:
        print("cluster: skipped, redis-server is not installed")
        return
    redis = Redis().start()
    checks = Checks("cluster")
    nodes: dict[str, Node] = {}
    try:
        for name in ("swift1", "swift2", "python1", "python2"):
            nodes[name] = Node(name, sys.argv[1], redis)
            nodes[name].start()
        asyncio.run(check(nodes, redis, checks))
    finally:
        for node in nodes.values():
            node.stop(signal.SIGKILL)
        redis.kill()
    checks.finish()


if __name__ == "__main__":
    main()
