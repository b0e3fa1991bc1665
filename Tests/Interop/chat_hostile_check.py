"""Abuse, a full disk and a disk that cannot be written: limits answer, a healthy pair notices nothing, and it mends.

    chat_hostile_check.py BUILD_FOLDER
"""

import asyncio
import itertools
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from websockets.exceptions import ConnectionClosed

from chat_filling import fill, rows
from chat_peer import DIRECTORY, GENERAL, ROOMY, ChatServer, Refused, User, refusal
from peer import Checks
from sessions import http


class Pair:
    """Two friends who talk at an ordinary pace; everything each says must arrive at the other, once and in order."""

    def __init__(self, left: User, right: User, room: str) -> None:
        self.room = room
        self.users, self.sent, self.times = (left, right), ([], []), []

    @classmethod
    async def meet(cls, server: ChatServer, room: str = "/lobby/balcony") -> "Pair":
        left, right = await User.come(server, "juliet"), await User.come(server, "romeo")
        await left.join(room)
        await right.join(room)
        return cls(left, right, room)

    async def talk(self, stop: asyncio.Event, pause: float = 0.5) -> None:
        for number in itertools.count():
            if stop.is_set():
                return
            for side, user in enumerate(self.users):
                began = time.monotonic()
                self.sent[side].append(await user.say(self.room, f"line {number} \u2665"))
                self.times.append(time.monotonic() - began)
            await asyncio.sleep(pause)

    async def check(self, checks: Checks) -> None:
        for side, other in ((0, 1), (1, 0)):
            if self.sent[side]:
                await self.users[other].told(self.room, "message", id=self.sent[side][-1])
            heard = [f["payload"]["id"] for f in self.users[other].heard(event="message", channelName=self.room)]
            heard = [message for message in heard if message in set(self.sent[side])]
            checks.that("every line of a healthy pair arrives, once and in order", heard == self.sent[side] and len(heard) >= 4,
                        (len(heard), len(self.sent[side])))
        checks.that("soon", max(self.times) < 2, max(self.times))

    def tell(self, beside: str) -> None:
        times = sorted(self.times)
        print(f"  a healthy pair beside {beside}: p50 {times[len(times) // 2] * 1000:.1f} ms, p99 {times[int(len(times) * 0.99)] * 1000:.1f} ms, n {len(times)}")


async def often(action, count: int, at_once: int = 1) -> None:
    """Does something so many times, several at once, each as soon as one before is answered."""
    left = iter(range(count))

    async def go_on() -> None:
        for _ in left:
            try:
                await action()
            except (Refused, ConnectionClosed, ConnectionError, OSError, TimeoutError):
                await asyncio.sleep(0)

    await asyncio.gather(*(go_on() for _ in range(at_once)))


