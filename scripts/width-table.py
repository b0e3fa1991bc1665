#!/usr/bin/env python3
"""Writes Sources/pond-tui/Text/Width+Table.swift from the C library's wcwidth.

Run it on the Debian release whose ncurses is the reference; the program and its tests then need no locale.
"""
import ctypes
import locale

libc = ctypes.CDLL(None)
locale.setlocale(locale.LC_ALL, "C.UTF-8")
runs, last = [], None
for scalar in range(0xA0, 0x110000):
    if 0xD800 <= scalar <= 0xDFFF or 0xE000 <= scalar <= 0xF8FF or scalar >= 0xE0200:
        width = -1
    else:
        width = libc.wcwidth(ctypes.c_int(scalar))
    code = {0: 0, 1: 1, 2: 2, -1: 3}[width]
    if code != last:
        runs.append((scalar << 2) | code)
        last = code
with open("Sources/pond-tui/Text/Width+Table.swift", "w") as out:
    out.write("// Written by scripts/width-table.py from wcwidth of glibc 2.36 (Unicode 14); do not edit.\n\n")
    out.write("extension Width {\n")
    out.write("    /// Where each run of equal widths begins: the scalar shifted left by two, with the width in the low bits,\n")
    out.write("    /// 3 for scalars that have none.\n")
    out.write("    // swift-format-ignore\n")
    out.write("    static let runs: [UInt32] = [\n")
    for at in range(0, len(runs), 12):
        out.write("        " + ", ".join("0x%x" % run for run in runs[at:at + 12]) + ",\n")
    out.write("    ]\n}\n")
print(len(runs), "runs")
