#!/usr/bin/env bash
# Makes a Debian package of each program in .build/packages; the Swift runtime is linked in.
set -euo pipefail
cd "$(dirname "$0")/.."
out=.build/packages
architecture=$(dpkg --print-architecture)
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

# package NAME DESCRIPTION: packs what stands in .build/packages/NAME.
package() {
    local name=$1 description=$2 root=$out/$1
    local version
    version=$("$root/usr/bin/$name" --version | awk '{print $2}')
    install -D -m 644 LICENSE "$root/usr/share/doc/$name/copyright"
    mkdir -p "$root/DEBIAN"
    cat >"$root/DEBIAN/control" <<CONTROL
Package: $name
Version: $version
Architecture: $architecture
Maintainer: The Pond authors <pond@localhost>
Section: net
Priority: optional
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Depends: $(needed "$root/usr/bin/$name")
Description: $description
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
package pond-server "chat server with rooms, presence, durable history and moderation"

install -D -m 755 .build-packages/release/pond-tui "$out/pond-tui/usr/bin/pond-tui"
package pond-tui "chat in the terminal that keeps what was said while it was offline"
