#!/usr/bin/env bash
# Makes a Debian package of each program in .build/packages; the Swift runtime is linked in.
set -euo pipefail
cd "$(dirname "$0")/.."
out=.build/packages
architecture=$(dpkg --print-architecture)
maintainer=${MAINTAINER:-The Pond authors <pond@localhost>}
rm -rf "$out"
mkdir -p "$out"
echo "package: building (a few minutes)"
for program in pond-server pond-tui; do
    swift build -c release --scratch-path .build-packages --static-swift-stdlib --product "$program" -Xlinker -s
done

# The packages of the libraries that a program is linked with.
needed() {
    ldd "$1" | awk '/=> \//{print $3}' | while read -r library; do
        # Debian lists a library under /lib or under /usr/lib, which are one folder.
        library=$(readlink -f "$library")
        dpkg -S "$library" 2>/dev/null || dpkg -S "${library#/usr}"
    done | cut -d: -f1 | sort -u | paste -sd, | sed 's/,/, /g'
}

# package NAME SUMMARY: packs what stands in .build/packages/NAME; the long description comes from the input.
package() {
    local name=$1 summary=$2 root=$out/$1
    local program=$root/usr/bin/$name papers=$root/usr/share/doc/$name version
    version=$("$program" --version | awk '{print $2}')
    mkdir -p "$root/DEBIAN" "$papers" "$root/usr/share/man/man1"
    cat >"$papers/copyright" <<COPYRIGHT
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Files: *
Copyright: 2026 The Pond authors
License: GPL-3+
 On Debian systems the text of the licence is in /usr/share/common-licenses/GPL-3.
COPYRIGHT
    printf '%s (%s) stable; urgency=medium\n\n  * See the history of the repository.\n\n -- %s  %s\n' \
        "$name" "$version" "$maintainer" "$(date -R -d "@$(git log -1 --format=%ct 2>/dev/null || date +%s)")" | gzip -9n >"$papers/changelog.gz"
    if "$program" --man >/dev/null 2>&1; then
        "$program" --man | gzip -9n >"$root/usr/share/man/man1/$name.1.gz"
        for shell in bash:bash-completion/completions/%s zsh:zsh/vendor-completions/_%s fish:fish/vendor_completions.d/%s.fish; do
            # shellcheck disable=SC2059
            place=$root/usr/share/$(printf "${shell#*:}" "$name")
            mkdir -p "$(dirname "$place")"
            "$program" --completion "${shell%%:*}" >"$place"
        done
    else {
        printf '.TH %s 1 "" "%s %s"\n.SH NAME\n%s \\- %s\n.SH DESCRIPTION\n.nf\n' "${name^^}" Pond "$version" "$name" "$summary"
        "$program" --help | sed 's/\\/\\\\/g; s/-/\\-/g; s/^\([.'"'"']\)/\\\&\1/'
        printf '.fi\n'
    } | gzip -9n >"$root/usr/share/man/man1/$name.1.gz"; fi
    cat >"$root/DEBIAN/control" <<CONTROL
Package: $name
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Section: net
Priority: optional
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Depends: $(needed "$program")
Description: $summary
$(sed 's/^/ /')
CONTROL
    dpkg-deb --root-owner-group --build "$root" "$out/${name}_${version}_$architecture.deb" >/dev/null
    rm -rf "$root"
    echo "package: $out/${name}_${version}_$architecture.deb"
}

server=$out/pond-server
install -D -m 755 .build-packages/release/pond-server "$server/usr/bin/pond-server"
install -D -m 644 Deploy/pond.ini "$server/etc/pond/pond.ini"
mkdir -p "$server/lib/systemd/system" "$server/DEBIAN"
sed 's#/usr/local/bin/#/usr/bin/#' Deploy/pond-server.service >"$server/lib/systemd/system/pond-server.service"
echo /etc/pond/pond.ini >"$server/DEBIAN/conffiles"
cat >"$server/DEBIAN/postinst" <<'POSTINST'
#!/bin/sh
set -e
[ ! -d /run/systemd/system ] || systemctl daemon-reload
[ "$1" != configure ] || [ -n "$2" ] || echo "Look at /etc/pond/pond.ini, then: systemctl enable --now pond-server"
POSTINST
cat >"$server/DEBIAN/prerm" <<'PRERM'
#!/bin/sh
set -e
[ "$1" != remove ] || [ ! -d /run/systemd/system ] || systemctl disable --now pond-server || true
PRERM
chmod 755 "$server/DEBIAN/postinst" "$server/DEBIAN/prerm"
package pond-server "chat server with rooms, presence, durable history and moderation" <<'TEXT'
Speaks PondSocket over WebSocket and Server-Sent Events, keeps messages in
SQLite before it confirms them, and can be one of several that act as one over
Redis. Names with passwords or signed tokens, bans, mutes, slow mode, search,
TLS and Prometheus figures are in it.
TEXT

install -D -m 755 .build-packages/release/pond-tui "$out/pond-tui/usr/bin/pond-tui"
package pond-tui "chat in the terminal that keeps what was said while it was offline" <<'TEXT'
Shows rooms, live presence and messages of a pond-server, and what the
connection and each room are doing: what is written while they are away goes
out later, once and in order.
TEXT
