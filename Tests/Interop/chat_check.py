"""The chat over real sockets: every event, looking back, names and tokens, keeping order.

    chat_check.py BUILD_FOLDER
"""

import asyncio
import base64
import hashlib
import hmac
import json
import sys
import tempfile
import time
import uuid
from pathlib import Path

from chat_peer import DIRECTORY, GENERAL, ROOMY, ChatServer, Refused, User, refusal
from peer import Checks, until
from sessions import SSESession

HELP = "/lobby/help"


async def talking(server: ChatServer, checks: Checks) -> None:
    """Messages, actions, replies, mentions, edits, removals, typing, status, read marks."""
    that = checks.that
    alice, bob = await User.come(server, "Alice"), await User.come(server, "bob")
    welcome = await alice.join(GENERAL)
    that("the welcome says who one is and what the room is about",
         (welcome.get("name"), welcome.get("role"), welcome.get("topic")) == ("Alice", "user", "Everything and nothing"), welcome)
    await bob.join(GENERAL, {"status": "busy", "statusText": "lunch"})
    here = await alice.hear(lambda f: len(f["payload"].get("presence", [])) == 2, action="PRESENCE")
    that("presence says name, status, text and since",
         any(p["name"] == "bob" and p["status"] == "busy" and p["statusText"] == "lunch" and p["since"] > 0
             for p in here.get("payload", {}).get("presence", [])), here)
    before = time.time() * 1000
    first = await alice.say(GENERAL, "hello @bob, and @nobody-here")
    heard = await bob.told(GENERAL, "message", id=first)
    that("a message comes with sender, mentions and the server's time",
         heard.get("sender") == "Alice" and heard.get("mentions") == ["bob", "nobody-here"] and heard.get("kind") == "text"
         and before - 60_000 < heard.get("at", 0) < before + 60_000, heard)
    action = await bob.say(GENERAL, "waves", kind="action", replyTo=first)
    heard = await alice.told(GENERAL, "message", id=action)
    that("an action and a reply come as such", heard.get("kind") == "action" and heard.get("replyTo") == first, heard)
    that("nobody but the server gives notices", await refusal(bob.say(GENERAL, "the server stops", kind="notice")) == 403)
    that("an empty text is refused", await refusal(bob.say(GENERAL, " \t\n ")) == 400)
    that("a text that is too long is refused", await refusal(bob.say(GENERAL, "x" * 2_001)) == 413)
    that("a text of too many lines is refused", await refusal(bob.say(GENERAL, "x\n" * 150)) == 413)
    that("a payload of another shape is refused with its path",
         await refusal(bob.do(GENERAL, "message", {"id": "m", "text": 7})) == 400)
    that("an id of other characters is refused", await refusal(bob.say(GENERAL, "x", id="a b")) == 400)
    hostile = {
        "turn \u202Eearound": "turn \ufffdearound", "a\u0000b\u001b[31mc\u009bd": "a\ufffdb\ufffd[31mc\ufffdd",
        "x\u2066y\u2069": "x\ufffdy\ufffd", "in\u200bvisi\ufeffble\u00ad": "invisible", "two\r\nlines\u2028three": "two\nlines\nthree",
        "za" + "\u0301" * 50: "za" + "\u0301" * 6, "tab\there": "tab here",
    }
    for raw, clean in hostile.items():
        message = await alice.say(GENERAL, raw)
        heard = await bob.told(GENERAL, "message", id=message)
        that(f"the text {raw[:20]!r} is made harmless", heard.get("text") == clean, heard)

    changed = await alice.mark_and(bob, GENERAL, "edit", {"id": first, "text": "hello all \u202e"})
    that("an edit reaches the others, cleaned, and its mentions are those of the new text",
         changed.get("text") == "hello all \ufffd" and not changed.get("mentions"), changed)
    that("only the author edits", await refusal(bob.do(GENERAL, "edit", {"id": first, "text": "mine"})) == 403)
    that("only the author or a moderator removes", await refusal(bob.do(GENERAL, "remove", {"id": first})) == 403)
    removed = await bob.mark_and(alice, GENERAL, "remove", {"id": action, "reason": "a slip"})
    that("a removal reaches the others with who and why", (removed.get("by"), removed.get("reason")) == ("bob", "a slip"), removed)
    that("what is removed cannot be edited or removed again",
         await refusal(bob.do(GENERAL, "edit", {"id": action, "text": "back"})) == 404
         and await refusal(bob.do(GENERAL, "remove", {"id": action})) == 404)
    page = await alice.do(GENERAL, "history", {"around": action, "limit": 1})
    that("the entry of a removed message stays, without its text",
         page["messages"][0].get("text") == "" and page["messages"][0].get("removedAt", 0) > 0, page)

    since = bob.mark
    again = await alice.say(GENERAL, "once", id="the-same")
    await bob.told(GENERAL, "message", since, id=again)
    since = bob.mark
    that("a message that is sent twice is acknowledged twice", await refusal(alice.say(GENERAL, "once", id=again)) == 200)
    that("an id of somebody else's message is refused", await refusal(bob.say(GENERAL, "mine", id=again)) == 409)
    fence = await alice.say(GENERAL, "fence")
    await bob.told(GENERAL, "message", since, id=fence)
    that("and said once", len(bob.heard(since, event="message")) == 1, bob.frames[since:])

    since, own = alice.mark, bob.mark
    await bob.session.broadcast(GENERAL, "typing", {"active": True})
    typing = await alice.told(GENERAL, "typing", since)
    that("typing is told to the others", (typing.get("user"), typing.get("active")) == ("bob", True), typing)
    await bob.do(GENERAL, "status", {"status": "away", "statusText": "tea\u202e"})
    update = await alice.hear(lambda f: f["payload"].get("changed", {}).get("status") == "away", since, action="PRESENCE")
    that("a status is told to all, cleaned", update.get("payload", {}).get("changed", {}).get("statusText") == "tea\ufffd", update)
    that("and typing is not told to who types", not bob.heard(own, event="typing"))
    page = await alice.do(GENERAL, "history", {})
    that("typing is not kept", all(m["kind"] in ("text", "action") for m in page["messages"]))

    carol = await User.come(server, "carol")
    that("a stranger to a room says nothing there", await refusal(carol.say(GENERAL, "hi")) == 404)
    welcome = await carol.join(GENERAL, {"history": 3})
    that("who joins gets the latest and the number of what is unread",
         len(welcome["history"]["messages"]) == 3 and welcome["history"]["hasOlder"] and welcome["read"]["unread"] > 3, welcome)
    unread, last = welcome["read"]["unread"], welcome["history"]["messages"][-2]["id"]
    await carol.do(GENERAL, "read", {"upTo": last})
    read = await carol.told(GENERAL, "read", upTo=last)
    that("a read marker counts what is behind it", read.get("unread") == 1, read)
    that("a marker at no message is refused", await refusal(carol.do(GENERAL, "read", {"upTo": "nothing"})) == 404)
    await carol.go()
    carol = await User.come(server, "carol", carol.token)
    welcome = await carol.join(GENERAL)
    that("it is there the next time", welcome["read"] == {"upTo": last, "unread": 1, "mentions": 0}, (unread, welcome))
    await alice.say(GENERAL, "look, @CAROL")
    await carol.leave(GENERAL)
    welcome = await carol.join(GENERAL)
    that("mentions are counted, however the name is written", welcome["read"]["mentions"] == 1, welcome)

    over_sse = await User.come(server, "dora", kind=SSESession)
    await over_sse.join(GENERAL)
    message = await over_sse.say(GENERAL, "from an event source")
    that("a user over SSE is like any other", bool(await alice.told(GENERAL, "message", id=message)))
    await over_sse.go()
    for user in (alice, bob, carol):
        await user.go()