async def abused(program: Path, folder: Path, checks: Checks) -> None:
    that = checks.that
    with ChatServer(program, folder / "abused", "--connections-per-address", "400", "--log-level", "warning") as server:
        owner = await User.come(server, "owner")
        await owner.join(DIRECTORY)
        mine = await owner.do(DIRECTORY, "claim", {"password": "hard to guess"})
        pair, stop = await Pair.meet(server), asyncio.Event()
        counts: dict[str, dict[int, int]] = {}
        began = time.monotonic()

        def counted(what: str, status: int) -> None:
            of_kind = counts.setdefault(what, {})
            of_kind[status] = of_kind.get(status, 0) + 1

        spammer = await User.come(server, "spammer")
        await spammer.join("/lobby/balcony")

        async def spam() -> None:
            counted("spam", await refusal(spammer.say("/lobby/balcony", "buy this", seconds=20)))

        deaf = await User.come(server, "deaf")
        await deaf.join("/lobby/balcony")

        async def spam_unread() -> None:
            for _ in range(200):
                await deaf.session.broadcast("/lobby/balcony", "message", {"id": str(random.random()), "text": "x" * 1_900})
            await asyncio.sleep(0.01)

        async def steal() -> None:
            counted("thief", await refusal(User.come(server, random.choice(["juliet", "JULIET", "romeo", "ju1iet", "owner\u200b"]))))

        maker = await User.come(server, "maker")

        async def make() -> None:
            counted("rooms", await refusal(maker.join(f"/lobby/r{random.randrange(10**9)}")))

        guesser = await User.come(server, "owner")
        await guesser.join(DIRECTORY)

        async def guess() -> None:
            counted("guesses", await refusal(guesser.do(DIRECTORY, "identify", {"password": f"guess {random.random()}"})))

        giant = [await User.come(server, "giant")]
        await giant[0].join("/lobby/balcony")

        async def return_of_the_giant() -> None:
            giant[0] = await User.come(server, "giant", giant[0].token)
            await giant[0].join("/lobby/balcony")

        async def oversize() -> None:
            try:
                status = await refusal(giant[0].say("/lobby/balcony", "\u202e\u0000" * random.choice([3_000, 20_000, 200_000]), seconds=2))
            except ConnectionClosed:
                status = 1009
            counted("oversized", status)
            # Among so many who arrive it may have to stay out for a while.
            if giant[0].session.reader.done():
                await refusal(return_of_the_giant())

        vandal = [await User.come(server, "vandal")]
        pieces = ['{"action":"BROADCAST"}', "[" * 5_000, "{", "null", '"\ud800"', '{"action":"JOIN_CHANNEL","event":"x","channelName":"' + "/x" * 5_000 + '"}',
                  '{"action":"BROADCAST","event":"message","channelName":"/lobby/balcony","requestId":"r","payload":{"id":"\\ud800","text":"\\ud800"}}']

        async def vandalise() -> None:
            try:
                await vandal[0].session.send_text(random.choice(pieces).encode("utf-8", "replace").decode())
            except ConnectionClosed:
                vandal[0] = await User.come(server, "vandal", vandal[0].token)
            await asyncio.sleep(0.002)

        async def hammer() -> None:
            await http(server.port, random.choice(["GET", "POST", "PUT"]), random.choice(["/socket", "/metrics", "/x", "/socket?name=%00"]),
                       {"X-Connection-ID": "nobody's"}, os.urandom(100))

        talk = asyncio.create_task(pair.talk(stop))
        deeds = ((spam, 400, 100), (spam_unread, 20, 1), (steal, 150, 30), (make, 120, 40), (guess, 40, 20),
                 (oversize, 30, 1), (vandalise, 500, 1), (hammer, 200, 4))
        # Twice, so that the second time meets what the first time left.
        for _ in range(2):
            await asyncio.gather(*(often(*deed) for deed in deeds))
        stop.set()
        await talk
        await pair.check(checks)
        done = lambda what, status: counts.get(what, {}).get(status, 0)
        took = time.monotonic() - began
        that("a spammer is let through at the pace of anyone, and told to wait",
             done("spam", 200) <= 20 + 5 * took + 5 and done("spam", 429) > 100, (took, counts))
        that("a thief of names has no success", done("thief", 200) == 0 and done("thief", 409) > 0 and done("thief", 429) > 0, counts)
        that("a maker of rooms comes to an end", done("rooms", 200) <= 21 and done("rooms", 429) > 100, counts)
        that("guesses are stopped", done("guesses", 401) <= 6 + took / 10 and done("guesses", 429) > 30, (took, counts))
        that("what is too large is refused", done("oversized", 200) == 0 and sum(counts["oversized"].values()) > 5, counts)
        that("the server lives, and is ready", (await http(server.port, "GET", "/ready"))[0] == 200)
        back = await User.come(server, "owner", mine["token"])
        that("the owner of a name under attack comes in with the token", back.identity["claimed"])
        users = [pair.users[0], pair.users[1], owner, back, spammer, deaf, maker, guesser, giant[0], vandal[0]]
        for user in users:
            user.lose()
        that("it ends well", await asyncio.to_thread(server.stop) == 0, server.log[-3:])


