#!/usr/bin/env python3
"""The qualities of the terminal chat, each checked from outside, in a real terminal.

    Tests/pond-tui/e2e/checks.py BUILD_FOLDER [NUMBER|NAME]...

Needs tmux and the programs pond-tui and pond-server in BUILD_FOLDER. Without numbers all checks run, three at a time
(POND_JOBS) and the one that measures after them. POND_STRICT=1 holds the times to what is promised, for a quiet machine.
"""

import fcntl
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

from rig import Failure, FloodProcess, Peer, Screenless, Server, Terminal, require, wait

BUILD = Path()


class Bench:
    """One check's folder, and everything that must be ended after it."""

    def __init__(self, folder, stack):
        self.folder, self.stack = folder, stack

    def server(self, *options):
        server = Server(BUILD, self.folder, *options)
        self.stack.callback(server.kill)
        return server.start()

    def peer(self):
        peer = Peer()
        self.stack.callback(peer.close)
        return peer

    def terminal(self, name="a", columns=80, rows=24, **more):
        terminal = Terminal(BUILD, self.folder, name, columns, rows, **more)
        self.stack.callback(terminal.close)
        return terminal

    def chat(self, url, nick, columns=80, rows=24, room="lobby", **more):
        terminal = self.terminal(nick, columns, rows, **more)
        terminal.chat("--url", url, "--nick", nick, "--room", room)
        terminal.wait_for(r"\[JOINED\]")
        return terminal

    def plain(self, url, nick, *arguments, room="lobby"):
        """pond-tui --plain in the background; its standard input stays open."""
        log = self.folder / f"plain-{nick}.log"
        environment = dict(os.environ, XDG_CONFIG_HOME=str(self.folder / f"c-{nick}"),
                           XDG_STATE_HOME=str(self.folder / f"s-{nick}"), TZ="UTC")
        process = subprocess.Popen(
            [BUILD / "pond-tui", "--plain", "--url", url, "--nick", nick, "--room", room, *arguments],
            stdin=subprocess.PIPE, stdout=open(log, "wb"), stderr=subprocess.STDOUT, env=environment, text=True,
        )
        process.log = log
        self.stack.callback(lambda: (process.kill(), process.wait()))
        wait(f"{nick} has joined", lambda: f"STATE #{room} JOINED" in log.read_text(), details=log.read_text)
        return process


def say(process, text):
    process.stdin.write(text + "\n")
    process.stdin.flush()


def check_01_no_message_is_lost_or_doubled(bench):
    server = bench.server()
    alice = bench.chat(server.url, "alice")
    bob = bench.plain(server.url, "bob")
    alice.enter("before")
    wait("bob hears", lambda: "before" in bob.log.read_text())
    alice.wait_without("queue|sending")
    server.kill()
    alice.wait_for("STALLED")
    for number in range(120):
        alice.enter(f"line {number:03}.")
    alice.wait_for(r"q120|queue 120")
    server.start()
    alice.key("F5")
    wanted = [f"line {number:03}." for number in range(120)]

    def heard():
        return re.findall(r"line \d\d\d\.", bob.log.read_text())

    say(bob, "/reconnect")
    wait("bob has all lines", lambda: len(heard()) >= 120, 40,
         lambda: f"{len(heard())} lines\n{alice.screen()}\n{bob.log.read_text()[-2000:]}")
    alice.wait_without(r"queue \d", 20)
    require(heard() == wanted, lambda: f"not once each and in order: {heard()}")


def check_02_state_is_right_without_a_key(bench):
    server = bench.server()
    alice = bench.chat(server.url, "alice")
    server.kill()
    alice.wait_for(r"DISCONNECTED.*\d+s")

    def seconds():
        found = re.search(r"try (\d+) in (\d+)s", alice.screen())
        return (found.group(1), int(found.group(2))) if found else None

    def counts_down():
        first = seconds()
        if not first or first[1] < 3:
            return False
        time.sleep(1)
        second = seconds()
        return second and second[0] == first[0] and first[1] - second[1] == 1

    wait("the countdown goes by one second a second", counts_down, 60, alice.screen)
    server.start()
    alice.wait_for(r"\[CONNECTED\]", 40)
    alice.wait_for(r"\[JOINED\]", 10)


def check_03_own_messages_show_their_state(bench):
    server = bench.server()
    alice = bench.chat(server.url, "alice")
    alice.enter("first")
    alice.wait_for(r"alice +first")
    alice.wait_without("queue|sending")
    server.signal(signal.SIGSTOP)
    alice.enter("frozen")
    alice.wait_for(r"> alice +frozen +<sending")
    alice.wait_for(r"frozen +<unconfirmed>", 20)
    server.signal(signal.SIGCONT)
    alice.wait_without("<unconfirmed>|<sending|<queued", 20)
    require(len(re.findall("frozen", alice.screen())) == 1, alice.screen)


def check_04_terminal_is_sane_after_any_death(bench):
    for name in ["TERM", "HUP", "INT", "QUIT", "SEGV", "ABRT"]:
        terminal = bench.terminal(f"s{name}")
        terminal.run("set +m; ulimit -c 0")
        terminal.record()
        terminal.chat("--local", "--nick", "alice")
        terminal.wait_for(r"\[JOINED\]")
        terminal.key("M-m")
        wait("the mouse is on", lambda: terminal.flags()[1] == "1")
        pid = terminal.pid()
        os.kill(pid, getattr(signal, "SIG" + name))
        wait("the program ends", lambda: not Path(f"/proc/{pid}").exists(), details=terminal.screen)
        wait(f"the terminal is sane after SIG{name}", lambda: terminal.flags() == "001", details=terminal.flags)
        terminal.run("echo status=$?")
        terminal.wait_for(f"status={128 + getattr(signal, 'SIG' + name)}")
        written = terminal.written()
        for mode in [b"2004", b"1004", b"1049", b"1002", b"1006"]:
            on, off = written.rfind(b"\x1b[?" + mode + b"h"), written.rfind(b"\x1b[?" + mode + b"l")
            require(on >= 0 and off > on, f"SIG{name}: mode {mode} stays on")
        if name in ("SEGV", "ABRT"):
            found = re.search(r"Report: (\S+)", terminal.screen().replace("\n", ""))
            require(found, lambda: "no report is named:\n" + terminal.screen())
            reports = b"".join(path.read_bytes() for path in terminal.home.rglob("pond-tui.log"))
            require(f"signal {getattr(signal, 'SIG' + name):02}".encode() in reports, "the report says nothing")
        terminal.close()


def check_05_any_size_in_any_order(bench):
    terminal = bench.terminal()
    terminal.chat("--local", "--nick", "alice", "--room", "lobby")
    terminal.wait_for(r"\[JOINED\]")
    for columns, rows in [(200, 60), (40, 10), (3, 2), (1, 1), (20, 3), (140, 40), (80, 24)] * 3:
        terminal.tmux("resize-window", "-t", "a", "-x", str(columns), "-y", str(rows))
    terminal.wait_for(r"\[JOINED\]")
    terminal.pid()
    fresh = bench.terminal("b")
    fresh.chat("--local", "--nick", "alice", "--room", "lobby")
    fresh.wait_for(r"\[JOINED\]")
    terminal.key("x", "BSpace")
    fresh.key("x", "BSpace")
    wait("both screens are the same", lambda: terminal.screen() == fresh.screen(), 5,
         lambda: terminal.screen() + fresh.screen())


