#!/usr/bin/env bash
# Builds everything and runs the Swift test suites; ends with the runner's own closing line.
set -euo pipefail
cd "$(dirname "$0")/.."
export SWIFT_BACKTRACE=${SWIFT_BACKTRACE:-enable=yes,color=no}
echo "pond: building (the first time takes a few minutes)"
swift build --build-tests
log=.build/unit.log
# One test after the other: those that meet real sockets and deadlines want the machine to themselves.
set +e
swift test --skip-build --disable-xctest --no-parallel "$@" >"$log" 2>&1
code=$?
set -e
grep -E '✘|skipped|error:|Fatal|Crash' "$log" | head -100 || true
[ "$code" = 0 ] || tail -60 "$log"
echo "unit: $(grep -E 'Test run with' "$log" | tail -1)"
exit "$code"
