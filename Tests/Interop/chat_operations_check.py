"""What an operator meets: starting and refusing to, configuration, TLS, health and figures, signals, the admin socket.

    chat_operations_check.py BUILD_FOLDER
"""

import asyncio
import json
import os
import re
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from websockets.exceptions import ConnectionClosed

from chat_peer import GENERAL, ROOMY, ChatServer, Refused, User, refusal
from peer import Checks, free_port, until
from prometheus_text import exposition_faults
from sessions import http


async def starting(program: Path, folder: Path, checks: Checks) -> None:
    that = checks.that
    with ChatServer(program, folder / "one") as server:
        that("the first line says where it listens", server.greeting[0] == f"pond-server is listening on http://127.0.0.1:{server.port}", server.greeting)
        await until(lambda: len(server.greeting) >= 3)
        that("the next ones how to connect and where messages are kept",
             f"pond-tui ws://127.0.0.1:{server.port}/socket" in server.greeting[1] and str(folder / "one") in server.greeting[2], server.greeting)
        mode = os.stat(folder / "one").st_mode & 0o777
        that("the data folder is its owner's alone", mode == 0o700, oct(mode))
        secret = os.stat(folder / "one" / "token.key").st_mode & 0o777
        that("so is the secret", secret == 0o600, oct(secret))
        code, text = ChatServer(program, folder / "two", "--port", str(server.port)).refused()
        that("a taken port is refused with 3 and named", code == 3 and str(server.port) in text and text.count("\n") == 1, (code, text))
        code, text = ChatServer(program, folder / "one").refused()
        that("a locked data folder is refused with 4, with who has it",
             code == 4 and f"(process {server.process.pid})" in text and text.count("\n") == 1, (code, text))
        that("and goes on to be served", (await http(server.port, "GET", "/health"))[0] == 200)
    (folder / "file").write_text("")
    code, text = ChatServer(program, folder / "file" / "data").refused()
    that("a data folder that cannot be made is refused with 4", code == 4 and "cannot make" in text, (code, text))
    (folder / "broken").mkdir()
    (folder / "broken" / "chat.db").write_bytes(b"this is no database at all, " * 50)
    code, text = ChatServer(program, folder / "broken").refused()
    that("a file that is no database is refused with 4", code == 4 and "chat.db" in text, (code, text))
    other = sqlite3.connect(folder / "broken" / "other.db")
    other.executescript("PRAGMA application_id = 77; CREATE TABLE t (x); INSERT INTO t VALUES (1);")
    other.close()
    (folder / "broken" / "other.db").replace(folder / "broken" / "chat.db")
    code, text = ChatServer(program, folder / "broken").refused()
    that("a database of another program is refused with 4, untouched", code == 4, (code, text))
    kept = sqlite3.connect(folder / "broken" / "chat.db")
    that("and left as it is", kept.execute("SELECT x FROM t").fetchall() == [(1,)])
    kept.close()
    code, text = ChatServer(program, folder / "tls", "--tls-cert", "/nowhere/cert.pem", "--tls-key", "/nowhere/key.pem").refused()
    that("a certificate that is not there is refused with 2 and named", code == 2 and "/nowhere/cert.pem" in text, (code, text))
    with ChatServer(program, None, "--memory", "--drain-time", "1s") as server:
        that("in memory nothing stays, and it says so", await until(lambda: len(server.greeting) >= 3) and "nothing stays" in server.greeting[2], server.greeting)
        ann = await User.come(server, "ann")
        await ann.join(GENERAL)
        that("and it works", bool(await ann.say(GENERAL, "hello")))
        that("and ends with 0", await asyncio.to_thread(server.stop) == 0)