def check_06_unicode_never_bends_a_line(bench):
    peer = bench.peer()
    texts = [
        "\u2764\ufe0f vs16 1\ufe0f\u20e3", "\U0001f44d\U0001f3fd skin", "\U0001f468\u200d\U0001f469\u200d\U0001f467 family",
        "\U0001f1eb\U0001f1f7 flag", "\u6f22\u5b57\u304b\u306a" * 12, "Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306algo",
        "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627", "\U0001fae9 new", "\u0915\u094d\u0937\u093f", "e\u0301 \uac00",
    ]
    alice = bench.terminal("alice")
    alice.chat("--url", peer.url, "--nick", "alice", "--room", "lobby")
    wait("joined", peer.joined.is_set)
    for index, text in enumerate(texts):
        peer.say(f"u{index}", text)
    peer.presence(["alice"] + texts[:6])
    alice.wait_for("e\u0301")
    straight(alice)
    # Then whatever comes: pieces of all that is dangerous, put together at random.
    alice.record()
    random = Random(SEED)
    for number in range(150):
        peer.say("".join(random.choices(PIECES, k=2)), "".join(random.choices(PIECES, k=random.randint(1, 30))))
        if number % 10 == 0:
            peer.presence(["alice"] + ["".join(random.choices(PIECES, k=3)) for _ in range(6)])
    peer.say("bob", "the end of it")
    alice.wait_for("bob +the end of it")
    straight(alice)
    for columns, rows in [(120, 30), (61, 12), (80, 24)]:
        alice.tmux("resize-window", "-t", "a", "-x", str(columns), "-y", str(rows))
        alice.wait_for("the end of it")
    wait(f"the rule is straight again (seed {SEED})", lambda: is_straight(alice))
    written = alice.written()
    for bad in FORBIDDEN:
        require(bad not in written, f"{bad} reached the terminal (seed {SEED})")


SEED = int(os.environ.get("POND_SEED", "20261121"))
PIECES = [
    "\x1b]52;c;aGk=\x07", "\x1b[31;45;7m", "\x9b31m", "\x90q\x9c", "\r", "\x08\x08", "\x00", "\x7f", "\x85", "\u202e", "\u2066",
    "\u200b", "\u200d", "\u200e", "\ufeff", "\u2028", "\ufe0f", "\u20e3", "\u0301\u0302\u0303\u0304\u0305",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f44d\U0001f3fd", "\U0001f1e9\U0001f1ea", "\u6f22\u5b57", "\u304b\u306a",
    "\ud55c", "\uff41", "\u05e9\u05dc", "\u0645\u0631", "\U0001fae9", "\U0010fffe", "\t", "\n", " ", "word", "|", "\u00ad",
]
# What a terminal would act upon: nothing of it is ncurses' own.
FORBIDDEN = [
    b"\x1b]52;", b"\x1b[31;45;7m", b"\x00", b"\x7f", b"\xc2\x9b", b"\xc2\x85", b"\xc2\x90", "\u202e".encode(), "\u2066".encode(),
    "\u200b".encode(), "\u200d".encode(), "\u200e".encode(), "\ufeff".encode(), "\u2028".encode(),
]


def is_straight(terminal):
    try:
        straight(terminal)
        return True
    except Failure:
        return False


def straight(alice):
    """The rule beside the rooms stands in its column in every row."""
    # tmux writes a wide character once: what follows it is shifted in the text, not on the screen. Ask the cells.
    for row in range(1, 22):
        alice.tmux("send", "-t", "a", "-l", "")
        line = alice.tmux("capture-pane", "-p", "-t", "a", "-S", str(row), "-E", str(row)).rstrip("\n")
        cells = 0
        for character in line:
            if cells == 19:
                require(character == "|", f"row {row}: the rule is bent: {line!r}")
                break
            cells += width(character)


def width(character):
    """tmux's own idea of a character's cells, as far as the names here need it."""
    import unicodedata

    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


HOSTILE = "\x1b[31mred\x1b]52;c;cG93bmVk\x07 \x9b2J \r over\u202egnorw\u202c \x1b[2J\x08\x08"


def check_07_hostile_text_is_inert(bench):
    peer = bench.peer()
    alice = bench.terminal("alice")
    alice.tmux("set", "-s", "set-clipboard", "on")
    alice.tmux("set-buffer", "untouched")
    alice.record()
    alice.chat("--url", peer.url, "--nick", "alice", "--room", "lobby", "--exec", "'/log on'")
    wait("joined", peer.joined.is_set)
    peer.presence(["alice", "m" + HOSTILE])
    peer.say("m" + HOSTILE, "a" + HOSTILE + "z")
    peer.send("BROADCAST", "topic", "/lobby/lobby", {"topic": HOSTILE, "by": "m", "at": 0})
    peer.say("bob", "after")
    alice.wait_for("bob +after")
    require(alice.tmux("show-buffer") == "untouched", "the clipboard was changed")
    written = alice.written()
    # The sequences are shown without what makes them ones: their Escape is a question mark.
    for bad in [b"\x1b]52;", b"\x1b[31mred", b"\xe2\x80\xae", b"\xc2\x9b", b"\x1b[2J \x1b"]:
        require(bad not in written, f"{bad} reached the terminal")
    logs = b"".join(path.read_bytes() for path in (bench.folder / "home-alice" / "state").rglob("*.log"))
    require(b"after" in logs, "nothing was logged")
    require(b"\x1b" not in logs and b"\xe2\x80\xae" not in logs, "the log holds control codes")
    peer.joined.clear()
    for mode in ["--plain", "--json"]:
        result = bench.folder / "out"
        process = subprocess.Popen([BUILD / "pond-tui", mode, "--url", peer.url, "--nick", "alice", "--room", "lobby"],
                                   stdin=subprocess.PIPE, stdout=open(result, "wb"), env=dict(os.environ, XDG_STATE_HOME=str(bench.folder)))
        bench.stack.callback(process.kill)
        wait("joined", peer.joined.is_set)
        peer.joined.clear()
        peer.say("m" + HOSTILE, "a" + HOSTILE + "z")
        peer.say("bob", "after")
        wait("it is printed", lambda: b"after" in result.read_bytes())
        process.kill()
        require(not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80\xae|\xc2[\x80-\x9f]", result.read_bytes()),
                lambda: f"{mode} lets control codes through: {result.read_bytes()}")


def check_08_80x24_is_comfortable(bench):
    server = bench.server()
    bob = bench.plain(server.url, "bob")
    alice = bench.chat(server.url, "alice")
    say(bob, "a message that is long enough to need more than one row of the pane, because it goes on and on, word by word")
    alice.wait_for("word by word|word$")
    screen = alice.screen()
    for wanted in ["ROOMS", "HERE #lobby", r"\+ alice", r"\+ bob", r"\[CONNECTED\]", r"\[JOINED\]", "#lobby>"]:
        require(re.search(wanted, screen), f"{wanted} is not on the screen:\n{screen}")
    rule = {line.index("|") for line in screen.split("\n")[1:22] if "|" in line}
    require(rule == {19}, f"the rule is at {rule}")
    require(80 - 19 - 2 >= 58, "the text is narrow")
    alice.enter("/join #a-room-with-a-name-longer")
    alice.wait_for(r"\d [+~]\[#a-room-\w+~\]")


