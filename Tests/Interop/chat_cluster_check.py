"""Two chat servers and one Redis: who is on one and who is on the other share rooms, names and rules.

    chat_cluster_check.py BUILD_FOLDER
"""

import asyncio
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from chat_peer import DIRECTORY, GENERAL, ROOMY, ChatServer, Refused, User, refusal
from cluster_check import Redis
from peer import Checks, until
from prometheus_text import exposition_faults
from sessions import http

ROOM = "/lobby/garden"


async def eventually(action, status: int, seconds: float = 5) -> bool:
    """Whether doing something comes to end with a status; it is done again until then."""
    deadline = time.monotonic() + seconds
    while await refusal(action()) != status:
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


async def rooms(one: ChatServer, other: ChatServer, checks: Checks) -> None:
    that = checks.that
    ann, bob = await User.come(one, "ann"), await User.come(other, "bob")
    await bob.join(DIRECTORY)
    since = bob.mark
    await ann.join(ROOM)
    news = await bob.hear(lambda f: any(r["room"] == "garden" and r["members"] == 1 for r in f["payload"]["rooms"]), since, event="rooms-changed")
    that("a room that somebody makes on one is in the directory of the other", bool(news), bob.frames[since:])
    await ann.do(ROOM, "topic", {"topic": "Roses"})
    first = await ann.say(ROOM, "is anybody there?")
    welcome = await bob.join(ROOM, {"history": 10})
    that("who comes in on the other finds topic and history",
         (welcome["topic"], [m["id"] for m in welcome["history"]["messages"]]) == ("Roses", [first]), welcome)
    both = await until(lambda: {p["name"] for p in ann.presence(ROOM)} == {p["name"] for p in bob.presence(ROOM)} == {"ann", "bob"})
    that("both see both", both, (ann.presence(ROOM), bob.presence(ROOM)))
    news = await bob.hear(lambda f: any(r["room"] == "garden" and r["members"] == 2 for r in f["payload"]["rooms"]), since, event="rooms-changed")
    that("the directory counts both", bool(news), bob.frames[since:])
    said = []
    for number in range(20):
        user = (ann, bob)[number % 2]
        said.append(await user.say(ROOM, f"line {number} for @ann"))
    for user in (ann, bob):
        await user.told(ROOM, "message", id=said[-1])
        heard = [f["payload"]["id"] for f in user.heard(event="message", channelName=ROOM)]
        that("everybody hears everything once, in one order", heard[-20:] == said, (heard, said))
    offsets = [[f["offset"] for f in user.heard(event="message")][-20:] for user in (ann, bob)]
    that("under the same numbers", offsets[0] == offsets[1], offsets)

    async def both_pages() -> list[list[str]]:
        return [[m["id"] for m in (await user.do(ROOM, "history", {"limit": 50}))["messages"]] for user in (ann, bob)]

    # A server's tables follow a moment behind what its members hear.
    pages, deadline = await both_pages(), time.monotonic() + 5
    while pages != [[first, *said]] * 2 and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
        pages = await both_pages()
    that("pages are the same on both", pages[0] == pages[1] == [first, *said], pages)
    found = await bob.do(ROOM, "search", {"query": "anybody"})
    that("searches find what was said elsewhere", [m["id"] for m in found["messages"]] == [first], found)
    edited = await ann.mark_and(bob, ROOM, "edit", {"id": first, "text": "hello"})
    that("an edit on one is seen on the other", edited.get("text") == "hello", edited)
    await bob.do(ROOM, "remove", {"id": said[1]})
    told = await ann.told(ROOM, "remove", id=said[1])
    that("and so is a removal", told.get("by") == "bob", told)
    await ann.do(ROOM, "read", {"upTo": said[10]})
    await ann.go()
    again = await User.come(other, "ann", ann.token)
    read = None
    for _ in range(50):
        read = (await again.join(ROOM))["read"]
        if read.get("upTo") == said[10]:
            break
        await again.leave(ROOM)
        await asyncio.sleep(0.05)
    that("a read marker is there on the other", (read.get("upTo"), read["unread"]) == (said[10], 5), read)
    for user in (again, bob):
        await user.go()


