"""The real Python client against the conformance app.

    python_client_check.py BUILD_FOLDER [--reference]

With --reference the reference server stands in for ours: it shows that the check itself is right.
"""

import asyncio
import signal
import sys

from pondsocket_client import ClientOptions, PondClient
from pondsocket_client.types import ConnectionState

from peer import Checks, Server, server_to_check, until
from sessions import reset

OPTIONS = ClientOptions(base_reconnect_delay=0.1, max_reconnect_delay=0.5)


async def connected(port: int, name: str, **more: str) -> PondClient:
    client = PondClient(f"http://127.0.0.1:{port}/socket", {"username": name, **more}, OPTIONS)
    await client.connect()
    await until(lambda: client.get_state() == ConnectionState.CONNECTED)
    return client


class Member:
    """A channel with everything it heard."""

    def __init__(self, client: PondClient, name: str) -> None:
        self.channel = client.create_channel(name)
        self.messages, self.joins, self.leaves, self.changes, self.users = [], [], [], [], []
        self.channel.on_message(lambda message: self.messages.append((message.event, message.payload)))
        self.channel.on_join(lambda presence: self.joins.append(presence))
        self.channel.on_leave(lambda presence: self.leaves.append(presence))
        self.channel.on_presence_change(lambda change: self.changes.append(change.changed))
        self.channel.on_users_change(lambda users: self.users.append(users))

    @property
    def state(self) -> str:
        return self.channel.channel_state.value

    def heard(self, event: str) -> list:
        return [payload for name, payload in self.messages if name == event]


async def abrupt_ends(port: int, witness: Member, checks: Checks) -> None:
    """Clients that end without a close frame leave at once, and are there once when they are back."""

    def shown(name: str) -> int:
        return sum(p.get("username") == name for p in witness.users[-1])

    for _ in range(5):
        victim = await asyncio.create_subprocess_exec(sys.executable, __file__, "--member", str(port), "eve")
        checks.that("a client of its own process joins", await until(lambda: shown("eve") == 1), witness.users[-1:])
        victim.kill()
        checks.that("killed, it is gone at once", await until(lambda: shown("eve") == 0), witness.users[-1:])
        await victim.wait()
    for _ in range(20):
        frank = await connected(port, "frank")
        member = Member(frank, "/chat/1")
        member.channel.join()
        checks.that("a client is there once", await until(lambda: shown("frank") == 1), witness.users[-1:])
        left = len(witness.leaves)
        reset(frank._socket.transport)
        checks.that("its socket reset, it is gone at once", await until(lambda: len(witness.leaves) > left), witness.users[-1:])
        checks.that("and back once by itself", await until(lambda: member.state == "JOINED" and shown("frank") == 1), witness.users[-1:])
        await frank.disconnect()
        checks.that("and gone for good", await until(lambda: shown("frank") == 0), witness.users[-1:])


async def member_until_killed(port: int, name: str) -> None:
    client = await connected(port, name)
    Member(client, "/chat/1").channel.join()
    await asyncio.Event().wait()


