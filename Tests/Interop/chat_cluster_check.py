"""Two chat servers and one Redis: who is on one and who is on the other share rooms, names and rules.

    chat_cluster_check.py BUILD_FOLDER
"""

import asyncio
import json
import re
import shutil
import signal
import sys
import tempfile
import time
import uuid
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


async def earlier_owner(one: ChatServer, other: ChatServer, checks: Checks) -> None:
    that = checks.that
    pair = "/dm/dora~ezra"
    dora, ezra = await User.come(one, "dora"), await User.come(other, "ezra")
    await dora.join(pair)
    await ezra.join(pair)
    first = await dora.say(pair, "secret one")
    await ezra.told(pair, "message", id=first)
    second = await ezra.say(pair, "secret two")
    await dora.told(pair, "message", id=second)
    await dora.do(pair, "edit", {"id": first, "text": "secret three"})
    await dora.do(pair, "read", {"upTo": second})
    one.admin("release", "dora")
    await dora.closed()
    for server, password in ((other, None), (one, "correct horse")):
        headers = {"X-Forwarded-For": "10.9.9.9"}
        thief = await User.come(server, "dora", headers=headers)
        if password:
            await thief.join(DIRECTORY)
            token = (await thief.do(DIRECTORY, "claim", {"password": password}))["token"]
            await thief.go()
            thief = await User.come(server, "dora", token)
        since = thief.mark
        request = await thief.session.join(pair, {"history": 20})
        answer = await thief.hear(since=since, requestId=request, event="ACKNOWLEDGE")
        welcome = (await thief.hear(since=since, event="welcome")).get("payload", {})
        that("who takes a free name has an empty conversation", welcome.get("history", {}).get("messages") == [], welcome)
        that("and no read mark", "upTo" not in welcome.get("read", {"upTo": 1}), welcome)
        await thief.leave(pair)
        await thief.join(pair, recover={"epoch": answer["payload"]["epoch"], "offset": 0})
        since = thief.mark
        last = await ezra.say(pair, "hello")
        that("hears what is said from here on", bool(await thief.told(pair, "message", since, id=last)))
        await thief.do(pair, "search", {"query": "secret"})
        that("and recovers nothing of an earlier owner", "secret" not in str(thief.frames), thief.frames)
        that("nor can change it", await refusal(thief.do(pair, "edit", {"id": first, "text": "mine"})) == 403)
        await thief.go()
        one.admin("release", "dora")
    since = ezra.mark
    await ezra.leave(pair)
    welcome = await ezra.join(pair, {"history": 20})
    texts = [m["text"] for m in welcome["history"]["messages"]]
    that("the other one of the conversation keeps all of it", texts == ["secret three", "secret two", "hello", "hello"], texts)
    await ezra.go()


async def refused_joins(one: ChatServer, _: ChatServer, redis: Redis, checks: Checks) -> None:
    """Who joins what is not theirs leaves nothing in Redis."""
    user, statuses, deadline = await User.come(one, "stranger"), set(), time.monotonic() + 3
    before, number = set(redis.command("KEYS", "*").split()), 0
    while time.monotonic() < deadline:
        number += 1
        for path in (f"/dm/a{number}~b", f"/dm/none{number}"):
            statuses.add(await refusal(user.join(path)))
    new = [key for key in set(redis.command("KEYS", "*").split()) - before if "/dm/" in key or "history" in key]
    checks.that("joins of what is not theirs are refused on a server among others", number > 20 and 200 not in statuses, (number, statuses))
    checks.that("and leave no keys", not new, new[:5])
    await user.go()


def kept(redis: Redis) -> str:
    """Everything that Redis holds, as text."""
    ways = {"string": ("GET",), "hash": ("HGETALL",), "zset": ("ZRANGE", "0", "-1"), "stream": ("XRANGE", "-", "+"), "set": ("SMEMBERS",), "list": ("LRANGE", "0", "-1")}
    said = []
    for key in redis.command("KEYS", "*").split():
        verb, *more = ways.get(redis.command("TYPE", key).strip(), ("GET",))
        said.append(redis.command(verb, key, *more))
    return "\n".join(said)