async def conversations(server: ChatServer, checks: Checks) -> None:
    """Direct messages, and the directory that tells of rooms as they change."""
    that = checks.that
    alice, bob, eve = [await User.come(server, name) for name in ("alice2", "Bob2", "eve2")]
    pair = "/dm/alice2~bob2"
    that("a conversation is for its two", await refusal(eve.join(pair)) == 403)
    that("and has one spelling", await refusal(alice.join("/dm/bob2~alice2")) == 404)
    await bob.join(DIRECTORY)
    rooms = await bob.hear(event="rooms")
    that("the directory lists the rooms with topics",
         {r["room"]: r["topic"] for r in rooms["payload"]["rooms"]}.get("help") == "Ask here", rooms)
    await alice.join(pair)
    message = await alice.say(pair, "psst @bob2")
    notice = await bob.told(DIRECTORY, "direct", **{"with": "alice2"})
    that("who is not in the conversation hears of it on the directory",
         notice.get("unread") == 1 and notice.get("last", {}).get("id") == message, notice)
    await eve.join(DIRECTORY)
    since = bob.mark
    welcome = await bob.join(pair, {"history": 10})
    that("and finds it there", [m["id"] for m in welcome["history"]["messages"]] == [message], welcome)
    answer = await bob.say(pair, "yes?")
    that("both hear each other", bool(await alice.told(pair, "message", id=answer)))
    that("nobody else hears any of it", not [f for f in eve.frames if "psst" in json.dumps(f) or "yes?" in json.dumps(f)])
    listed = [r["room"] for f in bob.heard(since, event="rooms-changed") for r in f["payload"]["rooms"]]
    that("the directory does not list it", not [room for room in listed if "alice2" in room or "~" in room], listed)
    that("there is no order in a conversation", await refusal(alice.do(pair, "moderate", {"action": "kick", "user": "Bob2"})) == 400)

    since = bob.mark
    await alice.join("/lobby/garden")
    news = await bob.hear(lambda f: any(r["room"] == "garden" and r["members"] == 1 for r in f["payload"]["rooms"]), since, event="rooms-changed")
    that("a room that somebody makes is told live", bool(news), bob.frames[since:])
    await alice.do("/lobby/garden", "topic", {"topic": "Roses\u202e"})
    topic = await bob.hear(lambda f: any(r["topic"] == "Roses\ufffd" for r in f["payload"]["rooms"]), since, event="rooms-changed")
    that("its topic too, cleaned", bool(topic), bob.frames[since:])
    await alice.join(GENERAL)
    that("the topic of a room of the house is not for everyone", await refusal(
        alice.do(GENERAL, "topic", {"topic": "mine"})) == 403)
    other = await User.come(server, "alice2", alice.token)
    await other.join("/lobby/garden")
    await eve.join("/lobby/garden")
    news = await bob.hear(lambda f: any(r["room"] == "garden" and r["members"] > 1 for r in f["payload"]["rooms"]), since, event="rooms-changed")
    count = [r["members"] for r in news["payload"]["rooms"] if r["room"] == "garden"] if news else None
    that("two devices of one user count once", count == [2], news)
    await alice.leave("/lobby/garden")
    await eve.leave("/lobby/garden")
    that("one of two devices leaves and the user stays", await until(lambda: [p["name"] for p in other.presence("/lobby/garden")] == ["alice2"]),
         other.presence("/lobby/garden"))
    await other.go()
    gone = await bob.hear(lambda f: "garden" in f["payload"]["gone"], since, event="rooms-changed")
    that("a room goes with its last user", bool(gone), bob.frames[since:])
    who = await bob.do(DIRECTORY, "whois", {"user": "ALICE2"})
    that("who is tells devices and rooms", (who["name"], who["devices"], who["rooms"]) == ("alice2", 1, ["general"]), who)
    that("and of nobody that there is none", await refusal(bob.do(DIRECTORY, "whois", {"user": "ghost"})) == 404)
    for user in (alice, bob, eve):
        await user.go()


