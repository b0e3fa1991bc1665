"""What the Autobahn suite found, against what is expected of it.

    autobahn.py compare|record full|short server|client INDEX_JSON SECONDS

Every case is expected to be OK, opening to close, but for those that autobahn.json names.
"""

import json
import sys
from pathlib import Path

EXPECTED = Path(__file__).with_name("autobahn.json")


def outcome(case: dict) -> str:
    behaviour, close = case["behavior"], case["behaviorClose"]
    return behaviour if behaviour == close else f"{behaviour}, close {close}"


def main() -> None:
    mode, selection, side, index, seconds = sys.argv[1:]
    [cases] = json.loads(Path(index).read_text()).values()
    found = {name: outcome(case) for name, case in cases.items()}
    expected = json.loads(EXPECTED.read_text()) if EXPECTED.exists() else {}
    if mode == "record":
        mine = expected.setdefault(side, {"count": {}, "exceptions": {}})
        mine["count"][selection] = len(found)
        mine["exceptions"].update({name: what for name, what in sorted(found.items()) if what != "OK"})
        EXPECTED.write_text(json.dumps(expected, indent=2) + "\n")
    mine = expected.get(side, {"count": {}, "exceptions": {}})
    surprises = [
        f"{name}: {what}, expected {mine['exceptions'].get(name, 'OK')}"
        for name, what in found.items()
        if what != mine["exceptions"].get(name, "OK")
    ]
    if len(found) != mine["count"].get(selection):
        surprises.append(f"{len(found)} cases were run, expected {mine['count'].get(selection)}")
        other = Path(index).parent.parent / ("server" if side == "client" else "client") / "index.json"
        if other.exists():
            [others] = json.loads(other.read_text()).values()
            surprises += [f"{name}: run on the other side only" for name in others.keys() - found.keys()]
    totals = {}
    for what in found.values():
        totals[what] = totals.get(what, 0) + 1
    summary = ", ".join(f"{count} {what}" for what, count in sorted(totals.items(), key=lambda item: -item[1]))
    failed = sum(count for what, count in totals.items() if "FAILED" in what or "UNCLEAN" in what or "WRONG" in what)
    print(f"autobahn {side} ({selection}): {len(found)} cases: {summary}; {failed} failed; {seconds} s")
    for surprise in surprises:
        print(f"    {surprise}")
    sys.exit(1 if surprises or failed else 0)


if __name__ == "__main__":
    main()