async def gone(redis: Redis, *words: str, seconds: float = 10) -> list[str]:
    """The words that Redis still holds after a while."""
    deadline = time.monotonic() + seconds
    while found := [word for word in words if word in kept(redis)]:
        if time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.1)
    return []


async def taken_back(one: ChatServer, other: ChatServer, redis: Redis, checks: Checks) -> None:
    that, room = checks.that, "/lobby/cellar"
    ann, bob = await User.come(one, "anna"), await User.come(other, "bobby")
    await ann.join(room)
    await bob.join(room)
    removed = await ann.say(room, "hushhush")
    edited = await ann.say(room, "whisperwhisper")
    last = await ann.say(room, "stays")
    await bob.told(room, "message", id=last)
    that("Redis holds what was said", "hushhush" in kept(redis))
    await ann.mark_and(bob, room, "edit", {"id": edited, "text": "harmless"})
    await ann.mark_and(bob, room, "remove", {"id": removed})
    left = await gone(redis, "hushhush", "whisperwhisper")
    that("Redis holds nothing of what was edited or removed", not left, left)
    for server, name in ((one, "carla"), (other, "carlo")):
        new = await User.come(server, name)
        since = new.mark
        request = await new.session.join(room)
        answer = (await new.hear(since=since, requestId=request, event="ACKNOWLEDGE"))["payload"]
        await new.leave(room)
        since = new.mark
        request = await new.session.join(room, recover={"epoch": answer["epoch"], "offset": 0})
        again = (await new.hear(since=since, requestId=request, event="ACKNOWLEDGE"))["payload"]
        await new.hear(since=since, event="welcome")
        texts = [f["payload"]["text"] for f in new.heard(since, event="message")]
        that("a newcomer recovers what the messages are now", (again.get("recovered"), again["epoch"], texts) == (True, answer["epoch"], ["", "harmless", "stays"]), (again, texts))
        await new.go()
    for user in (ann, bob):
        await user.leave(room)
        await user.go()
    forgotten = await eventually_done(lambda: one.admin("forget", "cellar"))
    left = await gone(redis, "stays", "harmless")
    that("nor of a room that was forgotten", forgotten and not left, left)
    for server in (one, other):
        server.admin("backup", str(server.folder / "copy.db"))
        files = [server.folder / name for name in ("chat.db", "chat.db-wal", "copy.db")]
        left = [(file.name, word) for file in files if file.exists() for word in ("hushhush", "whisperwhisper") if word.encode() in file.read_bytes()]
        that("and neither do the files of any server", not left, left)


async def erased(one: ChatServer, other: ChatServer, redis: Redis, checks: Checks) -> None:
    """Whoever is erased on one server is gone from all, and from Redis."""
    that, room = checks.that, "/lobby/attic"
    ann, bob = await User.come(one, "annika"), await User.come(other, "bobo")
    await ann.join(room)
    await bob.join(room)
    await bob.told(room, "message", id=await ann.say(room, "rustlerustle"))
    await ann.told(room, "message", id=await bob.say(room, "remains"))
    await bob.leave(room)
    # From a server that the user was not on.
    other.admin("erase", "annika")
    that("an erased user's connections close on every server", await ann.closed() is not None)
    left = await gone(redis, "rustlerustle")
    that("Redis holds nothing of what an erased user said", not left, left)
    for server in (one, other):
        texts = [json.loads(line)["text"] for line in server.admin("export", "attic").splitlines()]
        that("and no server shows it", texts == ["remains"], texts)
        server.admin("backup", str(server.folder / "erased.db"))
        files = [server.folder / name for name in ("chat.db", "chat.db-wal", "erased.db")]
        left = [file.name for file in files if file.exists() and b"rustlerustle" in file.read_bytes()]
        that("and no file holds it", not left, left)
    await bob.go()