def check_09_paste_is_safe(bench):
    server = bench.server()
    bob = bench.plain(server.url, "bob")
    alice = bench.chat(server.url, "alice")
    lines = "".join(f"pasted {number}\n" for number in range(50))
    (bench.folder / "paste").write_text(lines)
    alice.tmux("load-buffer", str(bench.folder / "paste"))
    alice.tmux("paste-buffer", "-p", "-t", "a")
    alice.wait_for("Paste 50 lines\\? Ctrl-Y send, Ctrl-E edit, Ctrl-N drop")
    alice.key("C-n")
    alice.wait_without("Paste 50")
    alice.enter("marker")
    wait("bob hears", lambda: "marker" in bob.log.read_text())
    require("pasted" not in bob.log.read_text(), "the paste was sent")
    require("pasted" not in alice.screen(), "the paste stays in the line")


def check_10_catching_up_is_instant(bench):
    server = bench.server()
    alice = bench.chat(server.url, "alice")
    bob = bench.plain(server.url, "bob")
    for room in ["ops", "dev"]:
        alice.enter(f"/join #{room}")
        alice.wait_for(rf"#{room}  \[JOINED\]")
        say(bob, f"/join #{room}")
    alice.key("M-1")
    alice.wait_for(r"#lobby  \[JOINED\]")
    say(bob, "/switch ops")
    say(bob, "quiet news")
    say(bob, "/switch dev")
    say(bob, "alice: look here")
    alice.wait_for(r"Act 3:#dev\(@1,1\) 2:#ops\(1\)")
    alice.key("M-a")
    alice.wait_for(r"#dev  \[JOINED\]")
    alice.key("M-a")
    alice.wait_for(r"#ops  \[JOINED\]")
    alice.key("M-a")
    alice.wait_for("nothing unread")
    alice.key("M-1")
    say(bob, "/switch lobby")
    say(bob, "seen")
    alice.wait_for("bob +seen")
    alice.tmux("send", "-t", "a", "-H", "1b", "5b", "4f")
    time.sleep(0.3)
    say(bob, "while away")
    alice.wait_for("new since")
    screen = alice.screen().split("\n")
    marker = next(index for index, line in enumerate(screen) if "new since" in line)
    require("while away" in screen[marker + 1], alice.screen)


