#!/usr/bin/env python3
"""The arrows that the compiler cannot check: what the pure modules import, and between the folders of a module, by
which types they name: no two folders may know each other, directly or in a circle.

Usage: layering.py [--arrows MODULE]   with --arrows, lists who names what in one module."""

import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

SOURCES = Path(__file__).resolve().parent.parent / "Sources"
KIT = SOURCES / "PondKit"
IMPORT = re.compile(r"^\s*(?:@\w+ )?(?:(?:public|package|internal|private) )?import (\w+)", re.M)
DECLARATION = re.compile(
    r"^(?:(?:public|package|internal|final|indirect|@\w+(?:\([^)]*\))?)\s+)*"
    r"(?:struct|class|enum|actor|protocol|typealias)\s+([A-Z]\w*)",
    re.M,
)
# Module: what else than modules of Pond it may import. What may import which module of Pond is in Package.swift.
IMPORTS = {
    KIT / "PondCore": {"Synchronization"},
    KIT / "PondRuntime": {"CPondSys", "Glibc", "Synchronization"},
    KIT / "PondNet": {"CPondSys", "CPondTLS", "CPondZlib", "CPondUring", "Glibc", "Synchronization"},
    # The system library is for the file of the outbox alone.
    KIT / "PondClient": {"Glibc", "Synchronization"},
    KIT / "PondServer": {"Synchronization"},
    KIT / "PondSQLite": {"CPondSQLite", "Synchronization"},
    KIT / "PondRedis": {"Synchronization"},
    KIT / "PondKit": set(),
    SOURCES / "PondChat": {"Synchronization"},
}


def code(text: str) -> str:
    """The text without comments and strings."""
    text = re.sub(r'"""[\s\S]*?"""', '""', text)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
    return re.sub(r"//.*", "", text)


def arrows(module: Path) -> dict[tuple[str, str], Counter]:
    """Which folder of a module names which types of another one."""
    texts = {file: code(file.read_text()) for file in module.rglob("*.swift")}

    def folder(file: Path) -> str:
        parts = file.relative_to(module).parts
        return parts[0] if len(parts) > 1 else "."

    owners = defaultdict(set)
    for file, text in texts.items():
        for name in DECLARATION.findall(text):
            owners[name].add(folder(file))
    found: dict[tuple[str, str], Counter] = defaultdict(Counter)
    for file, text in texts.items():
        for name in re.findall(r"\b[A-Z]\w*\b", text):
            if len(owner := owners.get(name, set())) == 1 and folder(file) not in owner:
                found[folder(file), *owner][name] += 1
    return found


def circles(found: dict[tuple[str, str], Counter]) -> list[set[str]]:
    """The groups of folders that know each other."""
    known = defaultdict(set)
    for source, target in found:
        known[source].add(target)

    def reach(start: str) -> set[str]:
        seen, todo = set(), [start]
        while todo:
            for target in known[todo.pop()] - seen:
                seen.add(target)
                todo.append(target)
        return seen

    reached = {folder: reach(folder) for folder in list(known)}
    groups = {frozenset(other for other in reached[one] if one in reached.get(other, ())) for one in reached}
    return [set(group) for group in groups if group]


def main() -> int:
    if len(sys.argv) == 3 and sys.argv[1] == "--arrows":
        for (source, target), names in sorted(arrows(next(SOURCES.rglob(sys.argv[2]))).items()):
            print(f"{source:20} -> {target:20} {names.total():4}  {', '.join(name for name, _ in names.most_common(8))}")
        return 0
    faults = 0
    for module, allowed in IMPORTS.items():
        for file in module.rglob("*.swift"):
            for name in IMPORT.findall(file.read_text()):
                if not name.startswith("Pond") and name not in allowed:
                    print(f"layering: {file.relative_to(SOURCES)}: {module.name} must not import {name}")
                    faults += 1
    for file in SOURCES.glob("pond-tui/**/*.swift"):
        names = set(IMPORT.findall(file.read_text()))
        inside = file.relative_to(SOURCES / "pond-tui").as_posix()
        if "CPondCurses" in names and not inside.startswith("Terminal/Curses"):
            print(f"layering: pond-tui/{inside}: only Terminal/Curses… imports the C module of ncurses")
            faults += 1
        if inside.split("/")[0] in PURE_FOLDERS and names:
            print(f"layering: pond-tui/{inside}: this folder is pure and imports nothing")
            faults += 1
    for module in CHECKED:
        for group in circles(arrows(module)):
            print(f"layering: {module.name}: the folders {', '.join(sorted(group))} know each other")
            print(f"    scripts/layering.py --arrows {module.name} lists who names what")
            faults += 1
    print("layering: the arrows hold" if not faults else "layering: faults above")
    return faults


# The folders of pond-tui that import nothing.
PURE_FOLDERS = {"Text", "Editor", "Commands", "Model", "Layout", "Update", "View"}
# Whose folders must not know each other.
CHECKED = [
    *(KIT / name for name in ("PondCore", "PondRuntime", "PondNet", "PondClient", "PondServer", "PondRedis", "PondSQLite")),
    *(SOURCES / name for name in ("PondChat", "pond-server", "pond-tui")),
]

if __name__ == "__main__":
    sys.exit(bool(main()))