async def names(one: ChatServer, other: ChatServer, checks: Checks) -> None:
    that = checks.that
    olga = await User.come(one, "Olga")
    that("a name of one is taken on the other, however it is written", await refusal(User.come(other, "oLGA")) == 409)
    that("and so is one that looks like it", await refusal(User.come(other, "0lga")) == 409)
    second = await User.come(other, "olga", olga.token)
    that("its token gives a second device the name, there too", second.name.lower() == "olga")
    await olga.join(DIRECTORY)
    claimed = await olga.do(DIRECTORY, "claim", {"password": "correct horse"})
    that("a name that is claimed on one", claimed["claimed"])

    async def come() -> None:
        thief = await User.come(other, "OLGA")
        needs = thief.identity.get("needsPassword")
        await thief.go()
        if not needs:
            raise Refused(1, "no password asked")

    that("needs its password on the other", await eventually(come, 200))
    owner = await User.come(other, "olga", claimed["token"])
    that("where its token stands for that", owner.identity["claimed"] and not owner.identity.get("needsPassword"))
    for user in (olga, second, owner):
        await user.go()


async def order(one: ChatServer, other: ChatServer, checks: Checks) -> None:
    that = checks.that
    boss = await User.come(one, "boss")
    await boss.join(DIRECTORY)
    await boss.do(DIRECTORY, "claim", {"password": "boss password"})
    await boss.join(GENERAL)
    bad, good = await User.come(other, "bad"), await User.come(other, "good")
    await bad.join(GENERAL)
    await good.join(GENERAL)
    await boss.do(GENERAL, "moderate", {"action": "mute", "user": "bad", "seconds": 600})
    that("a mute on one holds on the other", await eventually(lambda: bad.say(GENERAL, "let me"), 403))
    await boss.do(GENERAL, "moderate", {"action": "unmute", "user": "bad"})
    that("until it is lifted", await eventually(lambda: bad.say(GENERAL, "thanks"), 200))
    await boss.do(GENERAL, "moderate", {"action": "kick", "user": "bad", "reason": "enough"})
    evicted = await bad.hear(event="EVICTED", channelName=GENERAL)
    that("who is kicked on one is out on the other, and told why", evicted.get("payload", {}).get("reason") == "enough", evicted)
    await bad.join(GENERAL)
    await boss.do(GENERAL, "moderate", {"action": "ban", "user": "bad", "seconds": 600})
    await bad.hear(lambda f: f["payload"].get("reason") == "banned", event="EVICTED")
    that("who is banned on one stays out on the other", await eventually(lambda: bad.join(GENERAL), 403))
    await good.join(DIRECTORY)
    await good.do(DIRECTORY, "claim", {"password": "good password"})
    that("a role needs a claimed name, claimed on whichever", await eventually(
        lambda: boss.do(GENERAL, "moderate", {"action": "role", "user": "good", "role": "moderator"}), 200))
    message = await boss.say(GENERAL, "remove me")
    await good.told(GENERAL, "message", id=message)
    that("a role that one gives counts on the other", await eventually(lambda: good.do(GENERAL, "remove", {"id": message}), 200))
    await boss.do(GENERAL, "moderate", {"action": "slow", "seconds": 60})
    calm = await User.come(other, "calm")
    await calm.join(GENERAL)

    async def twice() -> None:
        await calm.say(GENERAL, "one")
        await calm.say(GENERAL, "two")

    that("slow mode is slow on both", await eventually(twice, 429))
    await boss.do(GENERAL, "moderate", {"action": "slow", "seconds": 0})
    await boss.do(GENERAL, "moderate", {"action": "ban", "user": "bad", "everywhere": True, "reason": "the last straw"})
    ended = await bad.closed()
    that("a ban everywhere ends the connection on the other", ended == (4003, "the last straw"), ended)
    that("and lets nobody of that name in there", await eventually(lambda: User.come(other, "bad"), 403))
    house = {"X-Forwarded-For": "203.0.113.7"}
    fay = await User.come(other, "fay", headers=house)
    await asyncio.to_thread(one.admin, "ban-address", "203.0.113.0/24", "--reason", "that house")
    ended = await fay.closed()
    that("addresses banned on one are out on the other", ended == (4003, "that house"), ended)
    that("and stay out", await refusal(User.come(other, "any", headers=house)) == 403)
    await asyncio.to_thread(one.admin, "unban-address", "203.0.113.0/24")
    that("until they are let in again", await eventually(lambda: User.come(other, "any", headers=house), 200))
    for user in (boss, good, calm):
        await user.go()


