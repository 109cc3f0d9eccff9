#!/bin/sh
# Writes the stub (.tbd) of a library for macOS that exports what an ELF library does. Usage: stub.sh INSTALL_NAME ELF
set -eu
printf -- "--- !tapi-tbd\ntbd-version: 4\ntargets: [ x86_64-macos ]\ninstall-name: '%s'\nexports:\n  - targets: [ x86_64-macos ]\n    symbols: [ " "$1"
nm -D --defined-only --without-symbol-versions "$2" | sed -n 's/^[0-9a-f]* [TWiDBR] \(.*\)$/_\1/p' | sort -u | paste -sd, | tr -d '\n'
printf " ]\n...\n"