async def eventually_done(action, seconds: float = 5) -> bool:
    """Whether a command comes to succeed."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            action()
            return True
        except Refused:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.1)


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


async def counts(one: ChatServer, other: ChatServer, checks: Checks) -> None:
    """What is counted is counted on both together."""
    that = checks.that
    ann = await User.come(one, "many1")
    devices = [await User.come(server, "many1", ann.token) for server in (other, one, other)]
    that("devices are counted over both", await refusal(User.come(one, "many1", ann.token)) == 429
         and await refusal(User.come(other, "many1", ann.token)) == 429)
    await devices.pop().go()

    async def come() -> None:
        devices.append(await User.come(one, "many1", ann.token))

    that("who takes one away may come with another, anywhere", await eventually(come, 200))
    asker = await User.come(other, "asker1")
    await asker.join(DIRECTORY)
    await ann.join(GENERAL)

    async def who(name: str) -> dict:
        return await asker.do(DIRECTORY, "whois", {"user": name})

    found = await who("MANY1")
    that("a whois sees devices on both", found["devices"] == 4 and found["name"] == "many1", found)
    for user in (*devices, ann):
        if user is not ann:
            await user.go()
    found, deadline = await who("many1"), time.monotonic() + 5
    while (found["devices"], found["rooms"]) != (1, ["general"]) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
        found = await who("many1")
    that("and users who have no password and are only there", (found["devices"], found["rooms"], found["claimed"]) == (1, ["general"], False), found)
    boss = await User.come(one, "boss", one.admin("token", "boss").strip())
    await boss.join(GENERAL)
    await boss.do(GENERAL, "moderate", {"action": "slow", "seconds": 60})
    await asker.join(GENERAL)
    twin = await User.come(one, "asker1", asker.token)
    await twin.join(GENERAL)
    that("slow mode", await eventually(lambda: asker.say(GENERAL, "one"), 200))

    async def again() -> None:
        await twin.say(GENERAL, "two")

    that("holds for a user who speaks on the other, too", await refusal(again()) == 429)
    await boss.do(GENERAL, "moderate", {"action": "slow", "seconds": 0})
    await eventually(again, 200)
    owner = await User.come(one, "guarded")
    await owner.join(DIRECTORY)
    await owner.do(DIRECTORY, "claim", {"password": "very secret"})
    await owner.go()
    answers = []
    for number in range(8):
        thief = await User.come((one, other)[number % 2], "guarded", headers={"X-Forwarded-For": "198.51.100.7"})
        await thief.join(DIRECTORY)
        answers.append(await refusal(thief.do(DIRECTORY, "identify", {"password": f"guess {number}"})))
        await thief.go()
    that("an address may try five passwords for a name on both together", (answers.count(429) >= 3, set(answers) <= {401, 403, 429}) == (True, True), answers)
    for user in (ann, asker, twin, boss):
        await user.go()


async def operators(one: ChatServer, other: ChatServer, checks: Checks) -> None:
    """What an operator does on one is done on the other."""
    that = checks.that

    async def admin(*arguments: str) -> str:
        return await asyncio.to_thread(one.admin, *arguments)

    async def listed(room: str, is_there: bool) -> None:
        """Returns when one knows of a room of the other, or that it is gone."""
        deadline = time.monotonic() + 5
        while (f"\n#{room} " in "\n" + await admin("rooms")) != is_there and time.monotonic() < deadline:
            await asyncio.sleep(0.1)

    dora = await User.come(other, "dora")
    await admin("kick", "dora", "--reason", "go home")
    that("a kick closes connections there", (ended := await dora.closed()) == (4003, "go home"), ended)
    dora = await User.come(other, "dora", dora.token)
    await dora.join(DIRECTORY)
    token = (await dora.do(DIRECTORY, "claim", {"password": "dora's own"}))["token"]
    await admin("revoke", "dora")
    that("revoked tokens end connections there", (ended := await dora.closed()) == (4001, "the token was revoked"), ended)
    that("and let nobody in there", await refusal(User.come(other, "dora", token)) == 401)
    await admin("release", "dora")

    async def free() -> None:
        user = await User.come(other, "dora")
        needs = user.identity.get("needsPassword")
        await user.go()
        if needs:
            raise Refused(1, "still claimed")

    that("a name that is released is free there", await eventually(free, 200))
    eve = await User.come(other, "eve")
    await eve.join("/lobby/attic")
    first = await eve.say("/lobby/attic", "dust")
    await listed("attic", True)
    await admin("announce", "maintenance at nine")
    told = await eve.told("/lobby/attic", "message", text="maintenance at nine")
    that("an announcement is heard in rooms that have members there only", told.get("kind") == "notice", told)
    that("and once", len([f for f in eve.heard(event="message") if f["payload"]["text"] == "maintenance at nine"]) == 1)
    # A server's tables follow a moment behind what its members hear.
    texts, deadline = [], time.monotonic() + 5
    while texts != ["dust", "maintenance at nine"] and time.monotonic() < deadline:
        texts = [m["text"] for m in (await eve.do("/lobby/attic", "history", {"limit": 5}))["messages"]]
        await asyncio.sleep(0.02)
    that("and is in its history", texts == ["dust", "maintenance at nine"], (first, texts))
    await eve.leave("/lobby/attic")

    await listed("attic", False)
    await admin("forget", "attic")
    empty, deadline = None, time.monotonic() + 5
    while empty != [] and time.monotonic() < deadline:
        empty = (await eve.join("/lobby/attic", {"history": 5}))["history"]["messages"]
        await eve.leave("/lobby/attic")
        await asyncio.sleep(0.2)
    that("and is forgotten there", empty == [], empty)
    for server in (one, other):
        await asyncio.to_thread(server.admin, "check")
    await eve.go()


async def conversations(one: ChatServer, other: ChatServer, checks: Checks) -> None:
    that = checks.that
    house = {"X-Forwarded-For": "198.51.100.77"}
    ann, bob = await User.come(one, "ann2", headers=house), await User.come(other, "bob2", headers=house)
    for user in (ann, bob):
        await user.join(DIRECTORY)
        user.identity = await user.do(DIRECTORY, "claim", {"password": "long enough"})
    await bob.go()
    pair = "/dm/ann2~bob2"
    await ann.join(pair)
    said = [await ann.say(pair, f"psst {number}") for number in range(3)]
    bob = await User.come(other, "bob2", bob.token)
    await bob.join(DIRECTORY)
    notice = await bob.told(DIRECTORY, "direct", **{"with": "ann2"})
    that("who comes to a server that knows nothing of a conversation is told what is unread", notice.get("unread") == 3, (notice, bob.frames))
    await bob.join(pair)
    await bob.do(pair, "read", {"upTo": said[1]})
    await bob.go()
    more = await ann.say(pair, "are you there?")
    bob = await User.come(one, "bob2", bob.token)
    await bob.join(DIRECTORY)
    notice = await bob.told(DIRECTORY, "direct", **{"with": "ann2"})
    that("and elsewhere, of what they have read, too", (notice.get("unread"), notice.get("last", {}).get("id")) == (2, more), notice)
    for user in (ann, bob):
        await user.go()


async def losing_a_server(one: ChatServer, other: ChatServer, checks: Checks) -> None:
    that = checks.that
    ann, bob = await User.come(one, "ann9"), await User.come(other, "bob9")
    acknowledged = (await ann.session.join(GENERAL))
    answer = (await ann.hear(event="ACKNOWLEDGE", requestId=acknowledged))["payload"]
    await bob.join(GENERAL)
    seen = await ann.say(GENERAL, "before")
    offset = (await ann.hear(lambda f: f["payload"].get("id") == seen, event="message"))["offset"]
    since = bob.mark
    one.kill()
    missed = [await bob.say(GENERAL, f"meanwhile {number}") for number in range(3)]
    back = await User.come(other, "ann9", ann.token)
    request = await back.session.join(GENERAL, {}, recover={"epoch": answer["epoch"], "offset": offset})
    answer = (await back.hear(event="ACKNOWLEDGE", requestId=request))["payload"]
    that("who loses its server recovers on the other", answer.get("recovered") is True, answer)
    await back.told(GENERAL, "message", id=missed[-1])
    heard = [f["payload"]["id"] for f in back.heard(event="message", channelName=GENERAL)]
    that("exactly what it missed", heard == missed, (heard, missed))
    await asyncio.sleep(0)
    flaps = [f["event"] for f in bob.frames[since:] if f["action"] == "PRESENCE" and f["payload"]["changed"].get("name") == "ann9"]
    that("nobody sees leave or come who goes over to another server", set(flaps) <= {"UPDATE"}, flaps)
    one.start()
    carol = await User.come(one, "carol9")
    welcome = await carol.join(GENERAL, {"history": 4})
    that("a server that comes back has what was said meanwhile",
         [m["id"] for m in welcome["history"]["messages"]] == [seen, *missed], welcome)
    that("and knows the rules of meanwhile", await refusal(User.come(one, "bad")) == 403)
    for user in (bob, back, carol):
        await user.go()


async def alone(one: ChatServer, other: ChatServer, redis: Redis, checks: Checks) -> None:
    """Redis stands still: the servers go on, each for itself."""
    that = checks.that
    house = {"X-Forwarded-For": "198.51.100.80"}
    ann, bob, cat = await User.come(one, "ann5"), await User.come(one, "bob5"), await User.come(other, "cat5")
    owner = await User.come(one, "owner5", headers=house)
    await owner.join(DIRECTORY)
    await owner.do(DIRECTORY, "claim", {"password": "owner has one"})
    for user in (ann, bob, cat):
        await user.join(DIRECTORY)
        await user.join(GENERAL)
    marks = {user: user.mark for user in (ann, bob, cat)}
    redis.process.send_signal(signal.SIGSTOP)
    try:
        told = await ann.told(DIRECTORY, "servers", marks[ann])
        that("users are told that the other servers cannot be reached", told.get("reachable") is False and "later" in told.get("text", ""), told)
        ids = [str(uuid.uuid4()) for _ in range(3)]
        sending = [asyncio.create_task(ann.say(GENERAL, f"alone {number}", id=message, seconds=60)) for number, message in enumerate(ids)]
        heard = [await bob.told(GENERAL, "message", marks[bob], id=message) for message in ids]
        that("users of one server hear each other while Redis stands still", [m.get("id") for m in heard] == ids, heard)
        editing = asyncio.create_task(ann.do(GENERAL, "edit", {"id": ids[0], "text": "by ourselves"}, seconds=60))
        edited = await bob.told(GENERAL, "edit", marks[bob], id=ids[0])
        that("and what is not stored yet can be edited", edited.get("text") == "by ourselves", edited)
        that("nothing is confirmed that is not stored", not any(task.done() for task in (*sending, editing)))
        since = time.monotonic()
        dan = await User.come(one, "dan5", headers=house)
        await dan.join(DIRECTORY)
        that("who comes now is told, too", (await dan.told(DIRECTORY, "servers")).get("reachable") is False)
        welcome = await dan.join(GENERAL, {"history": 5})
        that("and comes into rooms that are known here, soon", welcome.get("name") == "dan5" and time.monotonic() - since < 5, (welcome, time.monotonic() - since))
        entrant = await User.come(one, "owner5", headers=house)
        await entrant.join(DIRECTORY)
        identity = await entrant.do(DIRECTORY, "identify", {"password": "owner has one"})
        that("passwords that are known here let in", "token" in identity, identity)
        await asyncio.to_thread(one.admin, "ban", "zed5")
        that("a ban holds here", await refusal(User.come(one, "zed5", headers=house)) == 403)
        ready = await http(one.port, "GET", "/ready")
        that("the server is ready, and says what is wrong", ready[0] == 200 and b"other servers" in ready[2], ready)
        figures = (await http(one.port, "GET", "/metrics"))[2].decode()
        that("and so do its figures", re.search(r"^pond_cluster_answers 0$", figures, re.M) is not None, figures[-600:])
    finally:
        redis.process.send_signal(signal.SIGCONT)
    await asyncio.wait_for(asyncio.gather(*sending, editing), 30)
    that("everything is confirmed when Redis is back", True)
    for message in ids:
        await cat.told(GENERAL, "message", marks[cat], seconds=10, id=message)
    heard = [f["payload"]["id"] for f in cat.heard(marks[cat], event="message", channelName=GENERAL)]
    that("and reaches the other server once and in order", heard == ids, (heard, ids))
    twice = [f["payload"]["id"] for f in bob.heard(marks[bob], event="message", channelName=GENERAL)]
    that("those who saw it are not shown it again", twice == ids, (twice, ids))
    pages, deadline = [], time.monotonic() + 10
    while pages != [["by ourselves", "alone 1", "alone 2"]] * 2 and time.monotonic() < deadline:
        pages = [[m["text"] for m in (await user.do(GENERAL, "history", {"limit": 3}))["messages"]] for user in (bob, cat)]
        await asyncio.sleep(0.05)
    that("the pages of both have it as it was edited", pages == [["by ourselves", "alone 1", "alone 2"]] * 2, pages)
    that("the ban holds on the other", await eventually(lambda: User.come(other, "zed5", headers=house), 403))
    told = await ann.hear(lambda f: f["payload"]["reachable"] is True, marks[ann], event="servers")
    that("users are told that the others are back", bool(told))
    for user in (ann, bob, cat, dan, owner, entrant):
        await user.go()


async def repeated_alone(one: ChatServer, other: ChatServer, redis: Redis, checks: Checks) -> None:
    """Who said something while Redis stood still, left and came back, says it again."""
    that = checks.that
    house = {"X-Forwarded-For": "198.51.100.81"}
    room, message = "/lobby/repeats", str(uuid.uuid4())
    ann, cat = await User.come(one, "ann6", headers=house), await User.come(other, "cat6", headers=house)
    for user in (ann, cat):
        await user.join(room)
    redis.process.send_signal(signal.SIGSTOP)
    try:
        first = asyncio.create_task(refusal(ann.say(room, "again and again", id=message, seconds=60)))
        that("what is said is shown", bool(await ann.told(room, "message", id=message)))
        await ann.leave(room)
        await ann.join(room)
        second = asyncio.create_task(refusal(ann.say(room, "again and again", id=message, seconds=60)))
    finally:
        redis.process.send_signal(signal.SIGCONT)
    that("what is said again is confirmed", await asyncio.wait_for(second, 30) == 200)
    first.cancel()
    end = await ann.say(room, "the end")
    await cat.told(room, "message", id=end, seconds=10)
    heard = [f["payload"]["id"] for f in cat.heard(event="message", channelName=room)]
    that("and heard once", heard == [message, end], heard)
    for user in (ann, cat):
        await user.go()


async def long_absence(one: ChatServer, other: ChatServer, redis: Redis, checks: Checks) -> None:
    """A server is away for longer than Redis remembers."""
    that = checks.that
    house = {"X-Forwarded-For": "198.51.100.78"}
    boss = await User.come(other, "boss", other.admin("token", "boss").strip())
    await boss.join("/lobby/hall")
    first = await boss.say("/lobby/hall", "before")
    witness = await User.come(one, "witness")
    await witness.join("/lobby/hall")
    for user in ("fred", "gina"):
        await boss.do("/lobby/hall", "moderate", {"action": "ban", "user": user})
    await boss.do("/lobby/hall", "topic", {"topic": "Old"})

    tokens: dict[str, str] = {}

    async def banned(server: ChatServer, name: str, status: int) -> bool:
        user = await User.come(server, name, tokens.get(name), headers=house)
        tokens[name] = user.token
        done = await eventually(lambda: user.join("/lobby/hall"), status)
        await user.go()
        return done

    that("a ban holds on both", await banned(one, "fred", 403))
    one.kill()
    await boss.do("/lobby/hall", "moderate", {"action": "unban", "user": "fred"})
    await boss.do("/lobby/hall", "moderate", {"action": "ban", "user": "hugo"})
    await boss.do("/lobby/hall", "topic", {"topic": "New"})
    iris = await User.come(other, "iris", headers=house)
    await iris.join(DIRECTORY)
    await iris.do(DIRECTORY, "claim", {"password": "iris has one"})
    await boss.join(GENERAL)
    await boss.do(GENERAL, "moderate", {"action": "role", "user": "iris", "role": "moderator"})
    missed = [await boss.say("/lobby/hall", f"missed {number}") for number in range(3)]
    streams = [f"pond:v1:default:{place}:history:stream" for place in ("pond-server:journal", "socket:/lobby/hall")]
    that("Redis forgets", redis.command("DEL", *streams) == "2")
    kept = [await boss.say("/lobby/hall", f"kept {number}") for number in range(2)]
    one.start()
    that("a server that was away for longer than the journal reaches knows of bans that were lifted", await banned(one, "fred", 200))
    that("of others", await banned(one, "gina", 403) and await banned(one, "hugo", 403))
    back = await User.come(one, "iris", headers=house)
    that("of passwords", back.identity.get("needsPassword") is True, back.identity)
    who = await User.come(one, "whoever", headers=house)
    await who.join(DIRECTORY)
    found = await who.do(DIRECTORY, "whois", {"user": "iris"})
    that("of roles", found["role"] == "moderator", found)
    welcome = await who.join("/lobby/hall", {"history": 20})
    that("and of topics", welcome["topic"] == "New", welcome)
    messages = welcome["history"]["messages"]
    that("it has what Redis still has of a room, and says that there is a gap",
         [m["id"] for m in messages if m["kind"] == "text"] == [first, *kept]
         and [m["kind"] for m in messages] == ["text", "notice", "text", "text"], (messages, missed))
    for user in (boss, iris, back, who):
        await user.go()


async def forgetful_redis(one: ChatServer, other: ChatServer, third: ChatServer, redis: Redis, checks: Checks) -> None:
    """Redis loses everything; the servers still know."""
    that = checks.that
    redis.command("FLUSHALL")
    await asyncio.to_thread(other.admin, "ban", "joe")
    that("a ban still reaches the other", await eventually(lambda: User.come(one, "joe"), 403))
    deadline = time.monotonic() + 10
    while redis.command("HGET", "pond:chat:default:facts", "#") in ("", None) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    with third:
        house = {"X-Forwarded-For": "198.51.100.79"}
        hugo = await User.come(third, "hugo", headers=house)
        that("a server that never knew anything is told what held before",
             await eventually(lambda: hugo.join("/lobby/hall"), 403) and await eventually(lambda: User.come(third, "joe", headers=house), 403))
        iris = await User.come(third, "iris", headers=house)
        that("passwords, too", iris.identity.get("needsPassword") is True, iris.identity)
        for user in (hugo, iris):
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


async def check(one: ChatServer, other: ChatServer, third: ChatServer, redis: Redis, checks: Checks) -> None:
    parts = [(part, ()) for part in (rooms, names, earlier_owner, order, counts, operators, conversations, figures, losing_a_server)]
    for part, more in [*parts, (refused_joins, (redis,)), (taken_back, (redis,)), (erased, (redis,)), (alone, (redis,)), (repeated_alone, (redis,)), (long_absence, (redis,)), (forgetful_redis, (third, redis))]:
        try:
            await asyncio.wait_for(part(one, other, *more, checks), 120)
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
        flags = ("--redis", f"redis://127.0.0.1:{redis.port}", "--token-secret-file", str(secret), "--admins", "boss", "--trusted-proxies", "127.0.0.1", "--metrics-from", "127.0.0.1", "--devices-per-user", "4", *ROOMY)
        refused = ChatServer(program, Path(folder) / "none", "--redis", f"redis://127.0.0.1:{redis.port}").refused()
        checks.that("without a secret that both have, it does not start", refused[0] != 0 and "token-secret-file" in refused[1], refused)
        try:
            with ChatServer(program, Path(folder) / "one", *flags) as one, ChatServer(program, Path(folder) / "other", *flags) as other:
                third = ChatServer(program, Path(folder) / "third", *flags)
                asyncio.run(check(one, other, third, redis, checks))
        finally:
            redis.kill()
    checks.finish()


if __name__ == "__main__":
    main()