async def losing_a_server(one: ChatServer, other: ChatServer, checks: Checks) -> None:
    that = checks.that
    ann, bob = await User.come(one, "ann9"), await User.come(other, "bob9")
    acknowledged = (await ann.session.join(GENERAL))
    answer = (await ann.hear(event="ACKNOWLEDGE", requestId=acknowledged))["payload"]
    await bob.join(GENERAL)
    seen = await ann.say(GENERAL, "before")
    offset = (await ann.hear(lambda f: f["payload"].get("id") == seen, event="message"))["offset"]
    one.kill()
    missed = [await bob.say(GENERAL, f"meanwhile {number}") for number in range(3)]
    back = await User.come(other, "ann9", ann.token)
    request = await back.session.join(GENERAL, {}, recover={"epoch": answer["epoch"], "offset": offset})
    answer = (await back.hear(event="ACKNOWLEDGE", requestId=request))["payload"]
    that("who loses its server recovers on the other", answer.get("recovered") is True, answer)
    await back.told(GENERAL, "message", id=missed[-1])
    heard = [f["payload"]["id"] for f in back.heard(event="message", channelName=GENERAL)]
    that("exactly what it missed", heard == missed, (heard, missed))
    one.start()
    carol = await User.come(one, "carol9")
    welcome = await carol.join(GENERAL, {"history": 4})
    that("a server that comes back has what was said meanwhile",
         [m["id"] for m in welcome["history"]["messages"]] == [seen, *missed], welcome)
    that("and knows the rules of meanwhile", await refusal(User.come(one, "bad")) == 403)
    for user in (bob, back, carol):
        await user.go()


async def figures(one: ChatServer, other: ChatServer, checks: Checks) -> None:
    for server in (one, other):
        text = (await http(server.port, "GET", "/metrics"))[2].decode()
        faults = exposition_faults(text)
        checks.that("the figures of a server among others keep the grammar", not faults, faults[:5])
        checks.that("and tell what Redis carried and lost",
                    re.search(r"^pond_cluster_connected 1$", text, re.M) is not None
                    and re.search(r"^pond_cluster_messages_published_total [1-9]", text, re.M) is not None
                    and "\npond_cluster_messages_lost_total " in text, text[-800:])


async def check(one: ChatServer, other: ChatServer, checks: Checks) -> None:
    for part in (rooms, names, order, figures, losing_a_server):
        try:
            await asyncio.wait_for(part(one, other, checks), 120)
        except (Refused, TimeoutError) as fault:
            checks.that(f"{part.__name__} comes to its end", False, repr(fault))


def main() -> None:
    if shutil.which("redis-server") is None:
        print("chat cluster: skipped, redis-server is not installed")
        return
    checks = Checks("chat cluster")
    program = Path(sys.argv[1]) / "pond-server"
    redis = Redis().start()
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "secret"
        secret.write_text("0123456789abcdef0123456789abcdef\n")
        secret.chmod(0o600)
        flags = ("--redis", f"redis://127.0.0.1:{redis.port}", "--token-secret-file", str(secret), "--admins", "boss", "--trusted-proxies", "127.0.0.1", *ROOMY)
        refused = ChatServer(program, Path(folder) / "none", "--redis", f"redis://127.0.0.1:{redis.port}").refused()
        checks.that("without a secret that both have, it does not start", refused[0] != 0 and "token-secret-file" in refused[1], refused)
        try:
            with ChatServer(program, Path(folder) / "one", *flags) as one, ChatServer(program, Path(folder) / "other", *flags) as other:
                asyncio.run(check(one, other, checks))
        finally:
            redis.kill()
    checks.finish()


if __name__ == "__main__":
    main()
