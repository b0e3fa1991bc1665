#!/usr/bin/env bash
# The terminal chat in a real terminal, against a real server: the qualities it is to have.
#   scripts/terminal.sh [debug|release] [CHECK]...
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-debug}
[ $# = 0 ] || shift
swift build -c "$kind" --product pond-server
swift build -c "$kind" --product pond-tui
Tests/pond-tui/e2e/checks.py ".build/$kind" "$@"
