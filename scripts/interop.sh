#!/usr/bin/env bash
# Real PondSocket peers against ours: their client on our server, our client on their server.
set -euo pipefail
cd "$(dirname "$0")/.."
python=.build/peers/bin/python
swift build --product conformance-app
swift build --product pond-server
code=0
for check in Tests/Interop/*_check.py; do
    # A browser is a large package to ask for; `make browser` runs that one.
    [ "$check" = Tests/Interop/browser_check.py ] && continue
    echo "pond: $(basename "$check" _check.py | tr _ ' ')"
    "$python" "$check" .build/debug || code=1
done
echo "pond: crashes of the chat server"
"$python" scripts/crash_check.py .build/debug/pond-server "${CRASHES:-3}" || code=1
exit $code
