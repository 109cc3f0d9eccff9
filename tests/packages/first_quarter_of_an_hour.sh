#!/bin/bash
# A stranger's first quarter of an hour, in an empty Debian: the packages, a server, a policy that is tried and enforced, a
# key that is rotated, the off switch, and away with it. What is typed is printed, and what comes of it, with the time.
# Ends with 1 at the first surprise. It installs and removes packages: for a root of its own (test_first_quarter.py).
# Usage: first_quarter_of_an_hour.sh FOLDER PORT PORT, with the packages in FOLDER.
set -uo pipefail

folder=$1 PORT=$2 MITM=$3
export PORT MITM DEBIAN_FRONTEND=noninteractive
began=$(date +%s)
output=$(mktemp)
trap 'rm -f "$output"; [ ! -e /root/pinning/nginx.pid ] || kill "$(cat /root/pinning/nginx.pid)"' EXIT

chapter() { printf '\n== %s (%s s)\n' "$1" $(($(date +%s) - began)); }

surprise() {
    printf 'SURPRISE: %s\n' "$1"
    exit 1
}

# Runs a line as a person types it; its status in `status`.
run() {
    printf '\n# %s\n' "$1"
    status=0
    eval "$1" > "$output" 2>&1 || status=$?
    tail -n 12 "$output"
    ! grep -q 'cannot be preloaded' "$output" || surprise "the loader complains"
}

works() { # LINE [WHAT IT SAYS]
    run "$1"
    [ $status -eq 0 ] || surprise "status $status"
    [ $# -eq 1 ] || grep -q -- "$2" "$output" || surprise "no '$2' in it"
}

fails() { # LINE WHAT IT SAYS
    run "$1"
    [ $status -ne 0 ] || surprise "that should have failed"
    grep -q -- "$2" "$output" || surprise "no '$2' in it"
    ! grep -q 'got you' "$output" || surprise "the man in the middle was believed"
}

policy() { # ACTION PIN SWITCH
    cat << END
cat > /etc/pinshim/pinshim.conf << CONF
version = 1;
ssl_certificate_pinning = "$3";
action = "$1";
events = { file = "/var/log/pinshim/events.jsonl"; };
domains = (
  { name = "localhost"; pins = ["$2"]; }
);
CONF
END
}

chapter "Install"
works "apt-get install -y $folder/*.deb"
works "apt-get install -y --no-install-recommends curl wget openssl nginx-light"
works "pinshim --version" "pinshim "
[ ! -e /etc/ld.so.preload ] || surprise "the packages alone have changed every program"

chapter "A server, and somebody else with a certificate for the same name from the same authority"
mkdir -p /root/pinning
works "cd /root/pinning && echo subjectAltName=DNS:localhost > san"
works "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=Demo CA' -keyout ca.key -out ca.pem"
for who in server mitm next; do
    works "openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout $who.key -out $who.csr"
    works "openssl x509 -req -in $who.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile san -out $who.pem"
done
works "cat > nginx.conf << END
pid /root/pinning/nginx.pid;
error_log /root/pinning/error.log;
events { }
http {
    access_log off;
    ssl_session_cache off;
    server { listen $PORT ssl; ssl_certificate server.pem; ssl_certificate_key server.key; return 200 \"hello\n\"; }
    server { listen $MITM ssl; ssl_certificate mitm.pem; ssl_certificate_key mitm.key; return 200 \"got you\n\"; }
}
END"
works "/usr/sbin/nginx -c /root/pinning/nginx.conf"
works "curl -sS --cacert ca.pem https://localhost:\$MITM/" "got you"

chapter "A policy, to try first"
works "pinshim pin --cafile ca.pem localhost:\$PORT" "sha256//"
pin=$(pinshim pin server.pem | cut -d ' ' -f 1)
works "$(policy report "$pin" all-devices)"
works "pinshim check"
works "pinshim compile"
works "pinshim run -- curl -sS --cacert ca.pem https://localhost:\$PORT/" hello
works "pinshim run -- curl -sS --cacert ca.pem https://localhost:\$MITM/" "got you"
works "pinshim log" would-terminate

chapter "Enforced, for what pinshim starts"
works "$(policy terminate "$pin" all-devices)"
works "pinshim compile"
works "pinshim run -- curl -sS --cacert ca.pem https://localhost:\$PORT/" hello
works "pinshim run -- wget -q -O - --ca-certificate=ca.pem https://localhost:\$PORT/" hello
fails "pinshim run -- curl -sS --cacert ca.pem https://localhost:\$MITM/" "curl: (60) SSL"
fails "pinshim run -- wget -O - --ca-certificate=ca.pem https://localhost:\$MITM/" "certificate"
works "pinshim log" untrusted-connection
works "curl -sS --cacert ca.pem https://localhost:\$MITM/" "got you"

chapter "Enforced, for every program"
works "pinshim install-preload"
works "curl -sS --cacert ca.pem https://localhost:\$PORT/" hello
fails "curl -sS --cacert ca.pem https://localhost:\$MITM/" "curl: (60) SSL"
fails "wget -O - --ca-certificate=ca.pem https://localhost:\$MITM/" "certificate"
works "pinshim status --tls"
works "pinshim explain --connect localhost:\$PORT"

chapter "The server's key is rotated"
works "cp next.pem server.pem && cp next.key server.key && kill -HUP \$(cat nginx.pid)"
next=$(pinshim pin next.pem | cut -d ' ' -f 1)
for _ in $(seq 100); do # until nginx has taken it up
    curl -s --cacert ca.pem "https://localhost:$PORT/" > /dev/null || break
    sleep 0.1
done
fails "curl -sS --cacert ca.pem https://localhost:\$PORT/" "curl: (60) SSL"
works "$(policy terminate "$next" all-devices)"
works "pinshim compile"
works "curl -sS --cacert ca.pem https://localhost:\$PORT/" hello
fails "curl -sS --cacert ca.pem https://localhost:\$MITM/" "curl: (60) SSL"

chapter "The off switch"
works "$(policy terminate "$next" off)"
works "pinshim compile"
works "curl -sS --cacert ca.pem https://localhost:\$MITM/" "got you"

chapter "Away with it"
works "apt-get purge -y pinshim pinshim-agent libpinshim0" "taking the library out of /etc/ld.so.preload"
[ ! -e /etc/ld.so.preload ] || surprise "/etc/ld.so.preload is there still"
[ ! -e /var/lib/pinshim ] || surprise "/var/lib/pinshim is there still"
works "curl -sS --cacert ca.pem https://localhost:\$MITM/" "got you"
works "rm -r /etc/pinshim"

chapter "Nothing has been a surprise"