async def looking_back(server: ChatServer, checks: Checks) -> None:
    """Pages, searches, and the export."""
    that = checks.that
    room = "/lobby/archive"
    ann = await User.come(server, "ann")
    await ann.join(room)
    names = [f"n{number:03}" for number in range(120)]
    for number, name in enumerate(names):
        await ann.say(room, f"word{number} common Über {'sea' if number % 10 == 0 else 'land'}", id=name)

    async def page(**asked) -> tuple[list[str], bool, bool]:
        answer = await ann.do(room, "history", asked)
        return [m["id"] for m in answer["messages"]], answer["hasOlder"], answer["hasNewer"]

    that("the latest page", await page(limit=10) == (names[-10:], True, False), await page(limit=10))
    that("a page before a message", await page(before="n050", limit=10) == (names[40:50], True, True))
    that("a page after a message", await page(after="n050", limit=10) == (names[51:61], True, True))
    that("a page around a message", await page(around="n050", limit=11) == (names[45:56], True, True), await page(around="n050", limit=11))
    that("the first page has nothing older", await page(before="n003", limit=10) == (names[:3], False, True))
    that("the last page has nothing newer", await page(after="n118", limit=10) == (names[119:], True, False))
    walked, at = [], None
    while True:
        ids, older, _ = await page(limit=37, **({"before": at} if at else {}))
        walked, at = ids + walked, ids[0]
        if not older:
            break
    that("walking back page by page passes every message once", walked == names, len(walked))
    that("a page near no message is refused", await refusal(page(before="never")) == 404)
    that("two anchors are refused", await refusal(page(before="n001", after="n002")) == 400)

    async def search(query: str, **more) -> tuple[list[str], bool]:
        answer = await ann.do(room, "search", {"query": query, **more})
        return [m["id"] for m in answer["messages"]], answer["hasMore"]

    that("a search finds all words, newest first", await search("common sea") == ([n for n in reversed(names[::10])], False))
    that("a search has pages", await search("common", limit=5, before="n100") == (names[99:94:-1], True))
    that("case and accents do not matter", len((await search("UBER word77"))[0]) == 1)
    that("a beginning with a star finds longer words", (await search("word11*"))[0] == [f"n{n}" for n in (119, 118, 117, 116, 115, 114, 113, 112, 111, 110)] + ["n011"])
    that("search syntax is text", (await search('common" OR "sea')) [0] == (await search("common or sea"))[0] == [])
    that("an empty search finds nothing", await search("\u202e ?") == ([], False))
    that("a search by who wrote", await search("common", **{"from": "bob"}) == ([], False))
    await ann.do(room, "remove", {"id": "n110"})
    await ann.do(room, "edit", {"id": "n100", "text": "dry now"})
    that("what was removed or edited is not found any more", (await search("sea"))[0] == names[90::-10], await search("sea"))
    lines = [json.loads(line) for line in server.admin("export", "archive").splitlines()]
    that("the export has every message as a line, in order",
         [line["id"] for line in lines] == names and lines[5]["channel"] == room and lines[5]["sender"] == "ann", lines[:1])
    that("edited and removed as they are now", lines[100]["text"] == "dry now" and lines[110]["text"] == "")
    await ann.go()


