#!/usr/bin/env bash
# The service unit is as closed as it promises: systemd's own measure, at most 1.2 of 10.
set -uo pipefail
cd "$(dirname "$0")/.."
if ! command -v systemd-analyze > /dev/null; then
    echo "sandbox: systemd-analyze is not installed: the unit is not measured"
    exit 75
fi
if ! systemd-analyze security --help 2>&1 | grep -q -- --threshold; then
    echo "sandbox: this systemd-analyze has no --threshold: the unit is not measured"
    exit 75
fi
systemd-analyze security --offline=true --threshold=12 --no-pager Deploy/pond-server.service > .build/sandbox.txt
code=$?
tail -1 .build/sandbox.txt
[ "$code" = 0 ] || grep '✗' .build/sandbox.txt
exit "$code"
