"""Measures searches in a large room, and what joins and connects take while others search.

    search_bench.py PROGRAM [MESSAGES]
"""

import asyncio
import itertools
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Tests" / "Interop"))
from chat_filling import fill  # noqa: E402
from chat_peer import GENERAL, ROOMY, ChatServer, Refused, User  # noqa: E402


def row(name: str, times: list[float]) -> None:
    times.sort()
    place = lambda part: times[min(len(times) - 1, int(part * len(times)))] * 1000
    print(f"{name:34} n {len(times):4}   p50 {place(0.5):8.2f} ms   p99 {place(0.99):8.2f} ms", flush=True)


async def timed(action) -> float:
    begun = time.perf_counter()
    await action
    return time.perf_counter() - begun


async def searches(users: list[User], queries: list[str]) -> list[float]:
    times = []
    for number, query in enumerate(queries):
        times.append(await timed(users[number % len(users)].do(GENERAL, "search", {"query": query})))
        await asyncio.sleep(0.01)
    return times


async def comings(server: ChatServer, name: str, count: int) -> tuple[list[float], list[float]]:
    connects, joins = [], []
    for number in range(count):
        begun = time.perf_counter()
        user = await User.come(server, f"{name}{number}")
        connects.append(time.perf_counter() - begun)
        joins.append(await timed(user.join(GENERAL, {"history": 50})))
        await user.go()
    return connects, joins


async def storm(user: User, requests: list[tuple[str, dict]]) -> None:
    await user.join(GENERAL)
    for event, payload in itertools.cycle(requests):
        try:
            await user.do(GENERAL, event, payload)
        except Refused as refused:
            await asyncio.sleep(0.05 if refused.status == 429 else 0)


async def measure(server: ChatServer, words: list[str]) -> None:
    dice = random.Random(2)
    users = [await User.come(server, f"asker{number}") for number in range(20)]
    for user in users:
        await user.join(GENERAL)
    row("baseline: the last message", [await timed(users[n % 20].do(GENERAL, "history", {"limit": 1})) for n in range(200)])
    row("a word, common or rare", await searches(users, dice.choices(words, k=200)))
    users = [await User.come(server, f"other{number}") for number in range(40)]
    for user in users:
        await user.join(GENERAL)
    row("a beginning of three letters", await searches(users[:20], [f"{word[:3]}*" for word in dice.choices(words, k=200)]))
    row("a longer beginning", await searches(users[20:], [f"{word[:5]}*" for word in dice.choices(words, k=200)]))
    hard = [("search", {"query": query}) for query in ("tab* tex*", "even odd", "tables* even", "nosuchword even")]
    for name, count, requests in (("quiet", 0, []), ("reader", 12, [("history", {"limit": 1})]), ("searcher", 12, hard)):
        stormers = [await User.come(server, f"{name}{number}") for number in range(count)]
        tasks = [asyncio.create_task(storm(user, requests)) for user in stormers]
        await asyncio.sleep(0.5)
        connects, joins = await comings(server, f"to-{name}-", 100)
        row(f"connects beside {count} {name}s" if count else "connects, quiet", connects)
        row(f"joins beside {count} {name}s" if count else "joins, quiet", joins)
        for task in tasks:
            task.cancel()


def main() -> None:
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        flags = ("--connections-per-address", "1000", *ROOMY)
        server = ChatServer(sys.argv[1], Path(folder), *flags).start()
        server.stop()
        begun = time.time()
        words = fill(Path(folder) / "chat.db", count)
        print(f"{count} messages in {time.time() - begun:.0f} s, {(Path(folder) / 'chat.db').stat().st_size >> 20} MB")
        server.port = 0
        with server:
            asyncio.run(measure(server, words))


if __name__ == "__main__":
    main()
