#!/usr/bin/env python3
"""Checks that the pages tell the truth: every program shown in the README is a file of Snippets, which every build
compiles, word for word; the pages on the protocols name every event there is; and no link leads nowhere."""

import re
import sys
from pathlib import Path

top = Path(__file__).resolve().parent.parent
readme = (top / "README.md").read_text()
faults = 0
shown = re.findall(r"<!-- snippet: (\S+) -->\n```swift\n(.*?)```", readme, re.S)
for name, text in shown:
    source = (top / "Snippets" / name).read_text()
    body = source.split("\n", 1)[1] if source.startswith("//") else source
    if text != body:
        print(f"pages: the program {name} differs from Snippets/{name}")
        faults += 1
    lines = sum(1 for line in body.splitlines() if line.strip())
    if lines > 21:
        print(f"pages: the program {name} has {lines} lines; about 20 is what a newcomer reads")
        faults += 1
if len(shown) != len(re.findall(r"```swift", readme)) or not shown:
    print("pages: every swift program needs a line '<!-- snippet: NAME.swift -->' above it")
    faults += 1


def names_in(files: str, pattern: str) -> set[str]:
    """What a pattern finds in the source files of a glob."""
    return {name for file in top.glob(f"Sources/{files}") for name in re.findall(pattern, file.read_text())}


described = {
    "chat-protocol.md": names_in("PondChat/Events/*.swift", r'static let event = "([^"]+)"'),
    "protocol.md": names_in("PondKit/PondCore/Protocol/Enums/*Action.swift", r'case \w+ = "([A-Z_]+)"')
    | names_in("PondKit/PondCore/Protocol/Enums/SystemEvent.swift", r'case \w+ = "([A-Z_]+)"')
    | names_in("PondKit/PondCore/Protocol/Enums/PresenceEvent.swift", r'case \w+ = "([A-Z_]+)"'),
}
for page, names in described.items():
    text = (top / "docs" / page).read_text()
    for name in sorted(name for name in names if not re.search(rf"`[^`]*\b{re.escape(name)}\b[^`]*`|\"{name}\"", text)):
        print(f"pages: docs/{page} does not mention {name}")
        faults += 1
    if not names:
        print(f"pages: nothing was found that docs/{page} should mention")
        faults += 1

# Every test that a promise or a threat names exists, as a function or as a file.
tests = {
    name
    for file in top.glob("Tests/**/*.swift")
    for name in re.findall(r"@Test(?:\([^{]*?\))?\s+func (\w+)", file.read_text())
}
targets = set(re.findall(r"^([a-z-]+):", (top / "Makefile").read_text(), re.M))
for page in ("guarantees.md", "threat-model.md"):
    rows = [line for line in (top / "docs" / page).read_text().splitlines() if line.startswith("|")]
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row.rsplit("|", 2)[1])]
    for name in named:
        words = [word for word in name.split() if "=" not in word]
        is_command = words[0] == "make" and words[1:] and targets.issuperset(words[1:])
        if not (name in tests or is_command or (top / name).exists()):
            print(f"pages: docs/{page} names the test {name}, which does not exist")
            faults += 1
    if len(named) < 10:
        print(f"pages: docs/{page} names no tests")
        faults += 1

pages = sorted(top.glob("*.md"))
for page in [*pages, *sorted((top / "docs").glob("*.md"))]:
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text()):
        if not (page.parent / target).exists():
            print(f"pages: {page.relative_to(top)}: {target} does not exist")
            faults += 1
print("pages: programs, events and links hold" if not faults else "pages: faults above")
sys.exit(bool(faults))
