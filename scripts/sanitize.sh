#!/usr/bin/env bash
# The Swift test suites under AddressSanitizer (with leaks) and ThreadSanitizer, each in a build folder of its own.
# Usage: scripts/sanitize.sh [address|thread]...
set -euo pipefail
cd "$(dirname "$0")/.."
# The crash handler forks a tracer that hangs under ThreadSanitizer.
export SWIFT_BACKTRACE=enable=no
code=0
for kind in "${@:-address thread}"; do
    for one in $kind; do
        folder=.build-$one
        log=$folder.log
        echo "pond: building for ${one} sanitizer"
        swift build --build-tests --sanitize="$one" --scratch-path "$folder" -Xswiftc -use-ld=lld >"$log" 2>&1 \
            || { tail -30 "$log"; exit 1; }
        if swift test --skip-build --disable-xctest --no-parallel --sanitize="$one" --scratch-path "$folder" -Xswiftc -use-ld=lld \
            >"$log" 2>&1 && ! grep -qE 'WARNING: ThreadSanitizer|ERROR: (Address|Leak)Sanitizer' "$log"; then
            echo "${one} sanitizer: $(grep -E 'Test run with' "$log" | tail -1)"
        else
            grep -E '✘|WARNING: ThreadSanitizer|ERROR: (Address|Leak)Sanitizer' "$log" | sort | uniq -c | head -20
            tail -60 "$log"
            echo "${one} sanitizer: failed, the whole log is in $log"
            code=1
        fi
    done
done
exit $code
