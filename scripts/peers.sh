#!/usr/bin/env bash
# The real PondSocket packages for Python in a virtual environment of their own: peers to test against.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=.build/peers
stamp=$venv/.installed-$(sha256sum scripts/peers.txt | cut -c1-16)
[ -e "$stamp" ] && exit 0

python=""
for candidate in python3.13 python3.12 python3.11 python3; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "pond: the PondSocket packages need Python 3.11 or later with its venv module (Debian: python3-venv)." >&2
    exit 1
fi
echo "pond: installing the PondSocket packages for Python into $venv"
rm -rf "$venv"
"$python" -m venv "$venv"
for attempt in 1 2 3 4 5; do
    if "$venv/bin/pip" install --quiet --disable-pip-version-check -r scripts/peers.txt; then
        touch "$stamp"
        exit 0
    fi
    echo "pond: pip failed (attempt $attempt of 5), trying again" >&2
    sleep $((attempt * 3))
done
echo "pond: could not install the packages of scripts/peers.txt" >&2
exit 1
