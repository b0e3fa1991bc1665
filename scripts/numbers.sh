#!/usr/bin/env bash
# Numbers that a peer, a store or a file supplies must not trap: the folders that read them convert with a checked
# initialiser and leave arithmetic on their fields to PeerNumber and ChatTime.
set -uo pipefail
cd "$(dirname "$0")/.."
faults=0
folders="Sources/PondChat Sources/pond-tui/Session Sources/pond-tui/Store Sources/pond-server/Cluster Sources/pond-server/Store/SharedChange.swift"
# In these, numbers of Redis and of other nodes become ours.
readers="Sources/PondKit/PondServer/Cluster Sources/PondKit/PondRedis Sources/PondKit/PondServer/History/Shared"
checked='PondChat/Values/(PeerNumber|ChatTime)\.swift'

# forbid FOLDERS PATTERN ALLOWED WHY: no line may match the pattern, unless it matches what is allowed.
forbid() {
    local found
    found=$(grep -rnE --include='*.swift' "$2" $1 | grep -vE "$3" | grep -vE "^[^:]*$checked" \
        | grep -vE '^[^:]+:[0-9]+:\s*//')
    if [ -n "$found" ]; then
        echo "numbers: $4"
        echo "$found" | sed 's/^/    /'
        faults=1
    fi
}

integer='\bU?Int(8|16|32|64)?\('
forbid "$folders $readers" "$integer" "$integer(clamping:|exactly:|bitPattern:|ascii:|String\(|.*radix: 10\))" \
    "convert with Int(clamping:), Int(exactly:), Int(String(…)) or PeerNumber: the plain initialiser traps"
field='\.(milliseconds|unread|mentions|members|devices|slowSeconds|retryAfter|offset|score)'
forbid "$folders" "$field[?!]?\)? (&?[-+*]) |[]A-Za-z0-9)] (&?[-+*]) [A-Za-z.\$0-9?!]*$field\b|$field [-+*]= " '^$' \
    "a peer's number may be anything: add, subtract and scale it in PeerNumber or ChatTime"

[ "$faults" = 0 ] && echo "numbers: what peers supply is converted with care"
exit "$faults"
