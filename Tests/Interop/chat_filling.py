"""Fills the database of a chat server that does not run."""

import itertools
import random
import sqlite3
import time
from pathlib import Path


def fill(database: Path, count: int) -> list[str]:
    """Writes messages of words that are as common as words are; the words, the most common first."""
    dice = random.Random(1)
    letters = "abcdefghijklmnopqrst"
    words = ["".join(dice.choices(letters, k=dice.randint(3, 9))) for _ in range(20_000)]
    weights = list(itertools.accumulate(1 / (place + 1) for place in range(len(words))))
    now = int(time.time() * 1000)
    with sqlite3.connect(database) as store:
        store.execute("PRAGMA synchronous = OFF")
        room = store.execute("SELECT id FROM channels WHERE path = '/lobby/general'").fetchone()[0]
        store.executemany(
            "INSERT INTO messages (channel, id, sender, sender_key, at, kind, text, author) VALUES (?, ?, 'filler', 'filler', ?, 'text', ?, 'x')",
            ((room, f"m{i}", now - count + i, f"{' '.join(dice.choices(words, cum_weights=weights, k=7))} table{i} {('even', 'odd')[i % 2]}") for i in range(count)),
        )
    return words


def rows(database: Path) -> dict[str, int]:
    """How many rows each table has."""
    store = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        names = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'message_words%'")]
        return {name: store.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
    finally:
        store.close()
