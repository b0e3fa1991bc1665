#!/usr/bin/env python3
"""Checks that every program shown in the README is a file of Snippets, which every build compiles, word for word."""

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
        print(f"readme: the program {name} differs from Snippets/{name}")
        faults += 1
    lines = sum(1 for line in body.splitlines() if line.strip())
    if lines > 21:
        print(f"readme: the program {name} has {lines} lines; about 20 is what a newcomer reads")
        faults += 1
if len(shown) != len(re.findall(r"```swift", readme)) or not shown:
    print("readme: every swift program needs a line '<!-- snippet: NAME.swift -->' above it")
    faults += 1
for target in re.findall(r"\]\((?!https?://|#)([^)]+)\)", readme):
    if not (top / target).exists():
        print(f"readme: {target} does not exist")
        faults += 1
print("readme: programs and links hold" if not faults else "readme: faults above")
sys.exit(bool(faults))
