#!/bin/sh
# What only a Mac can show of libpinshim.dylib: PASS, FAIL or SKIP for each claim of docs/macos.md.
# Usage: run-on-a-mac.sh FOLDER, as prepare.sh made it on Linux, with libpinshim.dylib in it. Needs Homebrew's openssl@3
# and python; its curl is taken where it is. PINSHIM is the command, as `make` built it on the Mac: without it, what it does
# is skipped. Exit 1 where a claim fails.
#
# shellcheck disable=SC2317 # by_* are called by name
#
# On Linux it runs, too, with the library there, which shows the script itself (tests/e2e/test_macos_script.py).
set -u

folder=$(cd "$1" && pwd) || exit 2
case $(uname) in
Darwin)
    insert=DYLD_INSERT_LIBRARIES
    library=$folder/libpinshim.dylib
    brew=$(brew --prefix)
    openssl=$brew/opt/openssl@3/bin/openssl
    python=$brew/bin/python3
    curl=$brew/opt/curl/bin/curl
    protected=/usr/bin/curl
    ;;
*)
    insert=LD_PRELOAD
    library=$folder/libpinshim.so
    openssl=/usr/bin/openssl
    python=/usr/bin/python3
    curl=/usr/bin/curl
    protected=
    ;;
esac
failed=0
servers=
stop() {
    for server in $servers; do kill "$server" 2> /dev/null; done
}
trap stop EXIT

claim() { # TEXT EXPECTED GOT
    if [ "$2" = "$3" ]; then echo "PASS $1"; else
        echo "FAIL $1: $3, not $2"
        failed=1
    fi
}

serve() { # NAME: *port
    port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$openssl" s_server -quiet -www -accept "127.0.0.1:$port" -cert "$folder/$1.pem" -key "$folder/$1.key" > /dev/null 2>&1 &
    servers="$servers $!"
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        "$python" -c "import socket; socket.create_connection(('127.0.0.1', $port), 1)" 2> /dev/null && return
        sleep 0.2
    done
    echo "FAIL a server starts"
    exit 1
}

under() { # COMMAND...: with the library
    env PINSHIM_CONFIG="$folder/policy.cdb" "$insert=$library" "$@"
}

by_command() { # as under, by the command, which compiles the policy's text in the program
    "$PINSHIM" run --config "$folder/policy.conf" -- "$@"
}

by_openssl() { # PREFIX NAME PORT
    $1 "$openssl" s_client -connect "127.0.0.1:$3" -servername "$2" -verify_hostname "$2" -verify_return_error \
        -CAfile "$folder/root.pem" < /dev/null > /dev/null 2>&1
}

by_curl() {
    $1 "${4:-$curl}" -sS -o /dev/null --max-time 10 --noproxy '*' --cacert "$folder/root.pem" --resolve "$2:$3:127.0.0.1" "https://$2:$3/" 2> /dev/null
}

by_python() {
    $1 "$python" -c '
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
with context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[3])), 10), server_hostname=sys.argv[2]) as tls:
    tls.sendall(b"GET / HTTP/1.0\r\n\r\n")
    sys.exit(b" 200 " not in tls.recv(99))
' "$folder/root.pem" "$2" "$3" 2> /dev/null
}

outcome() { # CALL...
    if "$@"; then echo connected; else echo refused; fi
}

serve pinned
pinned=$port
serve other
other=$port

under "$python" -c 'print(1)' > /dev/null 2>&1
claim "a program without a TLS library starts with the library in it" 0 $?

for client in openssl curl python; do
    case $client in
    openssl) program=$openssl ;;
    curl) program=$curl ;;
    *) program=$python ;;
    esac
    if [ ! -x "$program" ]; then
        echo "SKIP $client: no $program"
        continue
    fi
    claim "$client without the library connects to the other server" connected "$(outcome "by_$client" "" pinned.example "$other")"
    claim "$client connects to the pinned server" connected "$(outcome "by_$client" under pinned.example "$pinned")"
    claim "$client refuses another server" refused "$(outcome "by_$client" under pinned.example "$other")"
    claim "$client connects to it by a name that isn't pinned" connected "$(outcome "by_$client" under free.example "$other")"
done

if [ -n "$protected" ]; then
    claim "$protected, which macOS protects, ignores the library" connected "$(outcome by_curl under pinned.example "$other" "$protected")"
else
    echo "SKIP a program that macOS protects ignores the library"
fi

if [ -x "${PINSHIM:-}" ]; then
    "$PINSHIM" compile -o "$folder/made.cdb" "$folder/policy.conf"
    claim "the command compiles a policy" 0 $?
    claim "openssl, started by the command, connects to the pinned server" connected \
        "$(outcome by_openssl by_command pinned.example "$pinned")"
    claim "openssl, started by the command, refuses another server" refused \
        "$(outcome by_openssl by_command pinned.example "$other")"
else
    echo "SKIP the command: PINSHIM doesn't name it"
fi

if [ -x "${PINSHIM:-}" ] && [ -n "$protected" ]; then
    "$PINSHIM" run --config "$folder/policy.conf" -- "$protected" --version > /dev/null 2>&1
    claim "the command refuses $protected" 126 $?
    printf '#!/usr/bin/env python3\n' > "$folder/script"
    chmod +x "$folder/script"
    "$PINSHIM" run --config "$folder/policy.conf" -- "$folder/script" > /dev/null 2>&1
    claim "the command refuses a script that /usr/bin/env starts" 126 $?
else
    echo "SKIP the command refuses what macOS protects"
fi
exit $failed
