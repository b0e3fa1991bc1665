#!/usr/bin/env bash
# Many clients against a network that breaks, one seed after another: nothing may be lost, doubled or reordered.
# RUNS, POND_CHAOS_CLIENTS, POND_CHAOS_CHANNELS, POND_CHAOS_MESSAGES, POND_CHAOS_BYTES and POND_CHAOS_SEED change it.
set -euo pipefail
cd "$(dirname "$0")/.."
export POND_CHAOS_CLIENTS=${POND_CHAOS_CLIENTS:-50}
export POND_CHAOS_CHANNELS=${POND_CHAOS_CHANNELS:-10}
export POND_CHAOS_MESSAGES=${POND_CHAOS_MESSAGES:-250}
export POND_CHAOS_BYTES=${POND_CHAOS_BYTES:-15000}
swift build --build-tests
log=.build/chaos.log
code=0
for ((run = 0; run < ${RUNS:-5}; run++)); do
    swift test --skip-build --disable-xctest --filter PondClientTests.ChaosTests >"$log" 2>&1 || code=1
    grep -E '^chaos:|✘|Fatal' "$log" || tail -20 "$log"
    [ "$code" = 0 ] || break
done
# The same in virtual time, with evictions, declines, restarts and thefts besides: each life takes milliseconds.
POND_CHAOS_LIVES=${POND_CHAOS_LIVES:-200} \
    swift test --skip-build --disable-xctest --filter SimulationTests >"$log" 2>&1 || code=1
grep -E '✘|Fatal|^seed|Test run with' "$log" || tail -20 "$log"
exit "$code"
