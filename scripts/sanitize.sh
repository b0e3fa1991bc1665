#!/usr/bin/env bash
# The Swift test suites under AddressSanitizer (with leaks) and ThreadSanitizer, each in a build folder of its own.
# Usage: scripts/sanitize.sh [address|thread]...
set -euo pipefail
cd "$(dirname "$0")/.."
# The crash handler forks a tracer that hangs under ThreadSanitizer.
export SWIFT_BACKTRACE=enable=no
# Suites in which every leak is a fault; others leave loops that nobody stops, which keep their server, until the
# process ends.
whole='^PondCoreTests\.|leavesNoGhostAfterAThousandJoinsAndLeaves'
reports='WARNING: ThreadSanitizer|ERROR: (Address|Leak)Sanitizer'
code=0

# run NAME KIND FOLDER ARGUMENTS…
run() {
    local name=$1 one=$2 folder=$3 log=$3-$1.log
    shift 3
    if swift test --skip-build --disable-xctest --no-parallel --sanitize="$one" --scratch-path "$folder" \
        -Xswiftc -use-ld=lld "$@" >"$log" 2>&1 && ! grep -qE "$reports" "$log"; then
        echo "${one} sanitizer, $name: $(grep -E 'Test run with' "$log" | tail -1)"
    else
        grep -E "✘|$reports" "$log" | sort | uniq -c | head -20
        tail -60 "$log"
        echo "${one} sanitizer, $name: failed, the whole log is in $log"
        code=1
    fi
}

for kind in "${@:-address thread}"; do
    for one in $kind; do
        folder=.build-$one
        echo "pond: building for ${one} sanitizer"
        swift build --build-tests --sanitize="$one" --scratch-path "$folder" -Xswiftc -use-ld=lld \
            >"$folder.log" 2>&1 || { tail -30 "$folder.log"; exit 1; }
        if [ "$one" = address ]; then
            LSAN_OPTIONS="suppressions=$PWD/Tests/leaks.supp:print_suppressions=0" \
                run "with leaks" address "$folder" --filter "$whole"
            ASAN_OPTIONS=detect_leaks=0 run "the rest" address "$folder" --skip "$whole"
        else
            TSAN_OPTIONS="suppressions=$PWD/Tests/races.supp" run "all" thread "$folder"
        fi
    done
done
exit $code
