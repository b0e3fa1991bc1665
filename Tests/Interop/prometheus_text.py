"""The grammar of the Prometheus text format."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABELS = r'\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,(?=.))?)*\}'
SAMPLE = re.compile(rf"(?P<name>{NAME})(?P<labels>{LABELS})? (?P<value>[+-]?Inf|NaN|[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)(?: -?[0-9]+)?")


def exposition_faults(text: str) -> list[str]:
    """What breaks the grammar of the Prometheus text format, version 0.0.4."""
    faults, types, seen, ended, current = [], {}, set(), set(), None
    if not text.endswith("\n"):
        faults.append("no newline at the end")
    for line in text.splitlines():
        if not line:
            continue
        if comment := re.fullmatch(rf"# (HELP|TYPE) ({NAME}) (.*)", line):
            kind, name, rest = comment.groups()
            if name != current:
                if name in ended or name == current:
                    faults.append(f"{name} comes in two places")
                ended.add(name)
                current = name
            if kind == "TYPE":
                if rest not in ("counter", "gauge", "histogram", "summary", "untyped") or name in types:
                    faults.append(line)
                types[name] = rest
            continue
        if line.startswith("#"):
            continue
        sample = SAMPLE.fullmatch(line)
        if not sample:
            faults.append(f"no sample: {line}")
            continue
        name, labels = sample["name"], sample["labels"] or ""
        family = re.sub(r"_(bucket|sum|count)$", "", name) if types.get(re.sub(r"_(bucket|sum|count)$", "", name)) in ("histogram", "summary") else name
        if family != current or family not in types:
            faults.append(f"{name} stands apart from its type")
        if types.get(family) == "counter" and not name.endswith("_total"):
            faults.append(f"the counter {name} is not called _total")
        if types.get(family) == "histogram" and name.endswith("_bucket") and 'le="' not in labels:
            faults.append(f"a bucket without a bound: {line}")
        if (name, labels) in seen:
            faults.append(f"twice: {name}{labels}")
        seen.add((name, labels))
    for family, kind in types.items():
        if kind == "histogram":
            faults += histogram_faults(family, text)
    return faults


def histogram_faults(family: str, text: str) -> list[str]:
    """Buckets rise, end with +Inf, and agree with the count."""
    rows: dict[str, list[tuple[float, float]]] = {}
    for line in text.splitlines():
        if bucket := re.fullmatch(rf'{family}_bucket\{{(.*?),?le="([^"]+)"\}} (\S+)', line):
            rows.setdefault(bucket[1].rstrip(","), []).append((float(bucket[2].replace("Inf", "inf")), float(bucket[3])))
    faults = []
    for labels, buckets in rows.items():
        counts = [count for _, count in sorted(buckets)]
        if sorted(counts) != counts or max(bound for bound, _ in buckets) != float("inf"):
            faults.append(f"{family}{{{labels}}}: {buckets}")
        whole = f"{family}_count{{{labels}}} " if labels else f"{family}_count "
        count = [line[len(whole):] for line in text.splitlines() if line.startswith(whole)]
        if [float(c) for c in count] != [counts[-1]]:
            faults.append(f"{family}{{{labels}}}: the count is {count}, the last bucket {counts[-1]}")
    return faults
