#!/bin/sh
# HTTPS from a script, by curl (OpenSSL) and by wget (GnuTLS): client.sh HOST PORT CAFILE [curl|wget]
# They pin nothing by themselves. Under `pinshim run` they fail where the policy says so, as children do, too.
set -eu
if [ $# -lt 3 ]; then
    echo "usage: $0 HOST PORT CAFILE [curl|wget]" >&2
    exit 2
fi
case ${4:-curl} in
curl) curl -sS -m 10 --cacert "$3" "https://$1:$2/" || exit 1 ;;
wget) wget -nv -O - --no-config --tries=1 --timeout=10 --ca-certificate="$3" "https://$1:$2/" || exit 1 ;;
esac