async def configuring(program: Path, folder: Path, checks: Checks) -> None:
    that = checks.that
    server = ChatServer(program, None)
    wrong = folder / "wrong.ini"
    wrong.write_text("port = 99999\n# fine\nhots = 127.0.0.1\nhistory-age = soon\nport = 1\n[rooms]\nbad room! = x\n")
    done = server.run("--config", str(wrong), "--threads", "many", "--origins", "example.com", "--tls-cert", "c.pem", "--what")
    that("faults end with 2", done.returncode == 2 and not done.stdout, done)
    for place, words in (
        (f"{wrong}:1:", "port"), (f"{wrong}:3:", "hots"), (f"{wrong}:4:", "soon"), (f"{wrong}:5:", "already"), (f"{wrong}:7:", "bad room!"),
        ("--threads:", "many"), ("--origins:", "example.com"), ("", "tls-cert and tls-key"), ("--what:", "no such option"),
    ):
        that(f"the fault at {place.rsplit('/', 1)[-1] or 'no one place'} is told with all others",
             any(line.strip().startswith(place) and words in line for line in done.stderr.splitlines()), done.stderr)
    that("in one count", f"{len(done.stderr.splitlines()) - 1} faults" in done.stderr.splitlines()[0], done.stderr)
    done = server.run("--config", str(wrong), "--check-config")
    that("--check-config tells them too", done.returncode == 2 and f"{wrong}:4" in done.stderr)
    that("a file that is not there is a fault", server.run("--config", str(folder / "none.ini"), "--check-config").returncode == 2)
    reserved = server.run("--admins", "root", "--check-config")
    that("an admin nobody can become is a fault", reserved.returncode == 2 and "reserved" in reserved.stderr, reserved.stderr)

    secretless = server.run("--redis", "http://nowhere", "--token-secret-file", str(folder / "none"), "--tls-cert", str(folder / "no.pem"),
                            "--tls-key", str(folder / "no.pem"), "--check-config")
    that("--check-config looks into the files that are named, and at where Redis is",
         secretless.returncode == 2 and "has 3 faults" in secretless.stderr and "redis" in secretless.stderr, secretless.stderr)

    right = folder / "right.ini"
    right.write_text("port = 4001\nthreads = 3\nhistory-age = 30d\nmessage-burst = 7\n[rooms]\ngeneral = From the file\n")
    both = ChatServer(program, None, POND_THREADS="2", POND_MESSAGE_BURST="8", POND_CONFIG=str(right))
    done = both.run("--check-config", "--threads", "1")
    that("a right one is fine", done.returncode == 0 and done.stdout.strip() == "the configuration is fine", done)
    printed = both.run("--print-config", "--threads", "1").stdout
    that("a flag goes before the environment", "# from --threads\nthreads = 1\n" in printed, printed)
    that("the environment before the file", "# from POND_MESSAGE_BURST\nmessage-burst = 8\n" in printed, printed)
    that("the file before the default", f"# from {right}:1\nport = 4001\n" in printed, printed)
    that("the default last", "is the default\nhost = 127.0.0.1\n" in printed, printed)
    again = folder / "printed.ini"
    again.write_text(printed)
    done = server.run("--config", str(again), "--print-config")
    that("what is printed can be read again and says the same",
         done.returncode == 0 and settings(done.stdout) == settings(printed), done.stderr or done.stdout)
    as_json = folder / "right.json"
    as_json.write_text(json.dumps({"port": 4002, "rooms": {"general": "From JSON"}, "history-age": "30d"}))
    done = server.run("--config", str(as_json), "--print-config")
    that("a JSON file does as well", done.returncode == 0 and "general = From JSON" in done.stdout and "4002" in done.stdout, done)
    as_json.write_text('{\n "port": "x",\n "hots": 1\n}')
    done = server.run("--config", str(as_json), "--check-config")
    that("with its faults at their places", done.returncode == 2 and "port" in done.stderr and "hots" in done.stderr, done.stderr)
    that("--help names every option and exit code", all(word in server.run("--help").stdout for word in ("--drain-time", "POND_", "4 data folder")))
    that("--version says which one", re.fullmatch(r"pond-server \d+\.\d+\.\d+\n", server.run("--version").stdout) is not None)
    sample = Path(__file__).parents[2] / "Deploy" / "pond.ini"
    done = server.run("--config", str(sample), "--check-config")
    that("the configuration that comes along is right", done.returncode == 0, done.stderr)


