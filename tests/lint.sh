#!/bin/bash
# Formatting, clang-tidy, cppcheck, shellcheck, and a build of everything with clang. Exit 1 on findings.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
failed=()

list() { # the project's files with one of these endings
    find . \( -path ./build -o -path ./.git \) -prune -o -type f \( "$@" \) -print | sort
}

step() { # NAME COMMAND...
    local name=$1
    shift
    if "$@"; then echo "lint: $name: fine"; else failed+=("$name"); fi
}

mapfile -t sources < <(list -name '*.c' -o -name '*.h')
# trap_aarch64.c, trap_i386.c: their registers are other processors'. macOS's own: `make macos` compiles them, with clang.
mapfile -t product < <(printf '%s\n' "${sources[@]}" | grep -E '^\./(config|shim|hooks|tools|bundle|agent)/.*\.c$' |
    grep -v -E '/trap_(aarch64|i386)\.c$|_macos\.c$|/hooks/macho/')
mapfile -t scripts < <(list -name '*.sh'; echo .ci/run)

tidy() {
    # shellcheck disable=SC2016 # for the inner shell to expand
    printf '%s\n' "${product[@]}" |
        xargs -P "$(nproc)" -n 4 sh -c 'clang-tidy --quiet --warnings-as-errors="*" "$@" -- -std=gnu11 -I. -isystem /usr/include/nss -isystem /usr/include/nspr -D_GNU_SOURCE \
            -DPINSHIM_VERSION="\"\"" -DMULTIARCH="\"\"" 2> /dev/null' tidy
}

check_cpp() {
    cppcheck -q -j "$(nproc)" --std=c11 --enable=warning,performance,portability --inline-suppr -I. -D_GNU_SOURCE \
        '-DElfW(type)=Elf64_##type' \
        -DPINSHIM_VERSION='""' -DMULTIARCH='""' --suppress=missingIncludeSystem --suppress=uninitStructMember --error-exitcode=1 \
        "${product[@]}"
}

clang_build() {
    make -s -j "$(nproc)" CC=clang BUILD=build/clang build
}

step "clang-format" clang-format --dry-run -Werror "${sources[@]}"
step "clang-tidy" tidy
step "cppcheck" check_cpp
step "shellcheck" shellcheck "${scripts[@]}"
step "clang" clang_build

if [ ${#failed[@]} -gt 0 ]; then
    echo "lint: findings by ${failed[*]}" >&2
    exit 1
fi
