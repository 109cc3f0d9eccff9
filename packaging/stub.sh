#!/bin/sh
# Writes a linker's stub of a macOS library, whose exports are those of Debian's own: it has the same ones, where it is of
# the same version. Usage: stub.sh LIBRARY.so INSTALL_NAME ARCHITECTURE
set -eu

cat << EOF
--- !tapi-tbd
tbd-version: 4
targets: [ $3-macos ]
install-name: '$2'
exports:
  - targets: [ $3-macos ]
    symbols: [ $(llvm-nm-14 -D --defined-only --format=just-symbols "$1" 2> /dev/null |
    sed -n "s/@.*//; s/^[A-Za-z_][A-Za-z0-9_]*$/_&/p" | sort -u | paste -sd, -) ]
...
EOF