async def names(server: ChatServer, checks: Checks) -> None:
    """Who has a name: unique, claimed, proven."""
    that = checks.that
    olga = await User.come(server, "Olga")
    that("a name that somebody has is taken, however it is written", await refusal(User.come(server, "oLGA")) == 409)
    that("and so is one that looks like it", await refusal(User.come(server, "0lga")) in (409,))
    that("bad names are refused",
         {await refusal(User.come(server, bad)) for bad in ("", "a b", "x" * 40, "a\u202eb", "\u0440aul", "server~")} == {400})
    that("a reserved name is refused", await refusal(User.come(server, "server")) in (400, 403))
    that("somebody without a name is told so", await refusal(User.come(server, None)) == 400)
    that("the token of a stay gives a second device the name", (await User.come(server, "olga", olga.token)).name == "olga")
    that("a token of another name does not", await refusal(User.come(server, "peter", olga.token)) == 401)
    that("nor one that was changed", await refusal(User.come(server, "Olga", olga.token[:-3] + "AAA")) == 401)
    await olga.join(DIRECTORY)
    that("a short password is refused", await refusal(olga.do(DIRECTORY, "claim", {"password": "short"})) == 400)
    mine = await olga.do(DIRECTORY, "claim", {"password": "correct horse"})
    that("a name can be claimed with a password", mine.get("claimed") is True and bool(mine.get("token")), mine)
    thief = await User.come(server, "OLGA")
    that("whoever comes without it has to give it", thief.identity.get("needsPassword") is True, thief.identity)
    that("and is let in nowhere", await refusal(thief.join(GENERAL)) == 401)
    await thief.join(DIRECTORY)
    that("not even told of the rooms", not thief.heard(event="rooms"))
    that("nor of who is who", await refusal(thief.do(DIRECTORY, "whois", {"user": "Olga"})) == 401)
    that("nor may they claim it", await refusal(thief.do(DIRECTORY, "claim", {"password": "another password"})) == 401)
    began, answers = time.monotonic(), []
    for number in range(30):
        answers.append(await refusal(thief.do(DIRECTORY, "identify", {"password": f"wrong {number}"})))
    that("wrong passwords are refused, and soon as too many", answers[0] == 401 and answers[-1] == 429 and answers.count(401) <= 8, answers)
    that("as fast as they come", time.monotonic() - began < 15, time.monotonic() - began)
    that("the owner's token stands for the password", (await User.come(server, "Olga", mine["token"])).identity["claimed"])
    that("what goes over the wire about passwords is not in the log",
         not [line for line in server.log if "correct horse" in line or "wrong 3" in line or mine["token"] in line])


