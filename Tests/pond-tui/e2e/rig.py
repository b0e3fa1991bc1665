"""What the end-to-end checks stand on: a terminal (tmux), a server, and a peer that may say anything."""

import base64
import fcntl
import hashlib
import json
import multiprocessing
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import threading
import time
import uuid
from pathlib import Path


class Failure(Exception):
    """A check that does not hold, in words."""


def require(holds, words):
    if not holds:
        raise Failure(words() if callable(words) else words)


def wait(what, holds, seconds=15.0, details=lambda: ""):
    """Waits until something holds; gives back what it gave."""
    end = time.monotonic() + seconds
    while True:
        value = holds()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"never within {seconds} s: {what}\n{details()}")
        time.sleep(0.02)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A real pond-server with its own data."""

    def __init__(self, build, folder, *options):
        self.build, self.folder, self.options = build, Path(folder), options
        self.port = free_port()
        self.process = None
        self.log = self.folder / "server.log"

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}/socket"

    def start(self):
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        command = [self.build / "pond-server", "--host", "127.0.0.1", "--port", str(self.port), "--data", str(data), *self.options]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait("the server listens", self.listens, details=lambda: self.log.read_text()[-2000:])
        return self

    def listens(self):
        require(self.process.poll() is None, lambda: "the server ended: " + self.log.read_text()[-2000:])
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()


class Peer:
    """A server that sends whatever it likes: for texts that a real one would clean, and for floods."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.joined = threading.Event()
        self.client = None
        # What messages are refused with, where they are.
        self.refusal = None
        self.lock = threading.Lock()
        threading.Thread(target=self.run, daemon=True).start()

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}/socket"

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            more = client.recv(4096)
            if not more:
                return
            head += more
        key = re.search(rb"(?i)sec-websocket-key: *(\S+)", head).group(1)
        accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        client.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self.client = client
        self.send("CONNECT", "CONNECTION", "GATEWAY", {"id": "u1", "connectionId": "c1"})
        reader = client.makefile("rb")
        while True:
            start = reader.read(2)
            if len(start) < 2:
                return
            length = start[1] & 127
            if length == 126:
                length = struct.unpack(">H", reader.read(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", reader.read(8))[0]
            mask = reader.read(4)
            data = bytes(byte ^ mask[index % 4] for index, byte in enumerate(reader.read(length)))
            if start[0] & 15 == 9:
                self.frame(10, data)
            if start[0] & 15 != 1:
                continue
            message = json.loads(data)
            channel, request = message["channelName"], message["requestId"]
            if message["action"] == "JOIN_CHANNEL":
                self.send("SYSTEM", "ACKNOWLEDGE", channel, {}, request)
                if channel.startswith("/lobby/"):
                    self.joined.set()
            elif message["event"] == "history":
                page = {"messages": [], "hasOlder": False, "hasNewer": False}
                self.send("SYSTEM", "history", channel, page, request)
            elif message["event"] == "message" and self.refusal:
                self.send("ERROR", "CHANNEL_ERROR", channel, self.refusal, request)
            elif message["event"] == "message":
                self.say("alice", message["payload"]["text"], message["payload"]["id"], channel)

    def frame(self, opcode, data):
        head = bytes([0x80 | opcode])
        if len(data) < 126:
            head += bytes([len(data)])
        elif len(data) < 65536:
            head += bytes([126]) + struct.pack(">H", len(data))
        else:
            head += bytes([127]) + struct.pack(">Q", len(data))
        with self.lock:
            self.client.sendall(head + data)

    def send(self, action, event, channel, payload, request=None):
        message = {
            "action": action, "event": event, "channelName": channel,
            "requestId": request or str(uuid.uuid4()), "payload": payload,
        }
        self.frame(1, json.dumps(message).encode())

    def say(self, author, text, identity=None, channel="/lobby/lobby"):
        self.send("BROADCAST", "message", channel, {
            "id": identity or uuid.uuid4().hex, "sender": author, "at": int(time.time() * 1000), "kind": "text",
            "text": text,
        })

    def presence(self, names, channel="/lobby/lobby"):
        entries = [{"name": name, "status": "online", "since": 0, "role": "user"} for name in names]
        self.send("PRESENCE", "JOIN", channel, {"presence": entries, "changed": entries[-1]})

    def endless_joins(self, seconds):
        """New people one after another, as fast as they are taken."""
        end = time.monotonic() + seconds
        number = 0
        while time.monotonic() < end:
            entry = {"name": f"user{number}", "status": "online", "since": 0, "role": "user"}
            self.send("PRESENCE", "JOIN", "/lobby/lobby", {"presence": [entry], "changed": entry})
            number += 1

    def flood(self, count, seconds):
        """So many messages, evenly over so many seconds."""
        start = time.monotonic()
        sent = 0
        while sent < count:
            due = min(count, int((time.monotonic() - start) * count / seconds) + 1)
            while sent < due:
                self.say("bob", f"flood {sent}")
                sent += 1
            time.sleep(0.002)

    def close(self):
        self.listener.close()
        if self.client:
            self.client.close()


class FloodProcess:
    """A peer in a process of its own, so that its work does not delay who measures."""

    def __init__(self):
        self.ours, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=self.serve, args=(theirs,), daemon=True)
        self.process.start()
        self.port = self.ours.recv()

    @staticmethod
    def serve(pipe):
        peer = Peer()
        pipe.send(peer.port)
        while True:
            order, *arguments = pipe.recv()
            getattr(peer, order)(*arguments)
            pipe.send("done")

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}/socket"

    def begin(self, order, *arguments):
        self.ours.send((order, *arguments))

    def do(self, order, *arguments):
        self.begin(order, *arguments)
        self.ours.recv()

    def is_done(self):
        return self.ours.poll()

    def close(self):
        self.process.kill()
        self.process.join()


