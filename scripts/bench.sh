#!/usr/bin/env bash
# Measures the conformance app beside uWebSockets and the Python reference server, run by run in turn, and prints the medians.
#   scripts/bench.sh [RUNS]     default 5; SECONDS_EACH=3; ONLY=fan-out,echo chooses workloads by their names' beginnings
#   UWS_PEER=PATH               a uWebSockets server of your own: listens at the port in its first argument and speaks
#                               the few messages of Benchmarks/uws_peer.c; else the build inside the socketify package
# With two cores or more the server has one and the load generator another.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-5}
seconds=${SECONDS_EACH:-3}
bench=.build/release/pond-bench
app=.build/release/conformance-app
python=.build/peers/bin/python
work=$(mktemp -d)
declare -A pids ports

cleanup() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap cleanup EXIT

# Becomes a program on one core, in a subshell, so that the process id of the subshell is the program's.
on_core() {
    if [ "$(nproc)" -ge 2 ] && command -v taskset >/dev/null; then exec taskset -c "$1" "${@:2}"; else exec "${@:2}"; fi
}

# A port that nobody listens on, below the range that clients get theirs from.
free_port() {
    local port
    while true; do
        port=$((20000 + RANDOM % 10000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
}

start() {
    local name=$1 port
    port=$(free_port)
    ports[$name]=$port
    case $name in
        pond) on_core 0 "$app" "$port" >"$work/$name.log" 2>&1 & ;;
        plain) POND_SENDING=plain on_core 0 "$app" "$port" >"$work/$name.log" 2>&1 & ;;
        floor) on_core 0 "$bench" floor --port "$port" >"$work/$name.log" 2>&1 & ;;
        uws) on_core 0 "$uws_peer" "$port" >"$work/$name.log" 2>&1 & ;;
        python) on_core 0 "$python" Tests/Interop/reference_app.py "$port" >"$work/$name.log" 2>&1 & ;;
    esac
    pids[$name]=$!
    for _ in $(seq 100); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
        sleep 0.1
    done
    echo "pond: the $name server did not start" >&2
    cat "$work/$name.log" >&2
    exit 1
}

stop() {
    kill "${pids[$1]}" 2>/dev/null || true
    wait "${pids[$1]}" 2>/dev/null || true
    unset "pids[$1]"
}

# The median of key $1 in the result lines of file $2.
median() {
    tr ' ' '\n' <"$2" | sed -n "s/^$1=//p" | sort -n | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)]; else print "-" }'
}