async def until_over(seconds: float, action) -> list[int]:
    """What an action is answered with, done again and again for so long."""
    deadline, statuses = time.monotonic() + seconds, []
    while time.monotonic() < deadline:
        statuses.append(await refusal(action()))
    return statuses


async def searched(program: Path, folder: Path, checks: Checks) -> None:
    """Many search for what is most work, in a room with many messages."""
    that, flags = checks.that, ("--connections-per-address", "400", *ROOMY)
    with ChatServer(program, folder / "data", *flags):
        pass
    fill(folder / "data" / "chat.db", 50_000)
    with ChatServer(program, folder / "data", *flags) as server:
        pair, stop = await Pair.meet(server), asyncio.Event()
        talk = asyncio.create_task(pair.talk(stop, 0.02))
        statuses: set[int] = set()
        numbers = itertools.count()
        queries = itertools.cycle(["t*"] * 16 + ["tha*", "tab* tex*", "even odd", " ".join(["tab*"] * 16), "table* even odd"])

        async def search(user: User) -> None:
            await user.join(GENERAL)
            statuses.update(await until_over(3, lambda: user.do(GENERAL, "search", {"query": next(queries)})))

        async def come_and_join() -> None:
            user = await User.come(server, f"guest{next(numbers)}")
            try:
                await user.join(GENERAL, {"history": 20})
            finally:
                await user.go()

        users = [await User.come(server, f"seeker{number}") for number in range(16)]
        searches = [asyncio.create_task(search(user)) for user in users]
        arrivals = set(await until_over(3, come_and_join))
        await asyncio.gather(*searches)
        stop.set()
        await talk
        await pair.check(checks)
        pair.tell("a storm of searches")
        that("searches are answered or told to wait, whatever they ask", 200 in statuses and statuses <= {200, 400, 429}, statuses)
        that("people come in meanwhile", arrivals <= {200, 429} and 200 in arrivals, arrivals)
        asker = await User.come(server, "asker")
        await asker.join(GENERAL)
        that("and a search is answered afterwards", bool((await asker.do(GENERAL, "search", {"query": "table77"}))["messages"]))


async def refused(program: Path, folder: Path, checks: Checks) -> None:
    """Connections that nobody knows join what they must not."""
    with ChatServer(program, folder / "data", "--no-rooms-on-demand", "--connections-per-address", "400", *ROOMY) as server:
        pair, stop, numbers = await Pair.meet(server, GENERAL), asyncio.Event(), itertools.count()
        strangers = [await User.come(server, f"stranger{number}") for number in range(4)]
        # What the first message of a room brings is no part of it.
        await pair.users[0].say(GENERAL, "good evening")
        before = rows(folder / "data" / "chat.db")
        talk = asyncio.create_task(pair.talk(stop, 0.05))

        async def join(user: User) -> list[int]:
            paths = itertools.cycle(["/lobby/none{}", "/dm/juliet~x{}", "/dm/a{}~b", "/dm/none{}", "/nowhere/{}"])
            return await until_over(3, lambda: user.join(next(paths).format(next(numbers))))

        statuses = [status for answers in await asyncio.gather(*(join(user) for user in strangers)) for status in answers]
        stop.set()
        await talk
        await pair.check(checks)
        pair.tell("refused joins")
        after = rows(folder / "data" / "chat.db")
        grown = {table: count - before[table] for table, count in after.items() if count > before[table] and table not in ("messages", "broadcasts")}
        said = sum(len(lines) for lines in pair.sent)
        checks.that("joins of what is not theirs are refused", len(statuses) > 100 and 200 not in statuses, set(statuses))
        checks.that("and leave no rows", not grown and after["messages"] - before["messages"] == said, (grown, len(statuses)))


