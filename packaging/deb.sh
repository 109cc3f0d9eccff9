#!/bin/sh
# Builds the Debian packages from the sources' tarball (dist.sh) and packaging/debian, into FOLDER.
# Usage: deb.sh FOLDER [VERSION], the Debian version instead of the changelog's, as for a build of one's own.
# MAINTAINER and HOMEPAGE are the publisher's; there is none yet, hence an address that nobody has.
set -eu
: "${MAINTAINER:=The maintainers of pinshim <pinshim@example.org>}"
umask 022
export LC_ALL=C.UTF-8

cd "$(dirname "$0")/.."
mkdir -p "$1"
folder=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

packaging/dist.sh "$work"
mkdir "$work/pinshim"
tar -xzf "$work"/pinshim-*.tar.gz -C "$work/pinshim" --strip-components=1
cd "$work/pinshim"
cp -r packaging/debian debian
escaped=$(printf '%s' "$MAINTAINER" | sed 's/[&|\\]/\\&/g')
sed -i "s|@MAINTAINER@|$escaped|" debian/control debian/changelog
[ -z "${HOMEPAGE:-}" ] || sed -i "/^Maintainer:/a Homepage: $HOMEPAGE" debian/control
if [ $# -gt 1 ]; then
    {
        printf 'pinshim (%s) bookworm; urgency=medium\n\n  * Built under a version of its own.\n\n' "$2"
        printf ' -- %s  %s\n\n' "$MAINTAINER" "$(dpkg-parsechangelog -S Date)"
        cat debian/changelog
    } > debian/changelog.new
    mv debian/changelog.new debian/changelog
    echo "${2%-*}" > VERSION
elif [ "$(dpkg-parsechangelog -S Version | sed 's/-[^-]*$//')" != "$(cat VERSION)" ]; then
    echo "deb: packaging/debian/changelog is of another version than VERSION" >&2
    exit 1
fi
unset MAKEFLAGS MFLAGS MAKELEVEL # make's own, of whoever called this
if ! DEB_BUILD_OPTIONS="noautodbgsym ${DEB_BUILD_OPTIONS:-}" dpkg-buildpackage -b -uc -us > "$work/log" 2>&1; then
    tail -n 40 "$work/log" >&2
    exit 1
fi
mv "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo "$folder/"