# measure NAME SERVERS KEYS ARGUMENTS…: each server is new for each run, so that memory is measured from the start.
measure() {
    local name=$1 servers=$2 keys=$3 server key
    shift 3
    [ -n "$uws_peer" ] || servers=${servers/uws/}
    if [ -n "${ONLY:-}" ]; then
        local wanted matches=""
        for wanted in ${ONLY//,/ }; do [[ $name == "$wanted"* ]] && matches=yes; done
        [ -n "$matches" ] || return 0
    fi
    for server in $servers; do : >"$work/$server.tsv"; done
    for _ in $(seq "$runs"); do
        # In another order each time: what runs after what makes a difference too.
        for server in $(shuf -e $servers); do
            start "$server"
            (on_core 1 "$bench" "$@" --seconds "$seconds" --terse --pid "${pids[$server]}" \
                --url "ws://127.0.0.1:${ports[$server]}/socket") >>"$work/$server.tsv" ||
                echo "pond: $name on $server was not clean: $(tail -1 "$work/$server.tsv")" >&2
            stop "$server"
        done
    done
    for server in $servers; do
        printf '%-34s %-8s' "$name" "$server"
        for key in $keys; do printf ' %s=%s' "$key" "$(median "$key" "$work/$server.tsv")"; done
        printf '\n'
    done
}

echo "medians of $runs runs of ${seconds}s; cpu: server us per delivery (idle, storm: per connection), soft: of it in ksoftirqd"
echo "floor: a server that does the least that can be done; plain: without io_uring"
uws_peer=${UWS_PEER:-.build/uws/uws-peer}
if [ -n "${UWS_PEER:-}" ]; then
    [ -x "$UWS_PEER" ] || { echo "pond: UWS_PEER=$UWS_PEER is no program" >&2; exit 2; }
    echo "uws: $UWS_PEER"
else
    [ -x "$uws_peer" ] || Benchmarks/build-uws-peer.sh || { echo "pond: uWebSockets could not be built, so it is left out" >&2; uws_peer=; }
    echo "uws: uWebSockets on libuv, as the socketify package builds it, with a native publish; see UWS_PEER for another"
fi
all="uws floor pond plain python"
measure "fan-out 1x100 at 100/s" "$all" "cpu soft p50 p99" fanout --members 100 --rate 100
measure "fan-out 1x1000 at 10/s" "$all" "cpu soft p50 p99" fanout --members 1000 --rate 10
measure "fan-out 1x100 at 500/s" "uws floor pond plain" "cpu soft p50 p99" fanout --members 100 --rate 500
measure "fan-out 1x1000 at 50/s" "uws floor pond plain" "cpu soft p50 p99" fanout --members 1000 --rate 50
measure "fan-out 100x100 at 500/s" "uws floor pond plain" "cpu soft p50 p99" fanout --channels 100 --members 100 --rate 500
measure "saturated 1x100, window 4" "$all" "cpu rate p50 p99" fanout --members 100 --window 4
# Several senders, because one alone would meet the server's bound on messages per second.
measure "saturated 4x100, window 16" "uws floor pond plain" "cpu rate p50 p99" fanout --channels 4 --members 100 --window 16
measure "echo, 64 connections" "uws floor pond python" "cpu rate p50 p99" echo --members 64
measure "storm, 2000 connections" "uws pond python" "cpu rate" storm --channels 20 --members 100
# Two nodes and one Redis: the sender on one node, the receivers on the other.
measure_cluster() {
    local name=$1 keys=$2 key redis port
    shift 2
    if [ -n "${ONLY:-}" ]; then [[ "cluster" == "${ONLY%%,*}"* ]] || return 0; fi
    command -v redis-server >/dev/null || { echo "pond: redis-server is not installed, so $name is left out" >&2; return 0; }
    : >"$work/cluster.tsv"
    for _ in $(seq "$runs"); do
        redis=$(free_port)
        redis-server --port "$redis" --bind 127.0.0.1 --save "" --appendonly no --daemonize no >/dev/null &
        pids[redis]=$!
        sleep 0.3
        for port in one other; do
            ports[$port]=$(free_port)
            POND_REDIS_PORT=$redis "$app" "${ports[$port]}" >"$work/$port.log" 2>&1 &
            pids[$port]=$!
        done
        sleep 0.5
        "$bench" cluster --seconds "$seconds" --terse --url "ws://127.0.0.1:${ports[one]}/socket" \
            --other-port "${ports[other]}" "$@" >>"$work/cluster.tsv" ||
            echo "pond: $name was not clean: $(tail -1 "$work/cluster.tsv")" >&2
        for port in one other redis; do stop "$port"; done
    done
    printf '%-34s %-8s' "$name" pond
    for key in $keys; do printf ' %s=%s' "$key" "$(median "$key" "$work/cluster.tsv")"; done
    printf '\n'
}

measure_cluster "cluster 1x2 at 100/s" "p50 p99" --members 2 --rate 100
measure_cluster "cluster 1x100 at 100/s" "p50 p99" --members 100 --rate 100
measure_cluster "cluster 20x2, window 16" "rate p50 p99" --channels 20 --members 2 --window 16
measure_cluster "same with a history in Redis" "rate p50 p99" --channels 20 --members 2 --window 16 --room /durable
printf '%-34s %-8s ' "reconnect, 1000 clients" pond
"$bench" reconnect --terse
measure "idle, 10000 in 100 channels" "uws pond python" "rss load" idle --channels 100 --members 100