async def keeping_order(server: ChatServer, checks: Checks) -> None:
    """Kick, ban, mute, slow mode, roles."""
    that = checks.that
    root, bad, good = [await User.come(server, name) for name in ("boss", "baddy", "goody")]
    await good.join(HELP)
    that("a user keeps no order", await refusal(good.do(HELP, "moderate", {"action": "kick", "user": "boss"})) == 403)
    await root.join(DIRECTORY)
    claimed = await root.do(DIRECTORY, "claim", {"password": "boss password"})
    that("the configured admin is one after the claim", claimed["role"] == "admin", claimed)
    await root.join(HELP)
    await bad.join(HELP)
    await bad.join(GENERAL)

    async def order(action: str, user: str | None = None, **more) -> dict:
        return await root.do(HELP, "moderate", {"action": action, **({"user": user} if user else {}), **more})

    that("nobody keeps order over who is not known by a name", await refusal(order("mute")) == 400)
    since = good.mark
    await order("mute", "baddy", seconds=600, reason="shouting")
    told = await good.told(HELP, "moderated", since, action="mute")
    that("everyone is told who did what to whom, and why",
         (told.get("by"), told.get("user"), told.get("reason")) == ("boss", "baddy", "shouting"), told)
    that("a muted user writes nothing", await refusal(bad.say(HELP, "let me")) == 403)
    that("elsewhere they do", await refusal(bad.say(GENERAL, "here then")) == 200)
    await order("unmute", "baddy")
    that("until it is over", await refusal(bad.say(HELP, "thanks")) == 200)
    that("what does not hold cannot be ended", await refusal(order("unmute", "baddy")) == 404)
    await order("kick", "baddy", reason="enough")
    that("who is kicked hears why", (await bad.hear(event="EVICTED", channelName=HELP)).get("payload", {}).get("reason") == "enough")
    that("is out", await refusal(bad.say(HELP, "x")) == 404)
    that("and may come back", await refusal(bad.join(HELP)) == 200)
    await order("ban", "baddy", reason="again", seconds=3600)
    that("who is banned is out", await refusal(bad.say(HELP, "x")) == 404)
    that("and stays out", await refusal(bad.join(HELP)) == 403)
    that("of this room only", await refusal(bad.say(GENERAL, "still here")) == 200)
    await order("unban", "baddy")
    that("until the ban is lifted", await refusal(bad.join(HELP)) == 200)
    since = good.mark
    await order("slow", seconds=60)
    that("slow mode lets everyone speak once",
         (await refusal(good.say(HELP, "one")), await refusal(good.say(HELP, "two"))) == (200, 429))
    that("and admins as they like", [await refusal(root.say(HELP, "a")) for _ in range(2)] == [200, 200])
    await bad.leave(HELP)
    welcome = await bad.join(HELP)
    that("who comes is told of slow mode", welcome.get("slowSeconds") == 60, welcome)
    await order("slow", seconds=0)
    that("until it ends", await refusal(good.say(HELP, "two")) == 200)
    that("a role needs a claimed name", await refusal(order("role", "goody", role="moderator")) == 409)
    await good.join(DIRECTORY)
    await good.do(DIRECTORY, "claim", {"password": "good password"})
    await order("role", "goody", role="moderator")
    message = await bad.say(HELP, "something rude")
    that("a moderator removes what others wrote", await refusal(good.do(HELP, "remove", {"id": message, "reason": "rude"})) == 200)
    that("a moderator's order does not reach everywhere",
         await refusal(good.do(HELP, "moderate", {"action": "ban", "user": "baddy", "everywhere": True})) == 403)
    that("nor upwards", await refusal(good.do(HELP, "moderate", {"action": "kick", "user": "boss"})) == 403)
    token, session = bad.token, (await bad.hear(event="CONNECTION"))["payload"]["pond"]["session"]
    sleeper = await User.come(server, "baddy", token)
    await sleeper.join(GENERAL)
    asleep = (await sleeper.hear(event="CONNECTION"))["payload"]["pond"]["session"]
    sleeper.lose()
    await order("ban", "baddy", everywhere=True, reason="the last straw")
    ended = await bad.closed()
    that("a ban everywhere ends the connection at once, with the reason", ended == (4003, "the last straw"), ended)
    that("and lets nobody of that name in", await refusal(User.come(server, "baddy")) == 403)
    that("not with a token either", await refusal(User.come(server, "baddy", token)) == 403)
    for lost in (session, asleep):
        that("not with the session of a connection, open or lost",
             await refusal(User.come(server, "baddy", token, headers={"Pond-Session": lost})) == 403)
    that("it is told by the operator's list", "baddy everywhere" in server.admin("bans"), server.admin("bans"))
    for user in (root, good):
        await user.go()


