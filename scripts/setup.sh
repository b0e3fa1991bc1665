#!/usr/bin/env bash
# Installs what the build and the tests need and the system does not have yet; more packages may be named.
set -euo pipefail

if ! command -v swift >/dev/null; then
    echo "pond: no 'swift' on the PATH. Install Swift 6.3 or later from https://swift.org/install and try again." >&2
    exit 1
fi
version=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | grep -oE '[0-9]+\.[0-9]+' | head -1)
if [ "$(printf '6.3\n%s\n' "$version" | sort -V | head -1)" != 6.3 ]; then
    echo "pond: Swift $version is too old; 6.3 or later is needed." >&2
    exit 1
fi

packages=(libssl-dev zlib1g-dev libsqlite3-dev libncurses-dev liburing-dev redis-server openssl tmux python3-venv "$@")
if ! command -v dpkg-query >/dev/null; then
    echo "pond: this is no Debian; please install the equivalents of: ${packages[*]}" >&2
    exit 0
fi
missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "pond: these packages are missing and there is no sudo to install them: ${missing[*]}" >&2
        echo "      run as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

echo "pond: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
for attempt in 1 2 3 4 5; do
    if "${as_root[@]}" apt-get update -qq >"$log" 2>&1 \
        && "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
        # Debian starts a Redis of its own at once; the tests start theirs on a free port.
        if printf '%s\n' "${missing[@]}" | grep -qx redis-server && command -v service >/dev/null; then
            "${as_root[@]}" service redis-server stop >/dev/null 2>&1 || true
        fi
        rm -f "$log"
        exit 0
    fi
    echo "pond: apt failed (attempt $attempt of 5), trying again" >&2
    sleep $((attempt * 3))
done
tail -20 "$log" >&2
echo "pond: could not install ${missing[*]}; the lines above are apt's own." >&2
exit 1