class SmallDisk:
    """A file system of its own, of a few megabytes; none where it cannot be mounted."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder, self.megabytes = folder, megabytes

    def __enter__(self) -> "SmallDisk | None":
        self.folder.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.megabytes}m", "pond-check", str(self.folder)], capture_output=True)
        return self if done.returncode == 0 else None

    def fill(self) -> None:
        with open(self.folder / "ballast", "wb", buffering=0) as ballast:
            try:
                while ballast.write(b"x" * 4096):
                    pass
            except OSError:
                pass

    def clear(self) -> None:
        (self.folder / "ballast").unlink()

    def remount(self, how: str) -> bool:
        return subprocess.run(["mount", "-o", f"remount,{how}", str(self.folder)], capture_output=True).returncode == 0

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], capture_output=True)


class FailingDisk:
    """A file system of its own that turns read-only while files are open, as one does whose disk fails; none where it
    cannot be mounted."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder, self.image, self.megabytes = folder, folder.with_suffix(".ext4"), megabytes

    def __enter__(self) -> "FailingDisk | None":
        self.folder.mkdir()
        self.image.write_bytes(b"")
        os.truncate(self.image, self.megabytes << 20)
        try:
            for command in (["mkfs.ext4", "-q", str(self.image)], ["mount", "-o", "loop", str(self.image), str(self.folder)]):
                subprocess.run(command, capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        return self

    def fail(self) -> bool:
        return subprocess.run(["mount", "-o", "remount,abort", str(self.folder)], capture_output=True).returncode == 0

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], capture_output=True)


async def failing(program: Path, folder: Path, checks: Checks) -> None:
    """The disk turns read-only under a running server."""
    that = checks.that
    with FailingDisk(folder / "disk", 16) as disk:
        if disk is None:
            print("  (no ext4 can be mounted here: the disk that turns read-only was not checked)")
            return
        with ChatServer(program, disk.folder / "data", "--drain-time", "1s", *ROOMY) as server:
            ann, bob = await User.come(server, "ann"), await User.come(server, "bob")
            for user in (ann, bob):
                await user.join(GENERAL)
            kept = [await ann.say(GENERAL, f"before {n}") for n in range(10)]
            await bob.told(GENERAL, "message", id=kept[-1])
            that("the disk turns read-only", disk.fail())
            since = bob.mark
            statuses = {await refusal(ann.say(GENERAL, f"after {n}")) for n in range(5)}
            that("senders get an error for each message", statuses == {503}, statuses)
            that("nobody hears what was not stored", not bob.heard(since, event="message"))
            page = await bob.do(GENERAL, "history", {"limit": 20})
            that("what was said can be read", [m["id"] for m in page["messages"]] == kept, page)
            that("people come and go", await refusal(User.come(server, "carol")) == 200)
            ready = await http(server.port, "GET", "/ready")
            that("the server is not ready, and says why", ready[0] == 503 and b"read" in ready[2].lower() or b"inputOutput" in ready[2], ready)
            that("it ends well", await asyncio.to_thread(server.stop) == 0, server.log[-3:])


async def quota(program: Path, folder: Path, checks: Checks) -> None:
    """No file may grow any more."""
    that = checks.that
    with ChatServer(program, folder / "data", *ROOMY) as server:
        ann = await User.come(server, "ann")
        await ann.join(GENERAL)
        kept = [await ann.say(GENERAL, f"before {n}") for n in range(10)]
        hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (64 * 1024, hard))
        statuses = set()
        for number in range(200):
            message = f"quota-{number}"
            status = await refusal(ann.say(GENERAL, "x" * 1_900, id=message, seconds=5))
            statuses.add(status)
            if status == 200:
                kept.append(message)
        that("where files must not grow senders get an error", 503 in statuses and statuses <= {200, 503}, statuses)
        that("the server lives", server.process.poll() is None and (await http(server.port, "GET", "/health"))[0] == 200)
        if server.process.poll() is None:
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        kept.append(await ann.say(GENERAL, "and on"))
        stored = [json.loads(line)["id"] for line in server.admin("export", "general").splitlines()]
        that("and goes on when they may, with what was confirmed and nothing else", stored == kept, (len(stored), len(kept)))
        that("the database is whole", "whole" in server.admin("check"))


