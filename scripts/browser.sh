#!/usr/bin/env bash
# The conformance app in a real browser: EventSource and WebSocket from a page of another origin.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v chromium >/dev/null || command -v google-chrome >/dev/null || scripts/setup.sh chromium
swift build --product conformance-app
.build/peers/bin/python Tests/Interop/browser_check.py .build/debug
