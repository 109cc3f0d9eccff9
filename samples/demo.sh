#!/bin/bash
# Shows what pinshim does to real programs: curl, python3 and openssl (OpenSSL), wget and git (GnuTLS), a genuine server
# (nginx) and a man in the middle (mitmproxy) whose authority they trust, so that only the pin can tell.
# At the end the server's key is rotated, before pinshim-agent (root alone).
# Usage: samples/demo.sh [BUILD [CLIENT...]]
# Exit 0 only if every step went as it says. Everything runs on loopback, in a temporary folder, as the user who starts it.
set -euo pipefail
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY # curl would obey them

build=$(realpath "${1:-build}")
clients=("${@:2}")
[ ${#clients[@]} -gt 0 ] || clients=(curl python3 openssl wget git)
pinshim=$build/pinshim
host=portal.maas360.test
secret=enrolment-token-4711
tmp=$(mktemp -d)
chmod 755 "$tmp" # nginx's workers aren't root
servers=()
clean() {
    kill "${servers[@]}" 2> /dev/null || true
    wait 2> /dev/null || true
    rm -rf "$tmp"
}
trap clean EXIT

bold='' green='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi
failures=0
title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
passed() { printf '  %sok%s      %s\n' "$green" "$plain" "$*"; }
failed() {
    printf '  %sFAILED%s  %s\n' "$red" "$plain" "$*"
    sed 's/^/          | /' "$tmp/output"
    failures=$((failures + 1))
}

free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

wait_for() { # PORT: until something listens there
    for _ in $(seq 200); do
        if (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; then return; fi
        sleep 0.05
    done
    echo "demo: nothing listens on port $1" >&2
    cat "$tmp"/*.log >&2 || true
    exit 1
}

make_keys() {
    cd "$tmp"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=Genuine root" \
        -keyout root.key -out root.pem
    echo "subjectAltName=DNS:$host,DNS:localhost" > extensions
    for key in server next; do
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$host" -keyout $key.key -out $key.csr
        openssl x509 -req -in $key.csr -CA root.pem -CAkey root.key -days 2 -extfile extensions -out $key.pem
    done
} 2> /dev/null

# What git is asked for: a repository whose one branch says it all.
make_repository() {
    local git=(git -c user.name=demo -c user.email=demo@localhost "--git-dir=$tmp/demo.git")
    git init -q --bare "$tmp/demo.git"
    "${git[@]}" update-ref refs/heads/welcome-from-the-genuine-server \
        "$("${git[@]}" commit-tree -m demo "$("${git[@]}" hash-object -t tree -w /dev/null)")"
    "${git[@]}" update-server-info
}

start_genuine() {
    cat > "$tmp/nginx.conf" << END
daemon off; pid $tmp/nginx.pid; error_log $tmp/nginx.log;
events { }
http {
    access_log off;
    client_body_temp_path $tmp/body; proxy_temp_path $tmp/proxy; fastcgi_temp_path $tmp/fastcgi;
    uwsgi_temp_path $tmp/uwsgi; scgi_temp_path $tmp/scgi;
    server {
        listen 127.0.0.1:$genuine ssl;
        ssl_certificate $tmp/server.pem; ssl_certificate_key $tmp/server.key;
        location /demo.git/ { root $tmp; }
        location /site/ { root $tmp; }
        location / { return 200 "welcome from the genuine server\n"; }
    }
}
END
    "$(PATH=$PATH:/usr/sbin command -v nginx)" -c "$tmp/nginx.conf" -e "$tmp/nginx.log" &
    servers+=($!)
    wait_for "$genuine"
}

# Between the program and the genuine server; what it reads of the program goes into $tmp/stolen.
start_attacker() {
    cat > "$tmp/steal.py" << END
def request(flow):
    with open("$tmp/stolen", "ab") as stolen:
        stolen.write(b"%s %s\\n%s\\n" % (flow.request.data.method, flow.request.data.path, bytes(flow.request.headers)))
END
    : > "$tmp/stolen"
    mitmdump -q --set confdir="$tmp/mitmproxy" --mode "reverse:https://127.0.0.1:$genuine" --ssl-insecure \
        --listen-host 127.0.0.1 --listen-port "$attacker" -s "$tmp/steal.py" > "$tmp/mitmproxy.log" 2>&1 &
    servers+=($!)
    wait_for "$attacker"
    cat "$tmp/root.pem" "$tmp/mitmproxy/mitmproxy-ca-cert.pem" > "$tmp/trusted.pem"
}

write_policies() {
    local pin
    pin=$("$pinshim" pin "$tmp/server.pem" | cut -d ' ' -f 1)
    mkdir -p "$tmp/plain" "$tmp/inspected/persona.d"
    cat > "$tmp/plain/pinshim.conf" << END
version = 1;
domains = ( { name = "$host"; pins = ["$pin"]; }, { name = "localhost"; pins = ["$pin"]; } );
events = { file = "$tmp/events.jsonl"; syslog = false; };
END
    cp "$tmp/plain/pinshim.conf" "$tmp/inspected/"
    cat > "$tmp/inspected/persona.d/office.conf" << END
persona = {
  name = "Office";
  workplace = { security = { use_ssl_inspection_in_corporate_network = {
    enabled = true; proxy_certificates = ["$tmp/mitmproxy/mitmproxy-ca-cert.pem"];
  }; }; };
};
END
    cat > "$tmp/client.py" << END
import http.client, socket, ssl, sys
host, port = "$host", int(sys.argv[1])
connection = http.client.HTTPSConnection(host, port, context=ssl.create_default_context(cafile="$tmp/trusted.pem"))
connection._create_connection = lambda address, *rest: socket.create_connection(("127.0.0.1", port), 10)
connection.request("GET", "/", headers={"X-Token": "$secret"})
print(connection.getresponse().read().decode())
END
    printf 'GET / HTTP/1.0\r\nHost: %s\r\nX-Token: %s\r\n\r\n' $host $secret > "$tmp/request"
}

# The command line of a client for a port, as one word list in `client`; whom it asks for, in `asked`.
client_for() { # NAME PORT
    asked=$host
    case $1 in
    curl) client=(curl -sS -m 10 --cacert "$tmp/trusted.pem" --resolve "$host:$2:127.0.0.1" -H "X-Token: $secret"
        "https://$host:$2/") ;;
    python3) client=(/usr/bin/python3 "$tmp/client.py" "$2") ;;
    openssl) client=(openssl s_client -quiet -verify_return_error -CAfile "$tmp/trusted.pem" -servername "$host"
        -connect "127.0.0.1:$2") ;;
    wget) # knows no way to say where a name is
        asked=localhost
        client=(wget -q -O - --no-config --tries=1 --timeout=10 "--ca-certificate=$tmp/trusted.pem"
            "--header=X-Token: $secret" "https://localhost:$2/") ;;
    git) # its environment comes before its configuration
        export "GIT_SSL_CAINFO=$tmp/trusted.pem"
        client=(git -c "http.curloptResolve=$host:$2:127.0.0.1"
        -c "http.extraHeader=X-Token: $secret" ls-remote "https://$host:$2/demo.git") ;;
    esac
}

# Runs words, output and errors into $tmp/output; the request stands ready for a client that reads it.
attempt() {
    : > "$tmp/stolen"
    status=0
    timeout 20 "$@" < "$tmp/request" > "$tmp/output" 2>&1 || status=$?
    stolen=$(wc -c < "$tmp/stolen")
}

# The same on a terminal of its own, where one can be had: the shim's message is for people.
if script -qec true /dev/null > /dev/null 2>&1 < /dev/null; then terminal=yes; else terminal=no; fi
attempt_for_a_person() {
    local words
    if [ $terminal = no ]; then
        attempt "$@"
        return
    fi
    words=$(printf '%q ' "$@")
    attempt script -qec "$words < $tmp/request" /dev/null
}

# The person was told, and the event was logged.
told() {
    grep -q untrusted-connection "$tmp/events.jsonl" &&
        { [ $terminal = no ] || grep -aq "pinshim: Untrusted connection: $asked" "$tmp/output"; }
}

welcomed() { grep -q "welcome.from.the.genuine.server" "$tmp/output"; }
run() { words=("$pinshim" run --config "$tmp/$1/pinshim.conf" --); }

genuine=$(free_port)
attacker=$(free_port)
title "Setting up: nginx as $host, mitmproxy between it and the programs"
make_keys
make_repository
start_genuine
start_attacker
write_policies
echo "  The programs trust the genuine root and the attacker's: their own verification can't tell them apart."
echo "  The policy pins $host to the genuine server's key:"
sed -n 's/^domains = /    /p' "$tmp/plain/pinshim.conf"

for name in "${clients[@]}"; do
    title "$name"
    client_for "$name" "$genuine"
    run plain
    attempt "${words[@]}" "${client[@]}"
    if welcomed; then passed "with pinshim, the genuine server: connects"; else
        failed "with pinshim, the genuine server: did not connect (status $status)"
    fi

    client_for "$name" "$attacker"
    attempt "${client[@]}"
    if welcomed && grep -q $secret "$tmp/stolen"; then
        passed "without pinshim, a man in the middle: connects, and he has read \"$(grep -aom 1 $secret "$tmp/stolen")\""
    else
        failed "without pinshim, a man in the middle: the attack itself does not work (status $status)"
    fi

    run plain
    rm -f "$tmp/events.jsonl"
    attempt_for_a_person "${words[@]}" "${client[@]}"
    if welcomed || [ "$stolen" -ne 0 ] || ! told; then
        failed "with pinshim, a man in the middle: not terminated, or not told; $stolen bytes leaked"
    else
        passed "with pinshim, a man in the middle: terminated, $stolen bytes leaked"
        tr -d '\r' < "$tmp/output" | grep -aE "Untrusted connection|certificate rejected|certificate verif" |
            cut -c 1-110 | sed 's/^/            /' || true
    fi

    run inspected
    attempt "${words[@]}" "${client[@]}"
    if welcomed && grep -q proxy-used "$tmp/events.jsonl"; then
        passed "with pinshim and the proxy's root in a persona: connects through the proxy"
    else
        failed "with pinshim and the proxy's root in a persona: did not connect (status $status)"
    fi
done

# A machine of its own, as a mount namespace: what stands there for /etc, /var/lib and /run is a folder.
# shellcheck disable=SC2016 # for the inner shell to expand
on_machine=(unshare -m sh -ec 'for place in etc var/lib run; do mount --bind "$0/$place" "/$place"; done; exec "$@"' "$tmp/machine")

# The bundle of a policy that pins one key, where the genuine server has it for the agent.
publish() { # VERSION PIN
    mkdir -p "$tmp/publisher" "$tmp/site"
    cat > "$tmp/publisher/pinshim.conf" << END
version = 1;
domains = ( { name = "$host"; pins = ["$2"]; } );
events = { file = "$tmp/machine/log/events.jsonl"; syslog = false; };
END
    "$pinshim" bundle create -o "$tmp/site/next" --version "$1" --expires 2099-12-31 --key "$tmp/signing.key" \
        "$tmp/publisher" 2> "$tmp/output" # it warns of a policy without a spare pin
    mv "$tmp/site/next" "$tmp/site/bundle"
}

start_agent() {
    mkdir -p "$tmp/machine/var/lib/pinshim" "$tmp/machine/run" "$tmp/machine/log" "$tmp/machine/bin"
    chmod 777 "$tmp/machine/log" # the agent that keeps events isn't root
    cp -a /etc "$tmp/machine/etc"
    cat "$tmp/trusted.pem" > "$tmp/machine/etc/ssl/certs/ca-certificates.crt"
    mkdir -p "$tmp/machine/etc/pinshim"
    cat > "$tmp/machine/etc/pinshim/pinshim.conf" << END
version = 1;
domains = ();
agent = { url = "https://localhost:$genuine/site/bundle"; public_key = "$("$pinshim" bundle key "$tmp/signing.pub")"; };
END
    cp "$build/pinshim-agent" "$build/libpinshim.so" "$tmp/machine/bin/" # where a user without privileges may read them
    "${on_machine[@]}" "$tmp/machine/bin/pinshim-agent" > "$tmp/agent.log" 2>&1 &
    servers+=($!)
    for _ in $(seq 200); do
        [ ! -e "$tmp/machine/var/lib/pinshim/policy.cdb" ] || return 0
        sleep 0.05
    done
    cat "$tmp/agent.log" >&2
    return 1
}

# The genuine server has the key that was kept for it.
rotate_key() {
    cp "$tmp/next.pem" "$tmp/server.pem"
    cp "$tmp/next.key" "$tmp/server.key"
    kill -HUP "$(cat "$tmp/nginx.pid")"
    for _ in $(seq 200); do
        ! "$pinshim" pin --cafile "$tmp/root.pem" "localhost:$genuine" 2> /dev/null | grep -qF "$1" || return 0
        sleep 0.05
    done
    return 1
}

play_rotation() {
    local next
    openssl genpkey -algorithm ed25519 -out "$tmp/signing.key"
    openssl pkey -in "$tmp/signing.key" -pubout -out "$tmp/signing.pub"
    next=$("$pinshim" pin "$tmp/next.pem" | cut -d ' ' -f 1)
    publish 1 "$("$pinshim" pin "$tmp/server.pem" | cut -d ' ' -f 1)"
    start_agent
    publish 20 "$next"
    rotate_key "$next"

    client_for curl "$genuine"
    attempt "${on_machine[@]}" "$pinshim" run -- "${client[@]}"
    if welcomed && grep -q '"event":"refresh".*"detail":"installed"' "$tmp/machine/log/events.jsonl"; then
        passed "the first connection has the agent fetch the next pin, and goes through"
    else
        failed "the first connection did not go through (status $status)"
    fi
    client_for curl "$attacker"
    attempt "${on_machine[@]}" "$pinshim" run -- "${client[@]}"
    if welcomed || [ "$stolen" -ne 0 ] || ! grep -q untrusted-connection "$tmp/machine/log/events.jsonl"; then
        failed "a man in the middle: not terminated, or not told; $stolen bytes leaked"
    else
        passed "a man in the middle: still terminated, 0 bytes leaked, an event logged by the agent"
    fi
}

title "The server's key is rotated, and pinshim-agent knows where the next pin is"
if [ "$(id -u)" -eq 0 ] && unshare -m true 2> /dev/null; then
    play_rotation
else
    echo "  left out: needs root, and mount namespaces"
fi

if [ $failures -eq 0 ]; then
    title "Every step went as it should."
else
    title "$failures steps did not go as they should."
    exit 1
fi