def processor_milliseconds(pid):
    """What all threads of a process have used; the ticks of /proc/PID/stat are too coarse to tell little from nothing."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1_000_000


def wakeups(pid):
    """How often the threads of a process have waited and gone on: what idleness is, on a busy machine as on a quiet one."""
    threads = Path(f"/proc/{pid}/task").glob("*/status")
    lines = (line for thread in threads for line in thread.read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))


# What is promised, and what a machine that builds something else meanwhile must reach all the same.
STRICT = os.environ.get("POND_STRICT") == "1"
ECHO_SECONDS = 0.05 if STRICT else 1.0
IDLE_SECONDS = 30 if STRICT else 10


def check_11_smooth_and_cheap(bench):
    peer = FloodProcess()
    bench.stack.callback(peer.close)
    alice = Screenless(BUILD, bench.folder, "--url", peer.url, "--nick", "alice", "--room", "lobby")
    bench.stack.callback(alice.close)
    alice.read_until(b"[JOINED]")
    for number in range(30):
        peer.do("say", "bob", f"warm {number}")
    alice.settle(0.5)
    costs = []
    for number in range(5):
        peer.do("say", "bob", f"message {number} of a usual length for a chat")
        costs.append(len(alice.settle(0.3)))
    require(0 < min(costs) and max(costs) < 600, f"messages cost {costs} bytes")

    begun = len(alice.output)
    start = time.monotonic()
    peer.begin("flood", 10_000, 5)
    echoes = []
    # Letters that nobody else writes; the next one when the last one is there.
    for letter in "αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΦΨΩ":
        alice.settle_for(0.13)
        if peer.is_done():
            break
        pressed = time.monotonic()
        alice.type(letter)
        alice.read_until(letter.encode(), 10)
        echoes.append(time.monotonic() - pressed)
    require(len(echoes) >= 20, f"only {len(echoes)} keys were pressed in the flood")
    while not peer.is_done():
        alice.settle_for(0.05)
    flooded = time.monotonic() - start
    require(flooded < (6 if STRICT else 30), f"the flood took {flooded:.1f} s")
    alice.settle(1)
    require(b"\x1b[2J" not in alice.output[begun:], "the screen was cleared")
    each = (len(alice.output) - begun) / 10_000
    echoes.sort()
    print(f"    one message {max(costs)} bytes; 10,000 in {flooded:.1f} s, {each:.0f} bytes each, "
          f"{len(echoes)} keys echoed within {echoes[len(echoes) // 2] * 1000:.0f} ms (median), {echoes[-1] * 1000:.0f} ms (worst)")
    require(echoes[-1] < ECHO_SECONDS, f"a key was echoed after {echoes[-1] * 1000:.0f} ms")
    require(each < 600, f"{each:.0f} bytes for each message of the flood")

    # What the screen shows in the end is the end of the flood: drawn anew, for changes alone do not spell it out.
    alice.type("\x0c")
    alice.read_until(b"flood 9999")
    # Marks, saving and the like come to rest.
    alice.settle(4)
    before = processor_milliseconds(alice.process.pid)
    woken = wakeups(alice.process.pid)
    written = alice.settle_for(IDLE_SECONDS)
    require(not written, f"{len(written)} bytes were written while idle: {written[:200]}")
    used = processor_milliseconds(alice.process.pid) - before
    woken = wakeups(alice.process.pid) - woken
    print(f"    idle for {IDLE_SECONDS} s: 0 bytes, {woken} wake-ups, {used:.2f} ms of processor time")
    # A ping every 15 s is all there is; a loop that polls would wake far more often.
    require(woken < 2 * IDLE_SECONDS, f"it woke {woken} times while idle")
    require(used < 10 or not STRICT, f"{used:.1f} ms of processor time while idle")


def check_12_scripts_and_screen_readers(bench):
    server = bench.server()
    bob = bench.plain(server.url, "bob", room="g")
    environment = dict(os.environ, XDG_CONFIG_HOME=str(bench.folder / "c"), XDG_STATE_HOME=str(bench.folder / "s"))
    result = subprocess.run([BUILD / "pond-tui", "--plain", "--url", server.url, "--nick", "carol"],
                            input=b"/join #g\nhi\n", capture_output=True, env=environment, timeout=30)
    require(result.returncode == 0, f"ended with {result.returncode}: {result.stdout} {result.stderr}")
    require(b"\x1b" not in result.stdout + result.stderr, "an escape in plain mode")
    require(re.search(rb"\t#g\tcarol\thi\n", result.stdout), f"not in the lines: {result.stdout}")
    wait("bob hears", lambda: "\t#g\tcarol\thi" in bob.log.read_text())
    gone = subprocess.run([BUILD / "pond-tui", "--plain", "--url", "ws://127.0.0.1:1/socket", "--nick", "dave"],
                          input=b"/join #g\nhi\n", capture_output=True, env=environment, timeout=30)
    require(gone.returncode == 69, f"an unreachable server ends with {gone.returncode}")
    usage = subprocess.run([BUILD / "pond-tui", "--frobnicate"], capture_output=True)
    require(usage.returncode == 64, f"wrong usage ends with {usage.returncode}")
    dumb = bench.terminal("dumb")
    dumb.chat("--url", server.url, "--nick", "erin", prefix="env -u TERM ")
    dumb.wait_for("TERM is not set")
    dumb.wait_for("STATE conn CONNECTED")
    alice = bench.chat(server.url, "alice")
    column, row = map(int, alice.show("#{cursor_x},#{cursor_y}").split(","))
    require(row == 23 and column == len(" #lobby> "), f"the cursor stands at {column},{row}")
    require(not re.search("[\u2800-\u28ff\u2500-\u257f]", alice.screen()), "braille or box drawing")
    path = bench.folder / "ctl"
    served = bench.terminal("served")
    served.chat("--url", server.url, "--nick", "frank", "--listen", str(path))
    served.wait_for(r"\[JOINED\]")
    answer = subprocess.run([BUILD / "pond-tui", "ctl", path, "/rooms"], capture_output=True, text=True, timeout=10)
    require("#lobby" in answer.stdout, f"ctl answered {answer.stdout!r}")
    require(path.stat().st_mode & 0o777 == 0o600, "the control socket is open to others")


COLOUR = re.compile(r"\x1b\[[0-9;:]*?(?<![0-9])(3[0-7]|4[0-7]|38[;:]|48[;:]|9[0-7])")


def check_13_colour_is_never_the_only_signal(bench):
    screens = {}
    peer = bench.peer()
    runs = {
        "colour": {"TERM": "tmux-256color"}, "no-colour": {"TERM": "tmux-256color", "NO_COLOR": "1"},
        "vt100": {"TERM": "vt100"}, "linux": {"TERM": "linux"},
    }
    for name, variables in runs.items():
        terminal = bench.terminal(name)
        peer.joined.clear()
        prefix = "env " + " ".join(f"{key}={value}" for key, value in variables.items()) + " "
        terminal.chat("--url", peer.url, "--nick", "alice", "--room", "lobby", prefix=prefix)
        wait("joined", peer.joined.is_set)
        peer.presence(["alice", "bob"])
        peer.say("bob", "alice: hello")
        terminal.wait_for("alice: hello")
        terminal.wait_for("HERE #lobby")
        terminal.key("x", "BSpace")
        time.sleep(0.3)
        screen = re.sub(r"\d\d:\d\d", "TIME", terminal.screen().replace(str(peer.port), "PORT"))
        screens[name] = re.sub(r"lag +\d+ ms *", "LAG ", screen)
        coloured = len(COLOUR.findall(terminal.styled()))
        if name in ("no-colour", "vt100"):
            require(coloured == 0, f"{name}: {coloured} colours")
        if name == "linux":
            require(not re.search(r"\x1b\[(\d+;)*30m", terminal.styled()), "black on black where there are 8 colours")
        if name == "colour":
            require(coloured > 0, "no colour where it is wanted")
        terminal.key("C-c", "C-c")
    for name, screen in screens.items():
        require(screen == screens["colour"], f"{name} shows something else:\n{screen}\n{screens['colour']}")


def check_14_suspend_resume_and_editor(bench):
    server = bench.server()
    alice = bench.chat(server.url, "alice")
    alice.record()
    alice.type("a draft")
    alice.wait_for("a draft")
    alice.key("C-z")
    wait("the shell is back", lambda: alice.flags() == "001", details=alice.screen)
    alice.wait_for("Stopped")
    size = len(alice.written())
    bob = bench.plain(server.url, "bob")
    say(bob, "while you were stopped")
    wait("bob's word is confirmed", lambda: "while you were stopped" in bob.log.read_text())
    require(len(alice.written()) == size, "bytes were written while stopped")
    alice.run("fg")
    alice.wait_for(r"\[JOINED\]")
    alice.wait_for("while you were stopped")
    alice.wait_for("#lobby> a draft")
    alice.wait_for(r"\+ bob")
    alice.key("C-c")
    alice.key("C-c")
    alice.key("C-c")
    alice.wait_for(r"[#$]\s*$")
    editor = bench.folder / "editor.sh"
    editor.write_text("#!/bin/sh\nprintf 'from the editor\\nline two\\n' > \"$1\"\n")
    editor.chmod(0o755)
    alice.chat("--url", server.url, "--nick", "alice", prefix=f"env EDITOR={editor} ")
    alice.wait_for(r"\[JOINED\]")
    alice.key("C-x", "C-e")
    alice.wait_for("#lobby> from the editor")
    alice.key("Enter")
    wait("bob hears both lines", lambda: "from the editor line two" in bob.log.read_text())


def check_15_learnable_and_remembers(bench):
    server = bench.server()
    alice = bench.chat(server.url, "alice")
    alice.wait_for("F1 shows keys")
    alice.type("/jo")
    alice.key("Tab")
    alice.wait_for("#lobby> /join")
    alice.key("C-u")
    alice.enter("/jion #x")
    alice.wait_for("do you mean /join")
    alice.key("C-u")
    alice.enter("/join #second")
    alice.wait_for(r"#second  \[JOINED\]")
    alice.enter("said before")
    alice.wait_for("alice +said before")
    alice.type("unfinished thought")
    alice.wait_for("unfinished")
    time.sleep(0.5)
    os.kill(alice.pid(), signal.SIGTERM)
    wait("it has ended", lambda: alice.flags() == "001")
    bob = bench.plain(server.url, "bob", room="second")
    say(bob, "new for you")
    wait("bob's word is confirmed", lambda: "new for you" in bob.log.read_text())
    alice.run("clear")
    alice.chat(server.url, "--nick", "alice")
    alice.wait_for(r"#second  \[JOINED\]")
    alice.wait_for("#second> unfinished thought")
    alice.wait_for("alice +said before")
    alice.wait_for("1 new since")
    require("#lobby" in alice.screen(), "the other room is forgotten:\n" + alice.screen())
    alice.key("C-c")
    alice.key("Up")
    alice.wait_for("#second> said before")
    home = bench.folder / "home-alice"
    files = [path for path in home.rglob("*") if path.is_file() and path.name != "inputrc"]
    require(files, "nothing is kept")
    for path in files:
        require(path.stat().st_mode & 0o777 == 0o600, f"{path} may be read by others")
        require("state/pond" in str(path) or "config/pond" in str(path), f"{path} is not where it belongs")


def check_16_names_and_order_are_kept(bench):
    server = bench.server("--admins", "alice")
    alice = bench.chat(server.url, "alice")
    bob = bench.plain(server.url, "bob")
    alice.enter("/claim correct-horse")
    alice.wait_for("alice is yours")
    require("correct" not in alice.screen(), "the password is on the screen")
    alice.enter("/mute bob 10m shouting")
    alice.wait_for("bob may only read for 10 min, by alice: shouting")
    say(bob, "can you hear me")
    wait("bob is refused", lambda: "was refused: 403 you are muted here" in bob.log.read_text(), details=bob.log.read_text)
    alice.enter("/unmute bob")
    alice.wait_for("bob may write again")
    say(bob, "/retry all")
    alice.wait_for("bob +can you hear me")
    alice.enter("/remove bob out of place")
    alice.wait_for(r"\[removed by alice\]")
    # A name that is taken leaves one where one was; a free one is a new connection that nobody notices.
    carol = bench.chat(server.url, "carol")
    carol.enter("/nick bob")
    carol.wait_for("bob: the name bob is taken")
    carol.wait_for(r"\[JOINED\]")
    carol.enter("still carol")
    alice.wait_for("carol +still carol")
    carol.enter("/nick caroline")
    alice.wait_for(r"\+ caroline")
    carol.enter("now caroline")
    alice.wait_for(r"caroli\S* +now caroline")
    carol.wait_for(r"caroli\S* +now caroline")
    require(len(re.findall("still carol", carol.screen())) == 1, carol.screen)
    alice.enter("/kick bob enough")
    wait("bob is put out", lambda: "STATE #lobby CLOSED" in bob.log.read_text(), details=bob.log.read_text)
    alice.enter("/whois bob")
    alice.wait_for("not claimed")
    alice.key("Escape")
    # Somebody else under the name needs the password, and gets in with it.
    other = bench.terminal("other")
    other.chat("--url", server.url, "--nick", "alice", "--room", "lobby")
    other.wait_for("the name alice has a password: /identify")
    other.enter("/identify wrong-horse")
    other.wait_for("wrong name or password")
    other.enter("/identify correct-horse")
    other.wait_for(r"\[JOINED\]")
    # What is read on one device is read on the other.
    for terminal in (alice, other):
        terminal.enter("/join #second")
        terminal.wait_for(r"#second  \[JOINED\]")
        terminal.key("M-1")
        terminal.wait_for(r"#lobby  \[JOINED\]")
    say(bob, "/join #second")
    say(bob, "for all your devices")
    for terminal in (alice, other):
        terminal.wait_for(r"Act 2:#second\(1\)")
    other.key("M-a")
    other.wait_for("bob +for all your devices")
    alice.wait_without("Act 2:#second")


def check_17_a_frame_is_shown_at_once(bench):
    for answer, is_used in [("\x1b[?2026;2$y", True), ("\x1b[?2026;0$y", False), ("", False)]:
        chat = Screenless(BUILD, bench.folder, "--local", "--nick", "alice", "--room", "lobby")
        bench.stack.callback(chat.close)
        chat.read_until(b"\x1b[?2026$p")
        chat.type(answer)
        chat.settle(0.5)
        begun = len(chat.output)
        chat.type("\x1bOP")
        chat.read_until(b"FIRST STEPS")
        chat.settle(0.3)
        written = bytes(chat.output[begun:])
        begins, ends = written.count(b"\x1b[?2026h"), written.count(b"\x1b[?2026l")
        require(begins == ends and (begins > 0) == is_used, f"{answer!r}: {begins} frames begun, {ends} ended: {written}")


def resident(pid):
    """The bytes that a process has in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def check_18_a_terminal_that_takes_nothing_holds_up_nothing(bench):
    peer = FloodProcess()
    bench.stack.callback(peer.close)
    for ending in (b"flood 3999", signal.SIGTERM):
        chat = Screenless(BUILD, bench.folder, "--url", peer.url, "--nick", "alice", "--room", "lobby", columns=200, rows=60)
        bench.stack.callback(chat.close)
        chat.read_until(b"[JOINED]")
        chat.settle(0.5)
        before = resident(chat.process.pid)
        # Nobody reads what is written, and pages come and go in full: much more than a terminal holds.
        for _ in range(40):
            chat.type("\x1bOP")
            time.sleep(0.03)
            chat.type("\x1bOP")
            time.sleep(0.03)
        peer.do("flood", 4_000, 1)
        grown = resident(chat.process.pid) - before
        require(grown < 60_000_000, f"{grown} bytes more in memory")
        if isinstance(ending, bytes):
            # Read again, it shows what is now, and not all that was.
            found = chat.settle(1.0)
            require(len(found) < 400_000, f"{len(found)} bytes had waited")
            chat.type("\x0c")
            chat.read_until(ending)
        else:
            chat.process.send_signal(ending)
            wait("it ends all the same", lambda: chat.process.poll() is not None, 5)
            require(chat.process.returncode == -ending, f"it ended with {chat.process.returncode}")