def signed(claims: dict, secret: bytes, algorithm: str = "HS256") -> str:
    """A token as any program makes one."""
    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    content = part(json.dumps({"alg": algorithm, "typ": "JWT"}).encode()) + "." + part(json.dumps(claims).encode())
    return content + "." + part(hmac.new(secret, content.encode(), hashlib.sha256).digest())


async def tokens(program: Path, folder: Path, checks: Checks) -> None:
    """A server whose names come with tokens that somebody else signs."""
    that = checks.that
    secret, old = b"a secret of quite some length, for once", b"the secret of before, which still holds!"
    file = folder / "secrets"
    file.write_bytes(secret + b"\n" + old + b"\n")
    file.chmod(0o600)
    with ChatServer(program, folder / "tokens", "--auth", "token", "--token-secret-file", str(file), *ROOMY) as server:
        now = time.time()

        def token(name: str, seconds: float = 60, key: bytes = secret, **more) -> str:
            return signed({"sub": name, "exp": now + seconds, "iat": now, "jti": str(uuid.uuid4()), **more}, key)

        that("nobody comes without a token", await refusal(User.come(server, "ann")) == 401)
        ann = await User.come(server, None, token("ann"))
        that("a token says who one is", ann.name == "ann" and "token" not in ann.identity, ann.identity)
        that("the header does as well",
             (await User.come(server, None, headers={"Authorization": f"Bearer {token('hed')}"})).name == "hed")
        that("a secret of before still holds", (await User.come(server, "ben", token("ben", key=old))).name == "ben")
        bad = {
            "an expired one": token("cat", -1), "one signed by another": token("cat", key=b"x" * 40),
            "one without a signature": signed({"sub": "cat", "exp": now + 60}, secret, "none").rsplit(".", 1)[0] + ".",
            "one of another algorithm": signed({"sub": "cat", "exp": now + 60}, secret, "HS512"), "no token at all": "x.y",
            "one without an end": signed({"sub": "cat"}, secret), "one that begins later": token("cat", nbf=now + 3600),
        }
        for what, text in bad.items():
            that(f"{what} is refused", await refusal(User.come(server, "cat", text)) == 401)
        mod = await User.come(server, None, token("mod", role="moderator"))
        that("a token can bring a role", mod.identity["role"] == "moderator", mod.identity)
        await ann.join(DIRECTORY)
        that("names are not claimed here", await refusal(ann.do(DIRECTORY, "claim", {"password": "long enough"})) == 403)
        brief = await User.come(server, None, token("brief", time.time() - now + 2.5))
        await brief.join(DIRECTORY)
        renewed = await brief.do(DIRECTORY, "identify", {"token": token("brief", 3600)})
        that("a token is renewed without a new connection", renewed["tokenExpires"] > (now + 3000) * 1000, renewed)
        that("not by one of another name", await refusal(brief.do(DIRECTORY, "identify", {"token": token("ann")})) == 401)
        short = await User.come(server, None, token("short", time.time() - now + 1.5))
        ended = await short.closed(6)
        that("a connection ends with its token", ended == (4001, "the token has expired"), ended)
        that("a renewed one goes on", await brief.closed(2) is None and await refusal(brief.join(GENERAL)) == 200)
        stolen = token("thief", 3600, jti="stolen")
        thief = await User.come(server, None, stolen)
        began = time.monotonic()
        server.admin("revoke", "--token", "stolen")
        ended = await thief.closed(3)
        that("revocation takes effect within a second", ended is not None and time.monotonic() - began < 1, (ended, time.monotonic() - began))
        that("and lasts", await refusal(User.come(server, None, stolen)) == 401)
        await asyncio.sleep(0)
        that("all tokens of a user are revoked together", bool(server.admin("revoke", "ann")) and await ann.closed(2) is not None
             and await refusal(User.come(server, None, token("ann"))) == 401)


async def main() -> None:
    program, checks = Path(sys.argv[1]) / "pond-server", Checks("chat")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        configuration = folder / "pond.ini"
        configuration.write_text("admins = boss\n[rooms]\ngeneral = Everything and nothing\nhelp = Ask here\n")
        flags = ("--config", str(configuration), "--log-level", "debug", "--drain-time", "1s", *ROOMY)
        with ChatServer(program, folder / "data", *flags) as server:
            for part in (talking, conversations, looking_back, names, keeping_order):
                try:
                    await part(server, checks)
                except Refused as refused:
                    checks.that(f"{part.__name__} goes through", False, refused)
                    raise
            checks.that("the server ends well", await asyncio.to_thread(server.stop) == 0, server.log[-5:])
            checks.that("and logged no error", not [line for line in server.log if " ERROR " in line],
                        [line for line in server.log if " ERROR " in line][:3])
        await tokens(program, folder, checks)
    checks.finish()


asyncio.run(main())
