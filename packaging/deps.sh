#!/bin/sh
# Installs the Debian packages that building, demonstrating and testing need, where they are missing; on a Mac Homebrew's
# formulae that building needs.
# Needs root or sudo only then. Usage: deps.sh [PACKAGE...], those instead of all.
set -eu

if [ "$(uname -s)" = Darwin ]; then
    exec brew install --quiet libconfig libidn2 libpsl libunistring jansson openssl@3 uthash gnutls nss nspr
fi

packages="
    gcc libc6-dev libssl-dev libconfig-dev libcdb-dev libidn2-dev libunistring-dev libpsl-dev
    libjansson-dev uthash-dev check pkg-config scdoc groff-base
    clang clang-format clang-tidy cppcheck shellcheck libclang-rt-14-dev
    ca-certificates openssl curl nginx-light mitmproxy socat stunnel4 bsdutils git jq procps
    python3 python3-pytest python3-pytest-xdist python3-cryptography perl libio-socket-ssl-perl
    php-cli php-curl ruby nodejs s-nail swaks fetchmail postgresql-client ncat redis-tools mosquitto-clients wget
    libgnutls28-dev gnutls-bin ldap-utils lftp msmtp mutt elinks glib-networking python3-gi
    libjemalloc2 libmimalloc2.0 libfaketime strace gdb sudo bubblewrap
    valgrind gcovr afl++ libcap2-bin dbus-daemon dbus-bin
    libnss3-dev libnss3-tools python3-nss libcurl3-nss
    lua5.4 lua-sec tcl tcl-tls python3-pycurl python3-pyqt6 apache2-bin libpam-yubico pamtester
    torsocks microsocks libsocket-wrapper ffuf botan android-libboringssl
    libcurl4-openssl-dev rsyslog ansible-core
"
[ $# -eq 0 ] || packages=$*
missing=
for package in $packages; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null || true) in
    installed) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo > /dev/null || {
        echo "deps: not root, and no sudo; install these packages first:$missing" >&2
        exit 1
    }
    sudo=sudo
fi
echo "deps: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # a list of words
if ! {
    $sudo apt-get update &&
        # No service of theirs is started: tests bring up their own servers.
        $sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y --no-install-recommends $missing
} > "$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