class Screenless:
    """pond-tui on a terminal that is nothing but bytes: for measuring what it writes, and when."""

    def __init__(self, build, folder, *arguments, columns=80, rows=24):
        self.output = bytearray()
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        home = Path(folder) / "home-screenless"
        home.mkdir(exist_ok=True)
        variables = dict(os.environ, TERM="xterm-256color", LC_ALL="C.UTF-8", HOME=str(home), TZ="UTC",
                         XDG_CONFIG_HOME=str(home / "config"), XDG_STATE_HOME=str(home / "state"))
        for name in ("TMUX", "NO_COLOR", "COLUMNS", "LINES"):
            variables.pop(name, None)
        self.process = subprocess.Popen(
            [build / "pond-tui", *arguments], stdin=slave, stdout=slave, stderr=slave, env=variables,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.master = master

    def read(self, seconds):
        """Takes in what is written within so many seconds, or as soon as something is."""
        ready, _, _ = select.select([self.master], [], [], max(0, seconds))
        if not ready:
            return b""
        more = os.read(self.master, 65536)
        self.output += more
        return more

    def read_until(self, text, seconds=15.0):
        """The bytes from now on up to a text; fails when it does not come."""
        found = bytearray()
        end = time.monotonic() + seconds
        while text not in found:
            require(time.monotonic() < end, lambda: f"{text} was not written within {seconds} s")
            found += self.read(end - time.monotonic())
        return bytes(found)

    def settle(self, seconds):
        """The bytes until nothing is written for so long."""
        found = bytearray()
        while more := self.read(seconds):
            found += more
        return bytes(found)

    def settle_for(self, seconds):
        """The bytes of so many seconds."""
        found = bytearray()
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            found += self.read(left)
        return bytes(found)

    def type(self, text):
        os.write(self.master, text.encode())

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


class Terminal:
    """pond-tui in a shell in a tmux of its own."""

    def __init__(self, build, folder, name="a", columns=80, rows=24, environment=None, shell="bash --norc --noprofile"):
        self.build, self.folder = build, Path(folder)
        self.tmux_name = f"pond-e2e-{os.getpid()}-{name}-{uuid.uuid4().hex[:6]}"
        self.home = self.folder / f"home-{name}"
        self.home.mkdir(exist_ok=True)
        variables = {
            "HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"), "PS1": "$ ", "PATH": os.environ["PATH"], "TZ": "UTC",
        }
        # The shell's own use of bracketed paste would hide ours.
        (self.home / "inputrc").write_text("set enable-bracketed-paste off\n")
        variables["INPUTRC"] = str(self.home / "inputrc")
        variables.update(environment or {})
        # What the tests run under must not reach the program.
        clean = {key: value for key, value in variables.items() if value is not None}
        self.environment = clean
        subprocess.run(
            ["tmux", "-L", self.tmux_name, "-f", "/dev/null", "new", "-d", "-s", "a", "-x", str(columns), "-y",
             str(rows), "env -u NO_COLOR -u TMUX " + shell],
            env=clean, check=True,
        )
        self.raw = self.folder / f"raw-{name}"

    def tmux(self, *arguments):
        result = subprocess.run(
            ["tmux", "-L", self.tmux_name, "-f", "/dev/null", *arguments], env=self.environment,
            capture_output=True, text=True,
        )
        return result.stdout

    def run(self, command):
        self.tmux("send", "-t", "a", "-l", command)
        self.key("Enter")

    def chat(self, *arguments, prefix=""):
        self.run(f"{prefix}{self.build / 'pond-tui'} " + " ".join(arguments))

    def key(self, *keys):
        self.tmux("send", "-t", "a", *keys)

    def type(self, text):
        self.tmux("send", "-t", "a", "-l", text)

    def enter(self, text):
        self.type(text)
        self.key("Enter")

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", "a")

    def styled(self):
        return self.tmux("capture-pane", "-pe", "-t", "a")

    def show(self, format_):
        return self.tmux("display", "-p", "-t", "a", format_).strip()

    def flags(self):
        """Alternate screen, mouse, cursor: 001 is a sane terminal."""
        return self.show("#{alternate_on}#{mouse_any_flag}#{cursor_flag}")

    def wait_for(self, text, seconds=15.0):
        pattern = re.compile(text)
        return wait(f"the screen shows {text}", lambda: pattern.search(self.screen()), seconds, self.screen)

    def wait_without(self, text, seconds=15.0):
        pattern = re.compile(text)
        wait(f"the screen no longer shows {text}", lambda: not pattern.search(self.screen()), seconds, self.screen)

    def record(self):
        """Every byte the program writes from now on."""
        self.raw.write_bytes(b"")
        self.tmux("pipe-pane", "-O", "-t", "a", f"cat >> {self.raw}")

    def written(self):
        return self.raw.read_bytes()

    def pid(self):
        """The program's process, a child of the shell."""
        shell = self.show("#{pane_pid}")

        def children(parent):
            path = Path(f"/proc/{parent}/task/{parent}/children")
            return path.read_text().split() if path.exists() else []

        def find():
            todo = [shell]
            while todo:
                one = todo.pop()
                try:
                    if Path(f"/proc/{one}/exe").resolve().name == "pond-tui":
                        return int(one)
                except OSError:
                    pass
                todo += children(one)
            return None

        return wait("the program runs", find)

    def close(self):
        subprocess.run(["tmux", "-L", self.tmux_name, "kill-server"], capture_output=True)
