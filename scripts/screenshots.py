#!/usr/bin/env python3
"""Pictures of the terminal chat for the README, taken from a real terminal and a real server.

    scripts/screenshots.py BUILD_FOLDER OUTPUT_FOLDER

Starts pond-server and pond-tui under tmux, lets two people talk, takes the server away and gives it back, and writes
what the terminal showed as SVG: connected, STALLED with countdown and queue, after recovery; at 80x24 and 140x40.
"""

import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unicodedata
from html import escape
from pathlib import Path

PALETTE = ["#1d1f21", "#cc6666", "#8abe70", "#e0b860", "#81a2be", "#b294bb", "#7fbfb8", "#c5c8c6",
           "#707880", "#d54e53", "#b9ca4a", "#e7c547", "#7aa6da", "#c397d8", "#70c0b1", "#eaeaea"]
FOREGROUND, BACKGROUND = "#c5c8c6", "#16181a"
CELL_WIDTH, CELL_HEIGHT, MARGIN = 8.4, 18, 12
# Renderers disagree about blanks in a row; of these they keep every one.
NO_BREAK = "\u00a0"


def colour(index: int) -> str:
    if index < 16:
        return PALETTE[index]
    if index < 232:
        levels = [0, 95, 135, 175, 215, 255]
        index -= 16
        return "#%02x%02x%02x" % (levels[index // 36], levels[index // 6 % 6], levels[index % 6])
    grey = 8 + (index - 232) * 10
    return "#%02x%02x%02x" % (grey, grey, grey)


class Pen:
    """The attributes that SGR sequences set."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.fg = self.bg = None
        self.bold = self.dim = self.underline = self.reverse = self.italic = False

    def apply(self, parameters: str) -> None:
        codes = [int(code or 0) for code in parameters.replace(":", ";").split(";")]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.reset()
            elif code in (1, 2, 3, 4, 7):
                setattr(self, {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse"}[code], True)
            elif code == 22:
                self.bold = self.dim = False
            elif code in (23, 24, 27):
                setattr(self, {23: "italic", 24: "underline", 27: "reverse"}[code], False)
            elif 30 <= code <= 37 or 90 <= code <= 97:
                self.fg = colour(code - 30 if code < 90 else code - 82)
            elif 40 <= code <= 47 or 100 <= code <= 107:
                self.bg = colour(code - 40 if code < 100 else code - 92)
            elif code in (38, 48) and len(codes) >= 2 and codes[0] == 5:
                setattr(self, "fg" if code == 38 else "bg", colour(codes[1]))
                del codes[:2]
            elif code == 39:
                self.fg = None
            elif code == 49:
                self.bg = None

    def look(self) -> tuple:
        fg, bg = self.fg or FOREGROUND, self.bg
        if self.reverse:
            fg, bg = bg or BACKGROUND, fg
        return fg, bg, self.bold, self.dim, self.underline, self.italic


def width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def to_svg(capture: str, columns: int, rows: int) -> str:
    """The screen that `tmux capture-pane -pe` printed, as a picture."""
    w, h = columns * CELL_WIDTH + 2 * MARGIN, rows * CELL_HEIGHT + 2 * MARGIN
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w:.0f}" height="{h:.0f}" viewBox="0 0 {w:.0f} {h:.0f}">',
        f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>',
        '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">',
    ]
    pen = Pen()
    for row, line in enumerate(capture.split("\n")[:rows]):
        column, runs = 0, []
        for part in re.split(r"(\x1b\[[0-9;:]*m)", line):
            if part.startswith("\x1b["):
                pen.apply(part[2:-1])
                continue
            for character in re.sub(r"\x1b[^m]*?[\x07\\]|[\x0e\x0f]", "", part):
                if runs and runs[-1][1] == pen.look() and width(character) <= 1:
                    runs[-1][2].append(character)
                elif width(character) == 0 and runs:
                    runs[-1][2].append(character)
                else:
                    runs.append((column, pen.look(), [character]))
                column += width(character)
        top = MARGIN + row * CELL_HEIGHT
        for begin, (fg, bg, bold, dim, underline, italic), text in runs:
            cells = sum(width(character) for character in text)
            x = MARGIN + begin * CELL_WIDTH
            if bg:
                out.append(f'<rect x="{x:.1f}" y="{top}" width="{cells * CELL_WIDTH:.1f}" height="{CELL_HEIGHT}" fill="{bg}"/>')
            if "".join(text).strip() or underline:
                style = (' font-weight="bold"' if bold else "") + (' opacity="0.65"' if dim else "")
                style += (' text-decoration="underline"' if underline else "") + (' font-style="italic"' if italic else "")
                out.append(
                    f'<text x="{x:.1f}" y="{top + 14}" fill="{fg}" textLength="{cells * CELL_WIDTH:.1f}"{style}>'
                    f'{escape("".join(text)).replace(" ", NO_BREAK)}</text>'
                )
    return "\n".join(out + ["</g>", "</svg>", ""])


class Terminal:
    """A tmux server of its own with one program in one window."""

    def __init__(self, name: str, columns: int, rows: int, command: str) -> None:
        self.socket, self.columns, self.rows = f"pond-shots-{name}", columns, rows
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), command)

    def tmux(self, *arguments: str) -> str:
        return subprocess.run(["tmux", "-L", self.socket, *arguments], check=True, capture_output=True, text=True).stdout

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-l", text)
        self.tmux("send-keys", "Enter")

    def text(self) -> str:
        return self.tmux("capture-pane", "-p")

    def wait(self, pattern: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.text()):
            if time.monotonic() > deadline:
                raise SystemExit(f"the terminal never showed {pattern!r}:\n{self.text()}")
            time.sleep(0.05)

    def shoot(self, file: Path) -> None:
        file.write_text(to_svg(self.tmux("capture-pane", "-peN"), self.columns, self.rows))
        print(f"wrote {file}")

    def end(self) -> None:
        subprocess.run(["tmux", "-L", self.socket, "kill-server"], capture_output=True)


def main() -> None:
    build, output = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    output.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        def serve() -> subprocess.Popen:
            return subprocess.Popen(
                [str(build / "pond-server"), "--host", "127.0.0.1", "--port", str(port), "--data", f"{folder}/data"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )

        def open_chat(nick: str, columns: int, rows: int) -> Terminal:
            return Terminal(
                nick, columns, rows,
                f"env TERM=screen-256color LC_ALL=C.UTF-8 XDG_CONFIG_HOME={folder}/{nick}/c XDG_STATE_HOME={folder}/{nick}/s "
                f"{build / 'pond-tui'} --url ws://127.0.0.1:{port}/socket --nick {nick} --room lobby",
            )

        server = serve()
        time.sleep(0.5)
        terminals = []
        try:
            alice = open_chat("alice", 80, 24)
            bob = open_chat("bob", 140, 40)
            terminals = [alice, bob]
            for terminal in terminals:
                terminal.wait("JOINED")
            bob.type("morning all, build 412 is green")
            alice.wait("412")
            alice.type("thanks! @bob can you tag it?")
            bob.wait("can you tag it")
            bob.type("tagged v1.4.0, see https://ci.example/412")
            alice.wait("v1.4.0")
            alice.shoot(output / "connected-80x24.svg")
            bob.shoot(output / "connected-140x40.svg")
            server.send_signal(signal.SIGKILL)
            server.wait()
            alice.wait("STALLED")
            alice.type("yes, 5 min")
            alice.type("meet at the lift")
            alice.wait("queued 2 of 2")
            bob.wait("STALLED")
            alice.shoot(output / "stalled-80x24.svg")
            bob.shoot(output / "stalled-140x40.svg")
            server = serve()
            bob.wait("meet at the lift", 60)
            alice.wait(r"\[JOINED\]", 60)
            alice.shoot(output / "recovered-80x24.svg")
            bob.shoot(output / "recovered-140x40.svg")
        finally:
            for terminal in terminals:
                terminal.end()
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