def settings(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if " = " in line]


async def watching(program: Path, folder: Path, checks: Checks) -> None:
    """Health, readiness, figures, origins, proxies."""
    that = checks.that
    proxied = folder / "proxied.ini"
    proxied.write_text("trusted-proxies = 127.0.0.1\nmetrics-from = 127.0.0.1\norigins = https://chat.example\nconnections-per-address = 3\nlog-format = json\nlog-level = debug\n")
    with ChatServer(program, folder / "watched", "--config", str(proxied)) as server:
        port = server.port
        that("/health is fine", (await http(port, "GET", "/health"))[::2] == (200, b"ok\n"))
        that("/ready is fine", (await http(port, "GET", "/ready"))[::2] == (200, b"ready\n"))
        status, head, body = await http(port, "HEAD", "/health")
        that("HEAD is answered without a body", (status, body) == (200, b""))
        status, head, _ = await http(port, "POST", "/health")
        that("nothing else is", status == 405 and head.get("allow") == "GET, HEAD", (status, head))
        that("a path of nobody is not found", (await http(port, "GET", "/nothing"))[0] == 404)
        ann = await User.come(server, "ann", headers={"X-Forwarded-For": "203.0.113.5"})
        await ann.join(GENERAL)
        for number in range(5):
            await ann.say(GENERAL, f"hello {number}")
        await refusal(ann.say(GENERAL, ""))
        status, head, body = await http(port, "GET", "/metrics")
        text = body.decode()
        that("/metrics is in the text format", status == 200 and head["content-type"].startswith("text/plain; version=0.0.4"), head)
        faults = exposition_faults(text)
        that("every line of it keeps the grammar", not faults, faults[:5])
        that("it counts", re.search(r"^pond_chat_users 1$", text, re.M) is not None and "histogram" in text, text[:400])
        that("a grammar that finds nothing proves nothing",
             len(exposition_faults(text.replace("# TYPE pond_chat_users gauge\n", "") + "bad line\nx{a=b} 1")) >= 3)
        that("figures are not for those whom a proxy brings", (await http(port, "GET", "/metrics", {"X-Forwarded-For": "203.0.113.9"}))[0] == 403)
        listed = server.admin("connections")
        that("an address from a trusted proxy is believed", "203.0.113.5" in listed, listed)
        more = [await User.come(server, f"a{n}", headers={"X-Forwarded-For": "203.0.113.5"}) for n in range(2)]
        that("limits count by it", await refusal(User.come(server, "a9", headers={"X-Forwarded-For": "203.0.113.5"})) in (429, 503))
        that("others come in", await refusal(User.come(server, "b1", headers={"X-Forwarded-For": "203.0.113.6"})) == 200)
        that("a page of another origin stays out", await refusal(User.come(server, "evil", headers={"Origin": "https://evil.example"})) == 403)
        that("one of ours comes in", await refusal(User.come(server, "good", headers={"Origin": "https://chat.example"})) == 200)
        that("logs are one JSON object a line, with time, level and message",
             bool(server.log) and all({"time", "level", "message"} <= json.loads(line).keys() for line in server.log), server.log[:2])
        secrets = [user.token for user in (ann, *more)]
        that("and hold no token", not [line for line in server.log if any(secret in line for secret in secrets)])
        # Half the requests of a hostile client are not requests.
        with socket.create_connection(("127.0.0.1", port)) as raw:
            raw.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + b"9" * 100_000)
            raw.settimeout(10)
            answer = raw.recv(200)
        that("a header without an end is answered 431 or cut", answer[9:12] in (b"431", b"400", b""), answer[:60])
        that("and nobody notices", (await http(port, "GET", "/health"))[0] == 200)
    with ChatServer(program, folder / "direct", "--log-level", "debug") as server:
        ann = await User.come(server, "ann", headers={"X-Forwarded-For": "203.0.113.5"})
        listed = server.admin("connections")
        that("an address from anybody else is not believed", "203.0.113.5" not in listed and "127.0.0.1" in listed, listed)
        that("figures are closed unless an address is listed", (await http(server.port, "GET", "/metrics"))[0] == 403)
        rebound = {"Origin": "http://evil.example", "Host": "evil.example"}
        that("a page whose name was made to mean this server stays out", (await http(server.port, "GET", "/socket?name=evil", {**rebound, "Accept": "text/event-stream"}))[0] == 403)
        that("a page of another host stays out unless it is listed", await refusal(User.come(server, "evil", headers={"Origin": "https://evil.example"})) == 403)
        await ann.go()


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True,
    )
    return cert, key


