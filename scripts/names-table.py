#!/usr/bin/env python3
"""Writes Sources/PondChat/Names/NameTables.swift: which letters look alike (UTS 39) and which script each belongs to.

The data is Unicode's, read through ICU: install libicu72 (Debian 12). Run it again for a newer Unicode.
"""
import ctypes
import unicodedata

ICU = 72
library = ctypes.CDLL(f"libicui18n.so.{ICU}")
common = ctypes.CDLL(f"libicuuc.so.{ICU}")


def function(library, name, result, *arguments):
    found = getattr(library, f"{name}_{ICU}")
    found.restype, found.argtypes = result, list(arguments)
    return found


error = ctypes.c_int(0)
spoof = function(library, "uspoof_open", ctypes.c_void_p, ctypes.POINTER(ctypes.c_int))(ctypes.byref(error))
skeleton_of = function(
    library, "uspoof_getSkeletonUTF8", ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_int32,
    ctypes.c_char_p, ctypes.c_int32, ctypes.POINTER(ctypes.c_int))
script_of = function(common, "uscript_getScript", ctypes.c_int, ctypes.c_int32, ctypes.POINTER(ctypes.c_int))
script_name = function(common, "uscript_getShortName", ctypes.c_char_p, ctypes.c_int)
category_of = function(common, "u_charType", ctypes.c_int8, ctypes.c_int32)
# Lu, Ll, Lt, Lm, Lo, Nd of ICU's UCharCategory.
LETTERS_AND_DIGITS = {1, 2, 3, 4, 5, 9}


def skeleton(text: str) -> str:
    raw, out, status = text.encode(), ctypes.create_string_buffer(256), ctypes.c_int(0)
    count = skeleton_of(spoof, 0, raw, len(raw), out, 256, ctypes.byref(status))
    assert status.value <= 0, (text, status.value)
    return out.raw[:count].decode()


def bare(text: str) -> str:
    """Without accents, in lower case: what is compared is a name's key."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f")


singles, several, scripts, last = [], [], [], None
for value in range(0x80, 0x32000):
    if 0xD800 <= value <= 0xF8FF or category_of(value) not in LETTERS_AND_DIGITS:
        continue
    scalar = chr(value)
    digit = unicodedata.decimal(scalar, None)
    looks = str(digit) if digit is not None else bare(skeleton(bare(skeleton(scalar))))
    script = script_name(script_of(value, ctypes.byref(ctypes.c_int(0)))).decode()
    if script != last:
        scripts.append((value, script))
        last = script
    # Names are compared in lower case, and syllables and ideographs by themselves.
    if looks == scalar or not looks or len(looks) > 4 or scalar.lower() != scalar or script in ("Hang", "Hani"):
        continue
    (singles if len(looks) == 1 else several).append((value, looks))

# Swift reads the tables as text: what a scalar looks like, and where each run of one script begins.
def lines(items: list[str], width: int = 110) -> list[str]:
    found, line = [], ""
    for item in items:
        if len(line) + len(item) + 1 > width:
            found.append(line.rstrip())
            line = ""
        line += item + " "
    return found + ([line.rstrip()] if line else [])


with open("Sources/PondChat/Names/NameTables.swift", "w") as out:
    out.write(f"// Written by scripts/names-table.py from ICU {ICU}'s data; do not edit.\n\n")
    out.write("/// What Unicode says of the letters that names are made of.\n")
    out.write("enum NameTables {\n")
    out.write("    /// Scalars with what they look like (UTS 39, accents aside, digits as ASCII): hexadecimal, `from=to+to`.\n")
    out.write("    // swift-format-ignore\n")
    out.write('    static let looks: StaticString = """\n')
    entries = [f"{value:x}=" + "+".join(f"{ord(c):x}" for c in looks) for value, looks in sorted(singles + several)]
    for line in lines(entries):
        out.write(f"        {line}\n")
    out.write('        """\n\n')
    out.write("    /// Where each run of letters and digits of one script begins: hexadecimal, `start=Script`.\n")
    out.write("    // swift-format-ignore\n")
    out.write('    static let scripts: StaticString = """\n')
    for line in lines([f"{value:x}={script}" for value, script in scripts]):
        out.write(f"        {line}\n")
    out.write('        """\n}\n')
print(len(singles), "alike by one,", len(several), "by several,", len(scripts), "runs of scripts")
