#!/usr/bin/env bash
# Builds both programs, starts a server on this machine unless one answers already, and opens the terminal chat on it.
set -euo pipefail
cd "$(dirname "$0")/.."
port=${PORT:-4000}
nick=${NICK:-${USER:-guest}}
# A name that no server gives to anybody.
[ "$nick" != root ] || nick=guest
echo "pond: building (the first time takes a few minutes)"
swift build -c release --product pond-server
swift build -c release --product pond-tui
server=""
stop() { [ -z "$server" ] || kill "$server" 2>/dev/null || true; }
trap stop EXIT
if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    mkdir -p .build/chat-data
    .build/release/pond-server --host 127.0.0.1 --port "$port" --data .build/chat-data >.build/chat-server.log 2>&1 &
    server=$!
    for _ in $(seq 100); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
        kill -0 "$server" 2>/dev/null || { cat .build/chat-server.log >&2; exit 1; }
        sleep 0.1
    done
fi
.build/release/pond-tui --url "ws://127.0.0.1:$port/socket" --nick "$nick" --room lobby