async def encrypted(program: Path, folder: Path, checks: Checks) -> None:
    that = checks.that
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE

    def shown(port: int) -> str:
        return ssl.get_server_certificate(("127.0.0.1", port), timeout=5)

    with ChatServer(program, folder / "selfsigned", "--tls-self-signed") as server:
        that("the start line says https and wss", server.greeting[0].startswith("pond-server is listening on https://")
             and await until(lambda: len(server.greeting) > 1) and "wss://" in server.greeting[1], server.greeting)
        ann = await User.come(server, "ann", tls=anyone)
        await ann.join(GENERAL)
        that("a self-signed server chats", bool(await ann.say(GENERAL, "hidden")))
        that("who does not trust it does not connect", await connects(server, ssl.create_default_context()) is False)
        with socket.create_connection(("127.0.0.1", server.port)) as raw:
            raw.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            raw.settimeout(5)
            that("nothing is said in the clear", not raw.recv(100).startswith(b"HTTP/1.1 200"))
    old, new = certificate(folder, "old"), certificate(folder, "new")
    cert, key = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(old[0].read_bytes())
    key.write_bytes(old[1].read_bytes())
    configuration = folder / "tls.ini"
    configuration.write_text("message-characters = 50\n[rooms]\ngeneral = Before\n")
    flags = ("--tls-cert", str(cert), "--tls-key", str(key), "--config", str(configuration), "--log-level", "info")
    with ChatServer(program, folder / "tls", *flags) as server:
        trusting = ssl.create_default_context(cafile=str(old[0]))
        ann = await User.come(server, "ann", tls=trusting)
        await ann.join(GENERAL)
        that("a certificate from a file is shown", shown(server.port).split() == old[0].read_text().split())
        that("a text of 60 characters is too long", await refusal(ann.say(GENERAL, "x" * 60)) == 413)
        cert.write_bytes(new[0].read_bytes())
        server.hangup()
        that("a certificate whose key is another one is not taken", await until(lambda: any("not reloaded" in line for line in server.log)), server.log)
        that("the old one holds on", shown(server.port).split() == old[0].read_text().split())
        key.write_bytes(new[1].read_bytes())
        configuration.write_text("message-characters = 100\n[rooms]\ngeneral = After\nlate = Made by a reload\n")
        server.hangup()
        that("SIGHUP reads both again", await until(lambda: any("configuration reloaded" in line for line in server.log)), server.log)
        that("the new certificate is shown", shown(server.port).split() == new[0].read_text().split())
        that("connections of before go on, under the new limits", await refusal(ann.say(GENERAL, "x" * 60)) == 200)
        rooms = server.admin("rooms")
        that("rooms and topics of the file are taken too", "late 0 permanent Made by a reload" in rooms and "After" in rooms, rooms)
        configuration.write_text("message-characters = lots\n")
        server.hangup()
        that("a wrong file changes nothing, and is told", await until(lambda: any("lots" in line for line in server.log)), server.log)
        that("and all goes on", await refusal(ann.say(GENERAL, "y" * 60)) == 200)


async def connects(server: ChatServer, tls: ssl.SSLContext) -> bool:
    try:
        await User.come(server, "nobody", tls=tls)
        return True
    except ssl.SSLError:
        return False


