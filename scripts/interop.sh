#!/usr/bin/env bash
# Real PondSocket peers against ours: their client on our server, our client on their server.
set -euo pipefail
cd "$(dirname "$0")/.."
python=.build/peers/bin/python
swift build --product conformance-app
swift build --product pond-server
code=0
# One that hangs is ended, so that the others still tell what they find.
patient() {
    timeout --kill-after=5 900 "$python" "$@" || {
        [ $? != 124 ] || echo "pond: $1 was ended after 15 minutes"
        code=1
    }
}
for check in Tests/Interop/*_check.py; do
    # A browser is a large package to ask for; `make browser` runs that one.
    [ "$check" = Tests/Interop/browser_check.py ] && continue
    echo "pond: $(basename "$check" _check.py | tr _ ' ')"
    patient "$check" .build/debug
done
echo "pond: crashes of the chat server"
patient scripts/crash_check.py .build/debug/pond-server "${CRASHES:-3}"
exit $code
