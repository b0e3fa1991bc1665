#!/usr/bin/env bash
# Builds everything and runs the Swift test suites; ends with the runner's own closing line.
set -euo pipefail
cd "$(dirname "$0")/.."
export SWIFT_BACKTRACE=${SWIFT_BACKTRACE:-enable=yes,color=no}
echo "pond: building (the first time takes a few minutes)"
swift build --build-tests
log=.build/unit.log
code=0

# suites NAME LINES ARGUMENTS…: one test after the other, for those that meet real sockets and deadlines want the machine
# to themselves; of a run that fails, the last LINES lines. One that hangs is ended, and says where it hung.
suites() {
    local name=$1 lines=$2 status=0
    shift 2
    timeout --kill-after=5 900 swift test --skip-build --disable-xctest --no-parallel "$@" >"$log" 2>&1 || status=$?
    grep -E '✘|skipped|error:|Fatal|Crash' "$log" | head -100 || true
    if [ "$status" = 124 ] || [ "$status" = 137 ]; then
        echo "$name: ended after 15 minutes; begun and not done:"
        awk '/^◇ (Test|Suite) .* started\.$/ { sub(/^◇ /, ""); sub(/ started\.$/, ""); begun[$0] = 1 }
             /^(✔|✘) (Test|Suite) / { sub(/^(✔|✘) /, ""); sub(/ (with [0-9]+ test cases? )?(passed|failed) after .*$/, ""); delete begun[$0] }
             END { for (test in begun) if (test !~ /case passing/) print "    " test }' "$log"
    fi
    if [ "$status" != 0 ]; then
        code=1
        # With its seed a failure can be run again.
        grep -E 'seed' "$log" | tail -n "$lines" || true
        tail -n "$lines" "$log"
    fi
    echo "$name: $(grep -E 'Test run with' "$log" | tail -1)"
}

suites unit 60 "$@"
if [ $# = 0 ]; then
    # The suites of one server again, as those of a node of a cluster: with the others in the process, and over Redis.
    POND_TEST_CARRIER=local suites "unit over local" 10 --filter '^PondServerTests\.'
    if command -v redis-server >/dev/null; then
        port=$((20000 + RANDOM % 10000))
        redis-server --port "$port" --bind 127.0.0.1 --save "" --appendonly no --daemonize no >/dev/null &
        redis=$!
        trap 'kill "$redis" 2>/dev/null || true' EXIT
        POND_TEST_CARRIER=redis://127.0.0.1:$port suites "unit over redis" 10 --filter '^PondServerTests\.'
    else
        echo "unit over redis: skipped, redis-server is not installed"
    fi
fi
exit "$code"
