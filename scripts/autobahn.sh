#!/usr/bin/env bash
# The Autobahn WebSocket test suite against our server and our client.
# Usage: scripts/autobahn.sh [full|short] [server|client|both] [record]
#   short    sections 1 to 7 and 10, and one case of each group of 9, 12 and 13: minutes, with the debug build
#   full     everything, with the release build: about a quarter of an hour a side, most of it for 9, 12 and 13
#   record   writes what came out to Tests/Conformance/autobahn.json instead of comparing with it
# Needs a Python 2.7: $PYTHON27, one on the path, or one of pyenv; ends with 75 where there is none.
set -euo pipefail
cd "$(dirname "$0")/.."
selection=${1:-full} sides=${2:-both} mode=${3:-compare}
[ "$sides" = both ] && sides="server client"
folder=$PWD/.build/autobahn
mkdir -p "$folder"

python=""
for candidate in "${PYTHON27:-}" python2.7 "$HOME"/.pyenv/versions/2.7.*/bin/python; do
    if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (2, 7))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "autobahn: needs a Python 2.7, in PYTHON27, on the path, or from pyenv (pyenv install 2.7.18)" >&2
    exit 75
fi

if [ ! -e "$folder/.installed-0.8.2" ]; then
    echo "autobahn: installing autobahntestsuite 0.8.2 into $folder/lib"
    rm -rf "$folder/lib"
    for attempt in 1 2 3 4 5; do
        if "$python" -m pip install --quiet --disable-pip-version-check --target "$folder/lib" autobahntestsuite==0.8.2 \
            2>"$folder/pip.log"; then
            # Installed into a folder, zope is a namespace that Python 2 does not find by itself.
            touch "$folder/lib/zope/__init__.py" "$folder/.installed-0.8.2"
            break
        fi
        echo "autobahn: pip failed (attempt $attempt of 5), trying again" >&2
        sleep $((attempt * 3))
    done
    [ -e "$folder/.installed-0.8.2" ] || { tail -5 "$folder/pip.log" >&2; exit 1; }
fi

case $selection in
short)
    configuration=debug
    cases='"1.*","2.*","3.*","4.*","5.*","6.*","7.*","10.*","9.1.1","9.2.1","9.3.1","9.4.1","9.5.1","9.6.1","9.7.1","9.8.1"'
    for group in 12.1 12.2 12.3 12.4 12.5 13.1 13.2 13.3 13.4 13.5 13.6 13.7; do cases+=",\"$group.1\""; done
    ;;
full)
    configuration=release
    cases='"1.*","2.*","3.*","4.*","5.*","6.*","7.*","9.*","10.*","12.*","13.*"'
    ;;
*)
    sed -n 's/^# //p' "$0" | sed -n 2p >&2
    exit 2
    ;;
esac
swift build -c "$configuration" --product autobahn-peer >"$folder/build.log" 2>&1 || { tail -30 "$folder/build.log"; exit 1; }
peer=.build/$configuration/autobahn-peer

pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done' EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
wait_for_port() {
    for _ in $(seq 300); do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
        sleep 0.1
    done
    echo "autobahn: nothing listens on port $1" >&2
    return 1
}
wstest() { PYTHONPATH=$folder/lib "$python" "$folder/lib/bin/wstest" "$@"; }

run_server() {
    local port
    port=$(free_port)
    "$peer" server "$port" >"$folder/peer.log" 2>&1 &
    pids+=($!)
    wait_for_port "$port"
    cat >"$folder/server.json" <<SPEC
{"outdir": "$folder/server", "servers": [{"agent": "pond", "url": "ws://127.0.0.1:$port"}],
 "cases": [$cases], "exclude-cases": [], "exclude-agent-cases": {}}
SPEC
    wstest -m fuzzingclient -s "$folder/server.json" >"$folder/server.log" 2>&1
}

run_client() {
    local port
    port=$(free_port)
    cat >"$folder/client.json" <<SPEC
{"outdir": "$folder/client", "url": "ws://127.0.0.1:$port",
 "cases": [$cases], "exclude-cases": [], "exclude-agent-cases": {}}
SPEC
    PYTHONPATH=$folder/lib "$python" "$folder/lib/bin/wstest" -m fuzzingserver -w 0 -s "$folder/client.json" \
        >"$folder/client.log" 2>&1 &
    pids+=($!)
    wait_for_port "$port"
    "$peer" client "ws://127.0.0.1:$port" >"$folder/runner.log" 2>&1
}

code=0
for side in $sides; do
    rm -rf "${folder:?}/$side"
    begin=$SECONDS
    if ! "run_$side"; then
        tail -5 "$folder/$side.log" >&2
        echo "autobahn $side: the suite did not finish"
        code=1
        continue
    fi
    python3 Tests/Conformance/autobahn.py "$mode" "$selection" "$side" "$folder/$side/index.json" \
        $((SECONDS - begin)) || code=1
done
exit $code
