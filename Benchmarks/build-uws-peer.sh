#!/usr/bin/env bash
# Builds .build/uws/uws-peer from the uWebSockets that the socketify package carries.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=.build/uws
[ -x $folder/uws-peer ] && exit 0
mkdir -p $folder
if ! ldconfig -p | grep -q libuv.so.1; then
    echo "pond: uWebSockets from socketify needs libuv (Debian: libuv1)" >&2
    exit 1
fi
.build/peers/bin/pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: -d $folder socketify==0.0.31
tar -xzf $folder/socketify-0.0.31.tar.gz -C $folder
cp $folder/socketify-0.0.31/src/socketify/libsocketify_linux_amd64.so $folder/libsocketify.so
gcc -O2 -D_GNU_SOURCE -o $folder/uws-peer Benchmarks/uws_peer.c -L$folder -lsocketify -Wl,-rpath,'$ORIGIN' -Wl,--unresolved-symbols=ignore-in-shared-libs