async def draining(program: Path, folder: Path, checks: Checks) -> None:
    """SIGTERM with people in the middle of it: nothing acknowledged is lost, and it ends in its time with 0."""
    that = checks.that
    server = ChatServer(program, folder / "drain", "--drain-time", "2s", "--connections-per-address", "1000", *ROOMY)
    with server:
        users = [await User.come(server, f"user{n}") for n in range(20)]
        for user in users:
            await user.join(GENERAL)
        confirmed: list[str] = []

        async def chatter(user: User) -> None:
            try:
                while True:
                    confirmed.append(await user.say(GENERAL, "still here", seconds=3))
            except (Refused, ConnectionClosed):
                return

        tasks = [asyncio.create_task(chatter(user)) for user in users]
        await asyncio.sleep(0.5)
        began = time.monotonic()
        server.terminate()
        asked = [await user.hear(event="RECONNECT", seconds=3) for user in users]
        that("every client is asked to connect elsewhere, one after the other",
             all(f.get("payload", {}).get("after", -1) >= 0 for f in asked) and len({f["payload"]["after"] for f in asked if f}) > 5, asked[:2])
        that("meanwhile new ones are told to come back later", await refusal(User.come(server, "late")) in (503, 0) if server.process.poll() is None else True)
        code = await asyncio.to_thread(server.process.wait, 20)
        took = time.monotonic() - began
        that("it ends with 0", code == 0, (code, server.log[-3:]))
        that("in its time and a little", took < 2 + 5, took)
        await asyncio.gather(*tasks)
        ends = [await user.closed() for user in users]
        that("every connection ends as going away", {end[0] for end in ends if end} == {1001} and None not in ends, ends[:3])
    with ChatServer(program, folder / "drain") as server:
        stored = [json.loads(line)["id"] for line in server.admin("export", "general").splitlines()]
        that("nothing that was acknowledged is lost", set(confirmed) <= set(stored) and len(confirmed) > 20, (len(confirmed), len(stored)))
        that("nothing is there twice", len(set(stored)) == len(stored))
        began = time.monotonic()
        that("a server without clients ends at once", server.stop() == 0 and time.monotonic() - began < 3, time.monotonic() - began)
    with ChatServer(program, folder / "drain", "--drain-time", "60s") as server:
        stubborn = await User.come(server, "stubborn")
        server.terminate()
        await stubborn.hear(event="RECONNECT")
        server.terminate()
        code = await asyncio.to_thread(server.process.wait, 10)
        that("a second signal does not wait", code == 1, code)


