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

# The suites of one server again, as those of a node of a cluster: with the others in the process, and over Redis.
carried() {
    POND_TEST_CARRIER=$1 swift test --skip-build --disable-xctest --no-parallel --filter '^(ServerTests|HistoryTests)\.' \
        >"$log" 2>&1 || code=1
    grep -E '✘|error:|Fatal|Crash' "$log" | head -40 || true
    echo "unit over ${1%%:*}: $(grep -E 'Test run with' "$log" | tail -1)"
}
if [ $# = 0 ]; then
    carried local
    if command -v redis-server >/dev/null; then
        port=$((20000 + RANDOM % 10000))
        redis-server --port "$port" --bind 127.0.0.1 --save "" --appendonly no --daemonize no >/dev/null &
        redis=$!
        trap 'kill "$redis" 2>/dev/null || true' EXIT
        carried "redis://127.0.0.1:$port"
    else
        echo "unit over redis: skipped, redis-server is not installed"
    fi
fi
exit "$code"
