#!/usr/bin/env bash
# Three nodes, one Redis and 300 users, one seed after another: nodes are killed, Redis restarts or stands still, ways
# are cut. Nothing confirmed may be lost, doubled or reordered, and all nodes must agree on who is there.
# RUNS, POND_CLUSTER_USERS, POND_CLUSTER_ROOMS, POND_CLUSTER_MESSAGES, POND_CLUSTER_FAULTS and POND_CLUSTER_SEED change it.
set -euo pipefail
cd "$(dirname "$0")/.."
export POND_CLUSTER_MESSAGES=${POND_CLUSTER_MESSAGES:-300}
export POND_CLUSTER_FAULTS=${POND_CLUSTER_FAULTS:-30}
swift build --build-tests
log=.build/cluster-chaos.log
code=0
for ((run = 0; run < ${RUNS:-5}; run++)); do
    swift test --skip-build --disable-xctest --filter ClusterChaosTests >"$log" 2>&1 || code=1
    grep -E '^cluster chaos:|✘|Fatal' "$log" || tail -20 "$log"
    [ "$code" = 0 ] || break
done
exit "$code"
