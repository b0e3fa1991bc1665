#!/usr/bin/env python3
"""Draws the picture of the architecture, docs/images/architecture.svg, from the text below.
   scripts/picture.py [--check]     with --check only says whether the picture in the repository is this one"""

import sys
from html import escape
from pathlib import Path

# A row is a layer, from the programs down to the pure part; each box uses boxes of the rows below it.
LAYERS = [
    ("programs", [("pond-tui", "terminal chat"), ("pond-server", "chat server"), ("yours", "an app, a bot, a service")]),
    ("for programs", [("PondChat", "the chat's events"), ("PondKit", "one import for everything"), ("PondTesting", "tests without a network")]),
    ("stores", [("PondSQLite", "history on disk"), ("PondRedis", "many nodes with one history and one set of sessions")]),
    ("the library", [("PondClient", "connection and channel machines"), ("PondServer", "endpoints, lobbies, channels, presence, history")]),
    ("the network", [("PondNet", "sockets, TLS, WebSocket, SSE, memory")]),
    ("the loop", [("PondRuntime", "one thread per loop, timers, clocks")]),
    ("pure", [("PondCore", "protocol, JSON, codecs, limits, errors")]),
]
WIDTH, HEIGHT, GAP, LEFT = 760, 58, 14, 96
STYLE = """
  text { font: 13px ui-sans-serif, system-ui, sans-serif; fill: #1b2530 }
  .name { font-weight: 600 } .what { font-size: 11px; fill: #4a5866 } .layer { font-size: 11px; fill: #6b7885 }
  rect { fill: #eef3f7; stroke: #9fb1c1 } .pure rect { fill: #e7f2ea; stroke: #9cbfa6 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .what, .layer { fill: #a9b6c2 }
    rect { fill: #1f2a35; stroke: #4b6074 } .pure rect { fill: #1d2e24; stroke: #4a6b55 }
  }"""


def wrapped(text: str, columns: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > columns:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def picture() -> str:
    height = len(LAYERS) * (HEIGHT + GAP) + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title">',
        '<title id="title">The modules of Pond: each uses only modules of the rows below it</title>',
        f"<style>{STYLE}\n</style>",
    ]
    for row, (layer, boxes) in enumerate(LAYERS):
        top = GAP + row * (HEIGHT + GAP)
        width = (WIDTH - LEFT - GAP * len(boxes)) / len(boxes)
        parts.append(f'<text class="layer" x="{GAP}" y="{top + HEIGHT / 2 + 4:.0f}">{escape(layer)}</text>')
        parts.append(f'<g class="{"pure" if layer == "pure" else "box"}">')
        for column, (name, what) in enumerate(boxes):
            left = LEFT + column * (width + GAP)
            parts.append(f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{HEIGHT}" rx="6"/>')
            lines = wrapped(what, int(width / 6.2))
            first = top + (24 if len(lines) == 1 else 18)
            parts.append(f'<text class="name" x="{left + 10:.1f}" y="{first}">{escape(name)}</text>')
            for number, line in enumerate(lines):
                parts.append(f'<text class="what" x="{left + 10:.1f}" y="{first + 17 + 13 * number}">{escape(line)}</text>')
        parts.append("</g>")
    return "\n".join(parts) + "\n</svg>\n"


def main() -> None:
    target = Path(__file__).resolve().parent.parent / "docs" / "images" / "architecture.svg"
    if "--check" in sys.argv:
        if not target.exists() or target.read_text() != picture():
            print("pages: docs/images/architecture.svg is not what scripts/picture.py draws; run it")
            sys.exit(1)
        return
    target.write_text(picture())


if __name__ == "__main__":
    main()