async def check(server: Server, checks: Checks) -> None:
    port = server.port
    alice, bob = await connected(port, "alice"), await connected(port, "bob")
    checks.that("two clients connect", alice.get_state() == bob.get_state() == ConnectionState.CONNECTED)

    a = Member(alice, "/chat/1")
    a.channel.join()
    checks.that("a join is acknowledged", await until(lambda: a.state == "JOINED"), a.state)
    checks.that("the joiner hears its own presence", await until(lambda: any(p.get("username") == "alice" for p in a.joins)), a.joins)
    b = Member(bob, "/chat/1")
    b.channel.join()
    checks.that("a second join is acknowledged", await until(lambda: b.state == "JOINED"), b.state)
    checks.that("members hear a presence join", await until(lambda: any(p.get("username") == "bob" for p in a.joins)), a.joins)
    checks.that(
        "the presence list names all, in the order of tracking",
        await until(lambda: a.users and [p["username"] for p in a.users[-1]] == ["alice", "bob"]),
        a.users[-1:],
    )

    a.channel.send_message("message", {"text": "hello", "n": 2**53 + 1})
    checks.that("a broadcast reaches the others", await until(lambda: any(m.get("text") == "hello" for m in b.heard("message"))))
    checks.that("and its sender", await until(lambda: any(m.get("text") == "hello" for m in a.heard("message"))))
    checks.that("integers stay exact", any(m.get("n") == 2**53 + 1 for m in b.heard("message")), b.heard("message"))

    a.channel.send_message("others", {"text": "not for me"})
    checks.that("broadcastFrom reaches the others", await until(lambda: b.heard("others")))
    answer = await a.channel.send_for_response("ping", {"text": "abc"})
    checks.that("a reply answers its request", answer.get("text") == "abc", answer)
    checks.that("broadcastFrom spares the sender", not a.heard("others"), a.heard("others"))

    me = await b.channel.send_for_response("whoami", {})
    checks.that("a user knows its id and assigns", bool(me.get("userId")) and me["assigns"].get("username") == "bob", me)
    a.channel.send_message("whisper", {"to": me["userId"], "text": "psst"})
    checks.that("broadcastTo reaches the one named", await until(lambda: b.heard("whisper")))

    b.channel.send_message("status", {"status": "away"})
    checks.that("members hear a presence update", await until(lambda: any(c.get("status") == "away" for c in a.changes)), a.changes)

    for number in range(200):
        a.channel.send_message("message", {"n": number})
    checks.that("a burst arrives whole", await until(lambda: sum("n" in m for m in b.heard("message")) >= 201))
    order = [m["n"] for m in b.heard("message") if "n" in m and m["n"] < 1000]
    checks.that("and in order", order == list(range(200)), order[:10])

    a.channel.send_message("kick", {"userId": me["userId"]})
    checks.that("the victim of an eviction is told", await until(lambda: b.heard("EVICTED")), b.messages[-3:])
    checks.that("the others hear it leave", await until(lambda: any(p.get("username") == "bob" for p in a.leaves)), a.leaves)

    private = Member(bob, "/private/1")
    private.channel.join()
    checks.that("a declined join is declined", await until(lambda: private.state == "DECLINED"), private.state)
    unknown = Member(bob, "/nope/1")
    unknown.channel.join()
    checks.that("a join to no channel is declined", await until(lambda: unknown.state == "DECLINED"), unknown.state)
    for name in ("/noreply/1", "/crash/1"):
        silent = Member(bob, name)
        silent.channel.join()
        checks.that(f"a join to {name} is declined", await until(lambda: silent.state == "DECLINED"), silent.state)

    carol = await connected(port, "carol")
    c = Member(carol, "/chat/1")
    c.channel.join()
    await until(lambda: c.state == "JOINED")
    c.channel.leave()
    checks.that("the others hear an explicit leave", await until(lambda: any(p.get("username") == "carol" for p in a.leaves)), a.leaves)
    dave = await connected(port, "dave")
    d = Member(dave, "/chat/1")
    d.channel.join()
    await until(lambda: d.state == "JOINED")
    await dave.disconnect()
    checks.that("the others hear a disconnect", await until(lambda: any(p.get("username") == "dave" for p in a.leaves)), a.leaves)

    await abrupt_ends(port, a, checks)
    # The reference server cannot encode what it read of one, and says nothing.
    if "--reference" not in sys.argv:
        a.channel.send_message("message", {"text": "cut \ud83d"})
        checks.that("a lone surrogate reaches everyone as U+FFFD", await until(lambda: any(m.get("text") == "cut \ufffd" for m in a.heard("message"))))
        a.channel.send_message("status", {"status": "\ude00"})
        checks.that("also in a presence", await until(lambda: any(c.get("status") == "\ufffd" for c in a.changes)), a.changes[-3:])

    states = []
    a.channel.on_channel_state_change(lambda state: states.append(state.value))
    server.stop(signal.SIGKILL)
    checks.that("a lost server stalls the channel", await until(lambda: a.state == "STALLED"), a.state)
    a.channel.send_message("message", {"text": "written offline"})
    server.start()
    checks.that("it joins again after the restart", await until(lambda: a.state == "JOINED", 20), states)
    checks.that("and sends what waited", await until(lambda: any(m.get("text") == "written offline" for m in a.heard("message"))))

    for client in (alice, bob, carol):
        await client.disconnect()


def main() -> None:
    if sys.argv[1] == "--member":
        return asyncio.run(member_until_killed(int(sys.argv[2]), sys.argv[3]))
    server = server_to_check(grace=120)
    checks = Checks("python client")
    try:
        asyncio.run(check(server, checks))
    finally:
        status = server.stop()
    if "--reference" not in sys.argv:
        checks.that("the server ends with status 0 on SIGTERM", status == 0, status)
    checks.finish()


if __name__ == "__main__":
    main()
