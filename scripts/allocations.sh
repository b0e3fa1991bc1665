#!/usr/bin/env bash
# What a broadcast allocates in the optimised server, with few members and with many.
set -euo pipefail
cd "$(dirname "$0")/.."
swift build -c release --product conformance-app
exec .build/peers/bin/python Tests/Interop/allocations.py .build/release
