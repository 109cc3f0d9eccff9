#!/bin/sh
# After `make install`, what the packages do after an upgrade: an image that this version can't read, by which the library
# refuses every connection, is made anew of its text, or of its bundle.
# usage: renew-image.sh PREFIX
set -eu

image=/var/lib/pinshim/policy.cdb
bundle=/var/lib/pinshim/bundle

if [ ! -e $image ] || "$1/bin/pinshim" check $image > /dev/null 2>&1; then exit; fi

renew() { # COMMAND...
    echo "this version can't read $image; making it anew: $*"
    "$@" || echo "protected programs have no TLS connection until '$*' succeeds" >&2
}

if [ ! -e $bundle ]; then
    renew "$1/bin/pinshim" compile
elif [ -d /run/systemd/system ] && systemctl --quiet is-active pinshim-agent; then
    renew systemctl restart pinshim-agent # which makes it at its start
else
    renew "$1/sbin/pinshim-agent" install $bundle
fi