async def administering(program: Path, folder: Path, checks: Checks) -> None:
    """Every command of `pond-server admin`, on a running server."""
    that = checks.that
    with ChatServer(program, folder / "admin", "--trusted-proxies", "127.0.0.1", *ROOMY) as server:
        ann, bob = await User.come(server, "ann"), await User.come(server, "bob")
        await ann.join("/directory")
        await ann.do("/directory", "claim", {"password": "a good password"})
        for user in (ann, bob):
            await user.join(GENERAL)
        await bob.join("/lobby/shed")
        for number in range(10):
            await ann.say(GENERAL, f"line {number}")
        admin = server.admin

        def fails(*arguments: str) -> tuple[int, str]:
            try:
                return 0, admin(*arguments)
            except Refused as refused:
                return refused.status, refused.message

        that("stats count", "users: 2" in admin("stats") and "messages: 10" in admin("stats") and "rooms: 2" in admin("stats"), admin("stats"))
        that("users lists claimed names", re.search(r"^ann user claimed here$", admin("users"), re.M) is not None, admin("users"))
        that("rooms lists rooms, members and topics", "general 2 permanent Everything and nothing" in admin("rooms") and "shed 1 made by users" in admin("rooms"))
        that("connections lists who is there", admin("connections").count("127.0.0.1") == 2, admin("connections"))
        since = bob.mark
        admin("topic", "general", "The", "new", "topic")
        that("topic sets it and tells", (await bob.told(GENERAL, "topic", since)).get("topic") == "The new topic")
        admin("announce", "Back", "in", "five\u202e", "minutes")
        notice = await bob.told(GENERAL, "message", since, kind="notice")
        that("announce tells every room, as the server", notice.get("text") == "Back in five\ufffd minutes", notice)
        that("and is kept", "Back in five" in admin("export", "general"))
        that("role gives a role", "moderator" in admin("role", "ann", "moderator") and "ann moderator" in admin("users"))
        that("at once", await refusal(ann.do(GENERAL, "moderate", {"action": "slow", "seconds": 0})) == 200)
        that("only to claimed names", fails("role", "bob", "admin")[0] == 1, fails("role", "bob", "admin"))
        that("forget spares a room with members", fails("forget", "shed")[0] == 1)
        admin("ban", "bob", "shed", "--reason", "digging")
        that("ban puts out of a room", (await bob.hear(event="EVICTED", channelName="/lobby/shed")).get("payload", {}).get("reason") == "digging")
        that("and keeps out", await refusal(bob.join("/lobby/shed")) == 403 and "digging" in admin("bans"), admin("bans"))
        admin("unban", "bob", "shed")
        that("unban ends it", await refusal(bob.join("/lobby/shed")) == 200 and fails("unban", "bob", "shed")[0] == 1)
        await bob.say("/lobby/shed", "a spade")
        await bob.leave("/lobby/shed")
        await asyncio.sleep(0)
        that("forget removes an empty room with what was said", admin("forget", "shed") and admin("export", "shed") == "")
        admin("kick", "bob", "--reason", "bye")
        that("kick closes a user's connections", await bob.closed() == (4003, "bye"))
        bob = await User.come(server, "bob", bob.token)
        admin("ban", "bob", "--seconds", "3600", "--reason", "out")
        that("ban without a room ends all", await bob.closed() == (4003, "out") and await refusal(User.come(server, "bob")) == 403)
        admin("unban", "bob")
        fay = await User.come(server, "fay", headers={"X-Forwarded-For": "203.0.113.77"})
        gus = await User.come(server, "gus", headers={"X-Forwarded-For": "2001:db8::7"})
        session = (await fay.hear(event="CONNECTION"))["payload"]["pond"]["session"]
        admin("ban-address", "203.0.113.0/24", "--reason", "that house")
        that("ban-address ends the connections of a network", await fay.closed() == (4003, "that house"))
        elsewhere = {"X-Forwarded-For": "203.0.113.200"}
        that("keeps all of it out, under any name", await refusal(User.come(server, "any", headers=elsewhere)) == 403)
        that("and its sessions", await refusal(User.come(server, "fay", fay.token, headers={"Pond-Session": session, **elsewhere})) == 403)
        that("but nobody else", await refusal(User.come(server, "zoe", headers={"X-Forwarded-For": "203.0.114.1"})) == 200 and gus.session.closed is None)
        admin("ban-address", "2001:db8::/32", "--seconds", "60")
        that("IPv6 as well", await gus.closed() is not None)
        that("and it is listed", "203.0.113.0/24 everywhere for ever: that house" in admin("bans") and "2001:db8::/32" in admin("bans"), admin("bans"))
        admin("unban-address", "203.0.113.0/24")
        that("unban-address ends it", await refusal(User.come(server, "any", headers=elsewhere)) == 200 and fails("unban-address", "203.0.113.0/24")[0] == 1)
        token = admin("token", "carl", "--seconds", "600", "--role", "admin").strip()
        carl = await User.come(server, "carl", token)
        that("token makes one that works", carl.identity["role"] == "admin", carl.identity)
        admin("revoke", "carl")
        that("revoke ends it and its connections", await carl.closed() is not None and await refusal(User.come(server, "carl", token)) == 401)
        admin("release", "ann")
        that("release frees a name and closes its connections", await ann.closed() is not None and "ann user unclaimed" in admin("users"), admin("users"))
        eve = await User.come(server, "eve")
        await eve.join(GENERAL)
        writing = asyncio.create_task(flood(eve))
        backup = folder / "backup.db"
        admin("backup", str(backup))
        writing.cancel()
        copy = sqlite3.connect(f"file:{backup}?mode=ro", uri=True)
        that("backup writes a whole copy while people write", copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
             and copy.execute("SELECT count(*) FROM messages").fetchone()[0] >= 11)
        copied = {row[0] for row in copy.execute("SELECT m.id FROM messages m JOIN channels c ON c.id = m.channel WHERE c.path = '/lobby/general'")}
        copy.close()
        kept = {m["id"] for m in map(json.loads, admin("export", "general").splitlines())}
        restored = folder / "restored"
        shown = server.run("restore", str(backup), "--data", str(restored))
        that("restore puts a backup into a folder", shown.returncode == 0 and "restored: " in shown.stdout, (shown.stdout, shown.stderr))
        that("and writes over none unasked", server.run("restore", str(backup), "--data", str(restored)).returncode == 4)
        that("nor beside a server that runs", "uses the data folder" in server.run("restore", str(backup), "--data", str(folder / "admin"), "--replace").stderr)
        with ChatServer(program, restored) as again:
            lines = [json.loads(line) for line in again.admin("export", "general").splitlines()]
            that("a server on the backup has what was said", [line["text"] for line in lines[:10]] == [f"line {n}" for n in range(10)], lines[:1])
            that("and checks out", "whole" in again.admin("check"))
            that("the doctor finds nothing broken", "ok database" in again.admin("doctor"), again.admin("doctor"))
            said = copied - {line["id"] for line in lines}
            that("every message up to the backup is there", copied and not said, sorted(said)[:3])
            that("and none from nowhere", {line["id"] for line in lines} <= kept)
        that("backup does not write over a file", fails("backup", str(restored / "chat.db"))[0] == 1)
        that("nor to a relative path", fails("backup", "x.db")[0] == 1)
        that("check finds the database whole", "whole" in admin("check"))
        for wrong in (("ban",), ("ban", "a b"), ("role", "ann", "king"), ("ban", "ann", "--seconds", "0"), ("topic", "no room!", "x"), ("forget", "nowhere"), ("ban-address", "10.0.0.0/33"), ("ban-address", "here")):
            that(f"admin {' '.join(wrong)} says what is wrong", fails(*wrong)[0] == 1 and fails(*wrong)[1].startswith("pond-server admin: "), fails(*wrong))
        that("a command that is none is 2", server.run("admin", "dance").returncode == 2)
        that("admin help lists the commands", all(word in server.run("admin", "help").stdout for word in ("backup FILE", "revoke NAME")))
        mode = os.stat(folder / "admin" / "admin.sock").st_mode & 0o777
        that("the socket is its owner's alone", mode & 0o077 == 0, oct(mode))
        with socket.socket(socket.AF_UNIX) as idle:
            idle.connect(str(folder / "admin" / "admin.sock"))
            began = time.monotonic()
            that("who connects and says nothing keeps nobody waiting", "users" in admin("stats") and time.monotonic() - began < 3)
    that("without a server it says so", ChatServer(program, folder / "admin").run("admin", "stats", "--data", str(folder / "admin")).returncode == 4)


async def flood(user: User) -> None:
    while True:
        await user.say(GENERAL, "meanwhile")


async def main() -> None:
    program, checks = Path(sys.argv[1]) / "pond-server", Checks("chat operations")
    with tempfile.TemporaryDirectory() as name:
        for part in (starting, configuring, watching, encrypted, draining, administering):
            began = time.monotonic()
            folder = Path(name) / part.__name__
            folder.mkdir()
            await part(program, folder, checks)
            if "-v" in sys.argv:
                print(f"  {part.__name__}: {time.monotonic() - began:.1f} s")
    checks.finish()


asyncio.run(main())
