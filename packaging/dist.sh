#!/bin/sh
# Packs the sources into FOLDER/pinshim-VERSION.tar.gz: the tracked files as they stand, or, of an unpacked one, all of
# them. The same files make the same bytes, whenever, wherever and by whomever it is made. Usage: dist.sh FOLDER
set -eu

cd "$(dirname "$0")/.."
folder=$1
name=pinshim-$(cat VERSION)

if [ -e .git ]; then
    files() { git ls-files -z; }
    : "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
else
    files() { find . \( -path ./build -o -name __pycache__ -o -name .pytest_cache \) -prune -o ! -type d -printf '%P\0'; }
    : "${SOURCE_DATE_EPOCH:=$(stat -c %Y VERSION)}"
fi
mkdir -p "$folder"
work=$(mktemp "$folder/.dist.XXXXXX")
trap 'rm -f "$work"' EXIT
files | LC_ALL=C sort -z | tar --null --no-recursion --files-from=- --transform="flags=r;s,^,$name/," \
    --format=ustar --owner=0 --group=0 --numeric-owner --mode=u+rw,go=u,go-w --mtime="@$SOURCE_DATE_EPOCH" -cf - |
    gzip -n -9 > "$work"
chmod 644 "$work"
mv "$work" "$folder/$name.tar.gz"
