#!/usr/bin/env bash
# The arrows between the folders of Sources: who may know whom.
set -uo pipefail
cd "$(dirname "$0")/.."
faults=0

# forbid FOLDER PATTERN WHY: no line of the folder's Swift files may match.
forbid() {
    local found
    found=$(grep -rnE --include='*.swift' "$2" $1 2>/dev/null | grep -vE '^[^:]+:[0-9]+:\s*//')
    if [ -n "$found" ]; then
        echo "layering: $3"
        echo "$found" | sed 's/^/    /'
        faults=1
    fi
}

# allow_imports FOLDER MODULES: only these modules may be imported there.
allow_imports() {
    local folder=$1 modules=$2 found
    found=$(grep -rnE --include='*.swift' '^\s*(@[a-zA-Z_()]+ )?(public |internal |package |private |fileprivate )?import ' "$folder" 2>/dev/null \
        | grep -vE "import (struct |class |enum |func |protocol )?($modules)(\.|\s|$)")
    if [ -n "$found" ]; then
        echo "layering: $folder may import only: ${modules//|/, }"
        echo "$found" | sed 's/^/    /'
        faults=1
    fi
}

kit=Sources/PondKit
forbid "$kit" '^\s*(public |internal |package |private )?import Foundation\s*$' "PondKit never imports Foundation"
allow_imports $kit/Wire 'FoundationEssentials|NOTHING'
allow_imports $kit/Codecs 'CPondZlib'
allow_imports $kit/Reactive 'NOTHING'
allow_imports $kit/Runtime 'Glibc|CPondSys|CPondTLS|CPondUring|Synchronization'
for folder in Transport Server Middleware Client Cluster; do
    allow_imports $kit/$folder 'Synchronization'
done
allow_imports $kit/History 'CPondSQLite|Synchronization'
found=$(grep -rlE --include='*.swift' 'import FoundationEssentials' $kit | grep -v 'CodableBridge')
[ -z "$found" ] || { echo "layering: FoundationEssentials belongs in the one file that bridges Codable"; echo "$found" | sed 's/^/    /'; faults=1; }
forbid "$kit/Wire $kit/Codecs $kit/Reactive" '\b(EventLoop|ByteChannel|PondSocket|PondClient)\b' "the pure layers know no loop, socket, server or client"
forbid "$kit/Runtime" '\b(PondSocket|PondClient|Lobby|Endpoint|ClientChannel)\b' "Runtime knows no channels"
forbid "$kit/Server $kit/Middleware" '\b(ByteChannel|Listener|Connector|WebSocketTransport|SSEServerTransport)\b' "Server knows no sockets, only Transport"
forbid "$kit/Client" '\b(ByteChannel|Listener)\b' "Client knows no sockets, only Transport"
found=$(grep -rlE --include='*.swift' 'import CPondCurses' Sources | grep -v '^Sources/pond-tui/Terminal/Curses')
[ -z "$found" ] || { echo "layering: only Terminal/Curses… imports the C module of ncurses"; echo "$found" | sed 's/^/    /'; faults=1; }
forbid "Sources/pond-tui/View" 'import (Glibc|CPond[A-Za-z]*|PondKit)' "the view is pure: no system, no network"


[ "$faults" = 0 ] && echo "layering: the arrows hold"
exit "$faults"