def check_19_two_runs_of_one_user_keep_apart(bench):
    server = bench.server()
    first = bench.chat(server.url, "alice")
    first.enter("/join #ops")
    first.wait_for(r"\[#ops\]")
    first.type("a draft")
    first.key("C-z")
    first.wait_for(r"Stopped")
    first.chat("--url", server.url, "--nick", "alice", "--room", "lobby")
    first.wait_for(r"alice is open here already")
    first.wait_for(r"#lobby\s+\[JOINED\]")
    require("ops" not in first.screen(), first.screen)
    first.key("C-c", "C-c")
    first.wait_without(r"JOINED")
    first.run("fg")
    first.wait_for(r"#ops> a draft")


ONSLAUGHT = ["\x1b]52;c;aGk=\x07", "\x1b[2J\x9b31m\x85", "\u202e\u2066rtl \u05e9\u05dc\u05d5\u05dd", "\u0301" * 5_000, "\r\b\x00\x7f",
             "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 2_000, "\U0001f1e9" * 3_001, "\u6f22" * 9_000, "\n" * 30_000,
             "https://x.example/" * 5_000, " ".join(f"https://x.example/{number}" for number in range(5_000)), "@alice " * 9_000]


def check_20_a_hostile_server_neither_stops_nor_fills_it(bench):
    peer = bench.peer()
    chat = Screenless(BUILD, bench.folder, "--url", peer.url, "--nick", "alice", "--room", "lobby", columns=120, rows=40)
    bench.stack.callback(chat.close)
    chat.read_until(b"[JOINED]")
    peer.presence(["x" * 900_000, "\u0301" * 200_000, *ONSLAUGHT])
    for size in (4_000, 9_000, 5):
        peer.presence([f"user{number}{ONSLAUGHT[number % len(ONSLAUGHT)][:20]}" for number in range(size)])
    for part in range(8):
        rooms = [{"room": f"r{part}-{number}", "topic": ONSLAUGHT[number % 5][:50], "members": 3, "permanent": False}
                 for number in range(4_000)]
        peer.send("BROADCAST", "rooms-changed", "/directory", {"rooms": rooms, "gone": []})
    peer.send("BROADCAST", "topic", "/lobby/lobby", {"topic": "z" * 500_000, "by": "bob", "at": 0})
    random = Random(7)
    for number in range(300):
        peer.say("bob", random.choice(ONSLAUGHT))
        if number % 3 == 0:
            # Any size there is, and as fast as one can pull at a window.
            size = struct.pack("HHHH", random.choice([1, 2, 5, 24, 60]), random.choice([1, 2, 19, 41, 80, 200]), 0, 0)
            fcntl.ioctl(chat.master, termios.TIOCSWINSZ, size)
            chat.type(random.choice(["\x1b[5~", "\x1b[6~", "\x1bu", "\x1b=", "\x1bOQ\x03", "\x13alice\r"]))
            chat.settle(0.01)
    fcntl.ioctl(chat.master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    peer.say("bob", "the end")
    begun = len(chat.output)
    for key in ("\x1b", "\x1b>", "\x0c"):
        chat.settle(1.3)
        chat.type(key)
    chat.type("\u03a9")
    chat.read_until("\u03a9".encode(), 15)
    chat.settle(0.5)
    require(b"the end" in chat.output[begun:], "the newest message is not shown")
    for harm in (b"\x1b]52;", "\u202e".encode(), "\u200d".encode(), b"\xc2\x9b", b"\xc2\x85"):
        require(harm not in chat.output, f"{harm} was written")
    require(resident(chat.process.pid) < 120_000_000, f"{resident(chat.process.pid)} bytes in memory")
    # The terminal is closed under it.
    os.close(chat.master)
    chat.master = os.open("/dev/null", os.O_RDONLY)
    wait("it ends with its terminal", lambda: chat.process.poll() is not None, 5)


def check_21_what_is_clicked_on_is_gone_to(bench):
    server = bench.server()
    alice = bench.chat(server.url, "alice", room="lobby,ops")
    alice.wait_for(r"#lobby\s+\[JOINED\]")
    alice.enter("see https://click.example/here")
    alice.wait_for(r"  alice  see https://click.example/here")
    alice.key("M-m")
    wait("the mouse is on", lambda: alice.flags()[1] == "1")

    def click(text):
        lines = alice.screen().split("\n")
        row = next(index for index, line in enumerate(lines) if text in line)
        column = lines[row].index(text) + 1
        alice.tmux("send", "-t", "a", "-l", f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}m")

    click("https://click")
    alice.wait_for(r"opening https://click.example/here|cannot run xdg-open")
    click("#ops")
    alice.wait_for(r"#ops\s+\[JOINED\]")
    click("#lobby")
    alice.wait_for(r"#lobby\s+\[JOINED\]")


def check_22_changes_act_on_the_message_that_is_shown(bench):
    server = bench.server()
    alice = bench.chat(server.url, "alice")
    bob = bench.plain(server.url, "bob")
    alice.enter("first")
    wait("bob hears", lambda: "\tfirst" in bob.log.read_text())
    alice.wait_without("queue|sending")
    server.kill()
    alice.wait_for("STALLED")
    alice.enter("second")
    alice.wait_for("second +<queued #1>")
    alice.type("/edit third")
    alice.wait_for(r"edits \d\d:\d\d alice: second")
    alice.key("Enter")
    alice.wait_for("third +<queued #1>")
    alice.enter("unwanted")
    alice.wait_for("unwanted +<queued #2>")
    alice.enter("/remove")
    alice.wait_for("not sent any more: .*unwanted")
    alice.enter("/edit #1")
    alice.wait_for("#lobby> /edit third")
    alice.enter("!")
    alice.wait_for("third! +<queued #1>")
    alice.enter("/edit 2")
    alice.wait_for("#lobby> /edit first")
    alice.enter(" of all")
    alice.wait_for("first of all +<edit queued #3>")
    # The queue survives a kill with all of it.
    os.kill(alice.pid(), signal.SIGKILL)
    alice.wait_for(r"Killed|\$ *$")
    server.start()
    alice.run("reset")
    alice.chat("--url", server.url, "--nick", "alice")
    alice.wait_for(r"alice +first of all \(edited\)", 30)
    say(bob, "/reconnect")
    wait("bob hears", lambda: "\tthird!" in bob.log.read_text(), 30, lambda: bob.log.read_text() + alice.screen())
    require("second" not in bob.log.read_text() and "unwanted" not in bob.log.read_text(), bob.log.read_text())
    alice.wait_without("queue|sending")
    alice.enter("last")
    alice.enter("/remove")
    alice.wait_for(r"alice +\[removed\]")
    require(re.search("first of all", alice.screen()), alice.screen)


def check_23_a_kill_after_a_key_loses_nothing(bench):
    alice = bench.terminal("alice")
    for number in range(5):
        alice.chat("--url", "ws://127.0.0.1:1/socket", "--nick", "alice", "--room", "lobby")
        alice.wait_for("#lobby>")
        if number:
            # The queue of the run before, and its draft.
            alice.wait_for(rf"message {number - 1} +<queued #{number}>")
            alice.wait_for(rf"#lobby> draft {number - 1}")
            alice.key("C-u")
            alice.wait_without("> draft")
        alice.enter(f"message {number}")
        alice.type(f"draft {number}")
        alice.wait_for(rf"#lobby> draft {number}")
        os.kill(alice.pid(), signal.SIGKILL)
        alice.wait_for(r"Killed")
        alice.run("reset; clear")
        alice.wait_without("Killed|draft")


def check_24_a_pipe_delivers_or_says_what_it_did_not(bench):
    server = bench.server()
    bob = bench.plain(server.url, "bob")

    def pipe(text, url=server.url, nick="x", *arguments):
        environment = dict(os.environ, XDG_CONFIG_HOME=str(bench.folder / "c"), XDG_STATE_HOME=str(bench.folder / "s"))
        return subprocess.run([BUILD / "pond-tui", "--nick", nick, url, *arguments], input=text.encode(),
                              capture_output=True, env=environment, timeout=60)

    for number in range(4):
        result = pipe(f"hello {number}\n" + ("/quit\nnever said\n" if number % 2 else ""))
        require(result.returncode == 0, f"run {number} ended with {result.returncode}: {result}")
        require(not result.stderr, f"run {number}: {result.stderr}")
        require(b"NOTE" not in result.stdout, f"run {number}: {result.stdout}")
    wait("bob hears all of it", lambda: "hello 3" in bob.log.read_text())
    # A connection that is lost without a close frame would stay for its grace time.
    wait("the other members see it leave", lambda: bob.log.read_text().count("x left") == 4, 5, bob.log.read_text)
    said = re.findall("hello (\\d)|never", bob.log.read_text())
    require(said == ["0", "1", "2", "3"], f"bob heard {said}")
    result = pipe("to nobody\n", "ws://127.0.0.1:1/socket")
    require(result.returncode == 69, f"an unreachable server: {result}")
    require(result.stderr.count(b"to nobody") == 1 and b"#lobby" in result.stderr, f"{result.stderr}")
    result = pipe("hello\n", server.url, "bob")
    require(result.returncode == 77 and b"#lobby\thello" in result.stderr, f"a taken name: {result}")
    result = pipe("x" * 20_000 + "\n", server.url, "y", "--room", "long")
    require(result.returncode in (0, 75), f"a long line: {result.returncode}")
    require((result.returncode == 0) == (not result.stderr), f"{result.stderr[:300]}")


def check_25_an_old_queue_is_asked_about(bench):
    server = bench.server()
    bob = bench.plain(server.url, "bob")
    alice = bench.terminal("alice")
    alice.chat("--url", server.url, "--nick", "alice", "--room", "lobby")
    alice.wait_for(r"\[JOINED\]")
    server.kill()
    alice.wait_for("STALLED")
    for text in ("old news", "older news"):
        alice.enter(text)
    alice.wait_for("<queued #2>")
    os.kill(alice.pid(), signal.SIGKILL)
    alice.wait_for("Killed")
    # Six minutes go by.
    for path in (bench.folder / "home-alice" / "state").rglob("*"):
        if path.suffix in (".json", ".journal"):
            text = re.sub(r'"created":(\d+)', lambda found: f'"created":{int(found.group(1)) - 360_000}', path.read_text())
            path.write_text(text)
    server.start()
    alice.run("reset; clear")
    alice.chat("--url", server.url, "--nick", "alice")
    alice.wait_for(r"#lobby  \[JOINED\]", 30)
    alice.wait_for("2 waited over 5 min, send")
    alice.wait_for("<held #1, /retry 1 or /drop 1>")
    alice.enter("fresh")
    say(bob, "/reconnect")
    wait("bob hears", lambda: "fresh" in bob.log.read_text(), 30, bob.log.read_text)
    alice.wait_for("2 waited over 5 min, send")
    alice.enter("/drop 2")
    alice.enter("/retry #1")
    wait("bob hears", lambda: "\told news" in bob.log.read_text(), 30, bob.log.read_text)
    alice.wait_without("waited over|held|queue")
    require("older news" not in bob.log.read_text() + alice.screen(), alice.screen)


def check_30_a_frozen_server_is_seen_at_once(bench):
    server = bench.server()
    alice = bench.chat(server.url, "alice")
    alice.enter("first")
    alice.wait_for(r"alice +first")
    alice.wait_without("queue|sending")
    server.signal(signal.SIGSTOP)
    alice.enter("frozen")
    start = time.monotonic()
    header = alice.wait_for(r".*no answer for (\d+)s.*", 5)
    require("lag" not in header.group(0), header.group(0))
    # No upper bound on a loaded machine but what the screen itself counts.
    require(int(header.group(1)) <= time.monotonic() - start + 2, header.group(0))
    seen = int(header.group(1))
    wait("the seconds go by", lambda: (found := re.search(r"no answer for (\d+)s", alice.screen()))
         and int(found.group(1)) > seen or "DISCONNECTED" in alice.screen() or "CONNECTING" in alice.screen())
    server.signal(signal.SIGCONT)
    alice.wait_without("no answer|<unconfirmed>|<sending|<queued|DISCONNECTED|CONNECTING", 30)
    require(len(re.findall("frozen", alice.screen())) == 1, alice.screen)


def check_31_a_refusal_is_told_once_with_a_way_out(bench):
    server = bench.server("--rooms", "general", "--rooms-on-demand=off", "--admins", "boss")
    nameless = {"USER": None}
    guest = bench.terminal("g1")
    guest.chat("--url", server.url, "--room", "general", prefix="env USER=root ")
    guest.wait_for("YOUR NAME")
    guest.enter("guest")
    guest.wait_for(r"\[JOINED\]")
    second = bench.terminal("g2", environment=nameless)
    second.chat("--url", server.url, "--room", "general", prefix="env -u USER ")
    second.wait_for("YOUR NAME")
    second.enter("guest")
    second.wait_for("the name guest is taken")
    second.wait_for("Your name: guest-2")
    tries = server.log.read_text().count("409")
    time.sleep(3)
    require(server.log.read_text().count("409") == tries, "a taken name is tried again")
    second.key("Enter")
    second.wait_for(r"\[JOINED\]")
    second.wait_for("guest-2")
    # A room that is not there.
    second.enter("/join #nosuch")
    second.wait_for(r"\[DECLINED\] no such room, /rejoin")
    second.wait_for("There (is|are) #general")
    require(second.screen().count("not let in") == 1, second.screen)
    # A path where nothing is.
    wrong = bench.terminal("wrong")
    wrong.chat("--url", server.url.replace("/socket", "/nothing"), "--nick", "wrong")
    wrong.wait_for("no chat at /nothing")
    require("(404) (404)" not in wrong.screen() and not re.search(r"try \d+ in", wrong.screen()), wrong.screen)
    # HOST:PORT is enough.
    boss = bench.terminal("boss")
    boss.chat(f"127.0.0.1:{server.port}", "--nick", "boss", "--room", "general", "--listen", str(bench.folder / "ctl"))
    boss.wait_for(r"\[JOINED\]")
    # An admin of the configuration is one once the name is claimed.
    boss.enter("/claim correct-horse")
    boss.wait_for("boss is yours")
    boss.enter("/kick guest noise")
    guest.wait_for("guest was put out, by boss: noise")
    require("removed by the server" not in guest.screen(), guest.screen)
    bogus = subprocess.run([BUILD / "pond-tui", "ctl", bench.folder / "ctl", "/bogus"], capture_output=True, text=True)
    require(bogus.returncode == 64 and "no command /bogus" in bogus.stderr, f"{bogus}")
    text = subprocess.run([BUILD / "pond-tui", "ctl", bench.folder / "ctl", "/tmp/x is a path"], capture_output=True, text=True)
    require(text.returncode == 0, f"{text}")
    boss.wait_for("boss +/tmp/x is a path")
    local = bench.terminal("local")
    local.chat("--local", "--nick", "alice", "--room", "lobby", "--theme", "light")
    local.wait_for(r"\[LOCAL\]")
    require("CONNECTED" not in local.screen(), local.screen)
    local.key("C-c", "C-c")
    local.wait_without("LOCAL")
    require(not list(local.home.rglob("tui.conf")), "a theme for one run was kept")


# Whatever JSON can say where a number is meant.
NUMBERS = ["9223372036854775807", "-9223372036854775808", "18446744073709551615", "1e300", "-1e300", "1e-300", "0", "-1", "1.5",
           "123456789012345678901234567890", "null", '"9"', "[]"]


def check_32_no_number_of_a_server_ends_it(bench):
    peer = bench.peer()
    alice = bench.terminal("alice")
    alice.chat("--url", peer.url, "--nick", "alice", "--room", "lobby")
    wait("joined", peer.joined.is_set)
    lobby = "/lobby/lobby"
    events = [
        ("BROADCAST", "message", lobby, '{"id":"m%d","sender":"bob","at":#,"kind":"text","text":"hi","editedAt":#}'),
        ("BROADCAST", "edit", lobby, '{"id":"m1","text":"x","at":#}'),
        ("BROADCAST", "remove", lobby, '{"id":"m1","by":"bob","at":#}'),
        ("BROADCAST", "topic", lobby, '{"topic":"t","by":"bob","at":#}'),
        ("BROADCAST", "moderated", lobby, '{"action":"mute","by":"bob","at":1,"user":"eve","until":#}'),
        ("BROADCAST", "moderated", lobby, '{"action":"mute","by":"bob","at":-9223372036854775808,"user":"eve","until":#}'),
        ("BROADCAST", "moderated", lobby, '{"action":"slow","by":"bob","at":#,"seconds":#}'),
        ("BROADCAST", "read", lobby, '{"unread":#,"mentions":#,"upTo":"m1"}'),
        ("BROADCAST", "welcome", lobby,
         '{"name":"alice","role":"user","topic":"t","slowSeconds":#,"read":{"unread":#,"mentions":#,"upTo":"m1"}}'),
        ("PRESENCE", "JOIN", lobby, '{"presence":[{"name":"eve","status":"away","since":#,"role":"user"}],'
         '"changed":{"name":"eve","status":"away","since":#,"role":"user"}}'),
        ("BROADCAST", "rooms", "/directory", '{"rooms":[{"room":"r","topic":"","members":#,"permanent":false}]}'),
        ("BROADCAST", "rooms-changed", "/directory", '{"rooms":[{"room":"r","topic":"","members":#,"permanent":true}],"gone":[]}'),
        ("SYSTEM", "RECOVERED", lobby, '{"offset":#,"count":#,"epoch":"e"}'),
    ]
    for number in NUMBERS:
        for count, (action, event, channel, payload) in enumerate(events):
            text = payload.replace("#", number).replace("%d", str(count))
            peer.frame(1, ('{"action":"%s","event":"%s","channelName":"%s","requestId":"%s","payload":%s}'
                           % (action, event, channel, uuid.uuid4(), text)).encode())
        # The numbers beside a payload, too.
        peer.frame(1, ('{"action":"BROADCAST","event":"message","channelName":"%s","requestId":"%s","offset":%s,"payload":'
                       '{"id":"o%s","sender":"bob","at":1,"kind":"text","text":"alice: hi"}}'
                       % (lobby, uuid.uuid4(), number, abs(hash(number)))).encode())
        peer.refusal = {"code": "CHANNEL_ERROR", "message": "no", "status": 429, "retryAfter": 0}
        try:
            peer.refusal["retryAfter"] = json.loads(number)
        except OverflowError:
            pass
        alice.enter("refused")
        alice.enter("/drop all")
    peer.refusal = None
    peer.say("bob", "still here")
    alice.wait_for("bob +still here", 30)
    alice.pid()
    for key in ("F6", "F7", "F8", "F1", "Escape", "PPage", "Escape"):
        alice.key(key)
        # An Escape and what follows it within a moment are one key.
        time.sleep(0.1)
    alice.enter("/state -v")
    alice.wait_for(r"conn CONNECTED since")


def check_33_endless_joins_neither_fill_it_nor_hold_up_keys(bench):
    flood = FloodProcess()
    bench.stack.callback(flood.close)
    chat = Screenless(BUILD, bench.folder, "--url", flood.url, "--nick", "alice", "--room", "lobby", columns=120, rows=40)
    bench.stack.callback(chat.close)
    chat.read_until(b"[JOINED]")
    flood.begin("endless_joins", 20 if STRICT else 8)
    slowest = 0.0
    # Each another one than the last: what stays as it was is not written again.
    letters = iter("\u03b1\u03b2\u03b3\u03b4\u03b5\u03b6\u03b7\u03b8" * 100)
    while not flood.is_done():
        chat.settle_for(0.3)
        start = time.monotonic()
        letter = next(letters)
        chat.type("\x15" + letter)
        chat.read_until(letter.encode(), 20)
        slowest = max(slowest, time.monotonic() - start)
    require(slowest < (0.1 if STRICT else 2.0), f"a key took {slowest:.3f} s")
    require(resident(chat.process.pid) < 120_000_000, f"{resident(chat.process.pid)} bytes in memory")


@contextmanager
def bench():
    folder = Path(tempfile.mkdtemp(prefix="pond-e2e-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, True)
        yield Bench(folder, stack)


def check_36_a_start_without_arguments_leads_to_a_conversation(bench):
    def ended(terminal):
        wait("the screen is the shell's again", lambda: terminal.show("#{alternate_on}") == "0")

    server = bench.server("--rooms", "lobby,dev")
    terminal = bench.terminal("new")
    terminal.chat()
    terminal.wait_for("WHERE TO")
    terminal.type(server.url)
    terminal.key("Enter")
    terminal.wait_for("YOUR NAME")
    terminal.enter("newcomer")
    terminal.wait_for("#dev.* here")
    terminal.type("dev")
    terminal.wait_for("Go to: dev")
    terminal.key("Enter")
    terminal.wait_for(r"#dev.*\[JOINED\]")
    terminal.enter("hello")
    terminal.wait_for("newcomer +hello")
    terminal.enter("/quit")
    ended(terminal)
    # The next start offers what was there, and shows it without a server.
    server.kill()
    terminal.chat()
    terminal.wait_for("as newcomer, today")
    terminal.key("Enter")
    terminal.wait_for("newcomer +hello")
    terminal.wait_for("kept from .* not live")
    # A name that is needed is asked for, with the server already known.
    other = bench.terminal("nameless")
    other.chat(server.url)
    other.wait_for("YOUR NAME")
    other.key("Escape")
    ended(other)


def check_37_the_manual_and_the_completions_can_be_used(bench):
    program = BUILD / "pond-tui"

    def output(*arguments):
        return subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout

    page = bench.folder / "pond-tui.1"
    page.write_text(output("--man"))
    help_text = output("--help")
    if shutil.which("groff"):
        shown = subprocess.run(["groff", "-man", "-Tutf8", "-P-cbou", "-ww", page], capture_output=True, text=True)
        require(shown.returncode == 0 and not shown.stderr, f"groff has nothing to say: {shown.stderr}")
        for section in ("OPTIONS", "EXIT STATUS", "KEYS", "COMMANDS", "SETTINGS", "FILES"):
            require(section in shown.stdout, f"the manual has {section}")
    options = set(re.findall(r"(?<![\w-])--[a-z]+", help_text))
    for shell in ("bash", "zsh", "fish"):
        script = output("--completion", shell)
        for option in options:
            name = f"-l {option[2:]}" if shell == "fish" else option
            require(name in script, f"{shell} completes {option}")
        if shutil.which(shell):
            path = bench.folder / f"completion.{shell}"
            path.write_text(script)
            subprocess.run([shell, "-n", path], check=True)
    (bench.folder / "ask.bash").write_text(
        output("--completion", "bash")
        + 'ask() { COMP_WORDS=(pond-tui "$@"); COMP_CWORD=$#; _pond_tui; echo "${COMPREPLY[*]}"; }\n'
        + "ask --in; ask --theme l; ask ct\n")
    answers = subprocess.run(["bash", bench.folder / "ask.bash"], capture_output=True, text=True, check=True)
    require(answers.stdout.splitlines()[::2] == ["--insecure", "ctl"], answers.stdout)
    require("light" in answers.stdout.splitlines()[1], answers.stdout)
    wrong = subprocess.run([program, "--completion", "tcsh"], capture_output=True)
    require(wrong.returncode == 64, "an unknown shell is wrong usage")


def main():
    global BUILD
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    BUILD = Path(sys.argv[1]).resolve()
    if not shutil.which("tmux"):
        print("skipped: tmux is not installed")
        return
    checks = {name[len("check_"):]: value for name, value in globals().items() if name.startswith("check_")}
    names = []
    for want in sys.argv[2:] or list(checks):
        found = [name for name in checks if name.startswith(want.zfill(2) if want.isdigit() else want)]
        if not found:
            sys.exit(f"no check {want}")
        names += found
    print(f"terminal: {len(names)} checks", flush=True)
    # What is measured must not be disturbed.
    alone = [name for name in names if name.startswith("11")]
    with ThreadPoolExecutor(int(os.environ.get("POND_JOBS", "3"))) as pool:
        holds = list(pool.map(lambda name: run(name, checks[name]), [name for name in names if name not in alone]))
    holds += [run(name, checks[name]) for name in alone]
    failed = holds.count(False)
    print(f"{failed} failed" if failed else "all hold")
    sys.exit(1 if failed else 0)


def run(name, check):
    start = time.monotonic()
    try:
        with bench() as place:
            check(place)
        print(f"ok     {name}  ({time.monotonic() - start:.1f} s)", flush=True)
        return True
    except (Failure, subprocess.SubprocessError, OSError) as failure:
        print(f"FAILED {name}\n    " + str(failure).replace("\n", "\n    "), flush=True)
        return False


if __name__ == "__main__":
    main()