async def full(program: Path, folder: Path, checks: Checks) -> None:
    that = checks.that
    with SmallDisk(folder / "disk", 8) as disk:
        if disk is None:
            print("  (no small file system can be mounted here: the full disk was not checked)")
            return
        with ChatServer(program, disk.folder / "data", "--metrics-from", "127.0.0.1", *ROOMY) as server:
            ann, bob = await User.come(server, "ann"), await User.come(server, "bob")
            for user in (ann, bob):
                await user.join(GENERAL)
            kept = [await ann.say(GENERAL, f"before {n}") for n in range(10)]
            disk.fill()
            refused, since = [], bob.mark
            for number in range(500):
                message = f"full-{number}"
                try:
                    kept.append(await ann.say(GENERAL, "x" * 1_500, id=message))
                except Refused as error:
                    refused.append((message, error))
                    if len(refused) > 20:
                        break
            that("on a full disk the sender of a message gets an error for it", {e.status for _, e in refused} == {503}, refused[:1])
            that("in words without secrets of the store", all("try again" in e.message for _, e in refused), refused[:1])
            that("nobody hears what was not stored",
                 not {f["payload"]["id"] for f in bob.heard(since, event="message")} & {m for m, _ in refused})
            that("the server lives, and says that it is not ready",
                 (await http(server.port, "GET", "/health"))[0] == 200 and (await http(server.port, "GET", "/ready"))[0] == 503)
            that("the figures say so too", b"pond_chat_store_up 0" in (await http(server.port, "GET", "/metrics"))[2])
            that("what was said can be read", len((await bob.do(GENERAL, "history", {"limit": 5}))["messages"]) == 5)
            that("who is who is still told, and people come and go", await refusal(User.come(server, "carol")) == 200)
            disk.clear()
            message, error = refused[0]
            that("with room again the same message is taken", await refusal(ann.say(GENERAL, "at last", id=message)) == 200)
            kept.append(message)
            that("everyone hears it", bool(await bob.told(GENERAL, "message", since, id=message)))
            that("and the server is ready", (await http(server.port, "GET", "/ready"))[0] == 200)
            kept += [await bob.say(GENERAL, f"after {n}") for n in range(10)]
            that("the database is whole", "whole" in server.admin("check"))
            server.kill()
        with ChatServer(program, disk.folder / "data", *ROOMY) as server:
            stored = [json.loads(line)["id"] for line in server.admin("export", "general").splitlines()]
            that("what was acknowledged is there after a crash, in order, and nothing else", stored == kept, (len(stored), len(kept)))
            that("it ends well", await asyncio.to_thread(server.stop) == 0)
        that("the disk takes no more", disk.remount("ro"))
        code, text = ChatServer(program, disk.folder / "data").refused()
        that("a folder that cannot be written is refused with 4, and why", code == 4 and "Read-only" in text, (code, text))
        disk.remount("rw")
        with ChatServer(program, disk.folder / "data") as server:
            that("until it can be written again", len(server.admin("export", "general").splitlines()) == len(kept))


async def main() -> None:
    program, checks = (Path(sys.argv[1]) / "pond-server").resolve(), Checks("chat hostile")
    with tempfile.TemporaryDirectory() as name:
        for part in (abused, searched, refused, full, failing, quota):
            folder = Path(name) / part.__name__
            folder.mkdir()
            began = time.monotonic()
            await part(program, folder, checks)
            if "-v" in sys.argv:
                print(f"  {part.__name__}: {time.monotonic() - began:.1f} s")
    checks.finish()


asyncio.run(main())
