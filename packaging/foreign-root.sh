#!/bin/sh
# Unpacks Debian packages of another architecture, and what they depend on, into a folder: a root to cross-build
# against and to run programs from by emulation. Nothing of it is configured, and this system isn't told of it.
# Usage: foreign-root.sh ARCHITECTURE FOLDER PACKAGE...
set -eu

architecture=$1 folder=$2
shift 2
# What is wanted, and from this system's release: unpacked anew where that has changed.
stamp="$folder/.unpacked"
[ "$(cat "$stamp" 2> /dev/null || true)" != "$*" ] || exit 0

echo "foreign-root: unpacking $architecture packages into $folder"
rm -rf "$folder"
mkdir -p "$folder"
root=$(cd "$folder" && pwd)
own=$root/.apt
mkdir -p "$own/lists/partial" "$own/archives/partial"
: > "$own/status"
log=$own/log
{
    apt_get() {
        apt-get -q -y -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" \
            -o Dir::State::Lists="$own/lists" -o Dir::State::status="$own/status" -o Dir::Cache="$own" \
            -o Debug::NoLocking=true -o APT::Install-Recommends=false -o APT::Sandbox::User="" "$@"
    }
    # An index that apt can't have whole and signed is left out by it: packages come from the others then, or not at all.
    apt_get update || echo "foreign-root: without some of the $architecture indexes of packages" >&3
    apt_get --download-only install "$@"
} 3>&1 > "$log" 2>&1 || {
    cat "$log" >&2
    exit 1
}
for package in "$own"/archives/*.deb; do
    dpkg-deb -x "$package" "$root"
done
# Absolute links would lead out of it.
find "$root" -type l -lname '/*' | while read -r link; do
    ln -sfn "$root$(readlink "$link")" "$link"
done
rm -rf "$own"
printf '%s\n' "$*" > "$stamp"
