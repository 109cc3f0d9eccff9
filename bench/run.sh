#!/bin/bash
# The numbers of docs/performance.md, from one run, against an empty preload. Usage: bench/run.sh BUILD [--markdown]
# Instructions are callgrind's, and repeat; times are medians. Judges nothing: exit 1 only where it couldn't measure.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "${1:?build folder}")
style=${2:-}
tmp=$(mktemp -d)
servers=()
trap 'kill "${servers[@]}" 2> /dev/null || true; rm -rf "$tmp"' EXIT

shim=$build/libpinshim.so
empty=$tmp/empty.so
audit=$tmp/audit.so
host=a.maas360.test

[ "$style" = --markdown ] && form='| %s | %s | %s | %s |\n' || form='%-58s %-60s %-14s %s\n'
# shellcheck disable=SC2059 # one of the two above
row() { printf "$form" "$1" "$2" "$3" "$4"; } # what, measured, bound, met
met() { awk -v a="$1" -v b="$2" 'BEGIN { print a <= b ? "yes" : "no" }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.4f", a / b }'; }

callgrind() { # OPTION... COMMAND...: instructions
    valgrind --tool=callgrind --callgrind-out-file="$tmp/callgrind" "$@" 2>&1 |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

# Instructions of a command under a preload and a policy; what goes to callgrind first. A preload whose name
# is the audit library's is put in by LD_AUDIT.
count() { # PRELOAD POLICY [OPTION...] COMMAND...
    local way=LD_PRELOAD preload=$1 policy=$2
    shift 2
    [ "$preload" != "$audit" ] || way=LD_AUDIT
    (
        export "$way=$preload" PINSHIM_CONFIG="$policy"
        callgrind "$@"
    )
}

prepare() {
    echo 'int pinshim_bench_empty(void);int pinshim_bench_empty(void){return 0;}' |
        cc -O2 -shared -fPIC -xc - -o "$empty"
    cc -O2 -D_GNU_SOURCE -shared -fPIC bench/audit/audit.c -o "$audit"
    local key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
    openssl req -x509 "${key[@]}" -keyout "$tmp/ca.key" -out "$tmp/ca.pem" -days 30 -subj /CN=ca 2> /dev/null
    openssl req "${key[@]}" -keyout "$tmp/s.key" -out "$tmp/s.csr" -subj /CN=$host 2> /dev/null
    echo "subjectAltName=DNS:$host" > "$tmp/ext"
    openssl x509 -req -in "$tmp/s.csr" -CA "$tmp/ca.pem" -CAkey "$tmp/ca.key" -days 30 -extfile "$tmp/ext" \
        -out "$tmp/s.pem" 2> /dev/null
    policy unpinned other.maas360.test s.pem
    policy leaf $host s.pem
    policy ca $host ca.pem
    local n
    for n in 10 1000 1000000; do
        awk -v count=$n -f bench/policy.awk > "$tmp/$n.conf"
    done
    compile "$tmp/10.conf" "$tmp/10.cdb"
    compile "$tmp/1000.conf" "$tmp/1000.cdb"
    mkdir -p "$tmp/personas/persona.d"
    cp "$tmp/1000.conf" "$tmp/personas/pinshim.conf"
    for n in one two three; do
        echo "persona = { name = \"$n\"; user_groups = [\"$(id -gn)\"]; };" > "$tmp/personas/persona.d/$n.conf"
    done
    compile "$tmp/personas/pinshim.conf" "$tmp/personas.cdb"
}

compile() { # POLICY IMAGE: warnings are for their author
    "$build/pinshim" compile -o "$2" "$1" 2> /dev/null
}

policy() { # NAME HOST CERTIFICATE
    printf 'version = 1;\ndomains = ( { name = "%s"; certificates = ["%s"]; } );\n' "$2" "$3" > "$tmp/$1.conf"
    compile "$tmp/$1.conf" "$tmp/$1.cdb"
}

# A TLS server that answers a GET with a page, on a port of the system's choice, which goes into `port`.
serve() {
    openssl s_server -accept 127.0.0.1:0 -cert "$tmp/s.pem" -key "$tmp/s.key" -num_tickets 0 -www \
        > "$tmp/server" 2> /dev/null < <(exec sleep 600) &
    servers+=($!)
    for _ in $(seq 100); do
        port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$tmp/server")
        [ -z "$port" ] || return 0
        read -r -t 0.1 < /dev/zero || true
    done
    echo "bench: the server didn't start" >&2
    exit 1
}

start_up() {
    local base shimmed audited
    base=$(count "$empty" "" /bin/true)
    shimmed=$(count "$shim" "$tmp/personas.cdb" /bin/true)
    audited=$(count "$audit" "" /bin/true)
    row "start-up of /bin/true, policy of 1,000 domains, 3 personas" "$shimmed over $base instructions: $(ratio "$shimmed" "$base")" \
        "1.15" "$(met "$(ratio "$shimmed" "$base")" 1.15)"
    row "start-up under LD_AUDIT, in comparison" "$audited over $base instructions: $(ratio "$audited" "$base")" - -
}

# Counted within shake_hands alone: at the end of a process malloc may merge its free chunks once, or not, for
# 140,000 instructions, by chance, which would be a difference of 0.3 % to each of eight.
handshake() { # CLIENT PRELOAD POLICY: instructions of one, from the difference of 9 and 1
    local one nine within=--toggle-collect=shake_hands
    one=$(count "$2" "$3" $within "$build/bench/$1" "$port" $host "$tmp/ca.pem" 1)
    nine=$(count "$2" "$3" $within "$build/bench/$1" "$port" $host "$tmp/ca.pem" 9)
    echo $(((nine - one) / 8))
}

pair() { # PRELOAD POLICY: instructions of a write and a read
    local few many
    few=$(count "$1" "$2" "$build/bench/client" "$port" $host "$tmp/ca.pem" 1 100)
    many=$(count "$1" "$2" "$build/bench/client" "$port" $host "$tmp/ca.pem" 1 1100)
    echo $(((many - few) / 1000))
}

handshakes() { # CLIENT LIBRARY
    local base measured what bound
    base=$(handshake "$1" "$empty" "")
    for what in unpinned:1.002 leaf:1.005 ca:1.005; do
        bound=${what#*:} what=${what%:*}
        measured=$(handshake "$1" "$shim" "$tmp/$what.cdb")
        row "handshake of $2, $what" "$measured over $base instructions: $(ratio "$measured" "$base")" "$bound" \
            "$(met "$(ratio "$measured" "$base")" "$bound")"
    done
    [ "$1" = client ] || return 0
    measured=$(handshake "$1" "$audit" "")
    row "handshake under LD_AUDIT, in comparison" "$measured over $base instructions: $(ratio "$measured" "$base")" - -
    curls
}

curl_handshake() { # PRELOAD POLICY [OPTION...]: instructions of one, from the difference of 33 requests and 1
    local preload=$1 policy=$2 url=https://$host:$port/ one many
    local -a command=(curl -s -o /dev/null --cacert "$tmp/ca.pem" --resolve "$host:$port:127.0.0.1")
    shift 2
    one=$(count "$preload" "$policy" "${command[@]}" "$@" "$url")
    many=$(count "$preload" "$policy" "${command[@]}" "$@" "$url?[1-33]")
    echo $(((many - one) / 32))
}

# The program's own pinning, and ours, of the same key.
curls() {
    local base own ours pin
    pin=$("$build/pinshim" pin "$tmp/s.pem" | cut -d ' ' -f 1)
    base=$(curl_handshake "$empty" "")
    own=$(curl_handshake "$empty" "" --pinnedpubkey "$pin")
    ours=$(curl_handshake "$shim" "$tmp/leaf.cdb")
    row "a request of curl, --pinnedpubkey, in comparison" "$own over $base instructions: $(ratio "$own" "$base")" - -
    row "a request of curl, pinned by pinshim" "$ours over $base instructions: $(ratio "$ours" "$base")" - -
}

pairs() {
    local base measured what
    base=$(pair "$empty" "")
    for what in unpinned leaf ca; do
        measured=$(($(pair "$shim" "$tmp/$what.cdb") - base))
        row "write and read, $what" "$measured instructions more than $base" "5" "$(met $measured 5)"
    done
}

# By the processor's time: the clock's is up to what else the machine does.
compile_million() {
    local seconds clock kilobytes
    read -r seconds clock kilobytes < <(/usr/bin/python3 - "$build/pinshim" compile -o "$tmp/1000000.cdb" "$tmp/1000000.conf" << 'END'
import resource, subprocess, sys, time
start = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
clock = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{used.ru_utime + used.ru_stime:.2f} {clock:.2f} {used.ru_maxrss}")
END
    )
    row "compile 1,000,000 domains" "$seconds s of the processor's ($clock s), $((kilobytes / 1024)) MB" "5 s, 500 MB" \
        "$(awk -v s="$seconds" -v k="$kilobytes" 'BEGIN { print s <= 5 && k <= 512000 ? "yes" : "no" }')"
}

# Names of the policy, spread over it, 1,000 at the most.
names() { # DOMAINS
    awk -v domains="$1" 'BEGIN {
        count = domains < 1000 ? domains : 1000
        for (i = 0; i < count; i++) printf "h%d.maas360.test\n", int(i * domains / count)
    }'
}

look_ups() {
    local n base=0 each cold warm
    for n in 10 1000 1000000; do
        names $n > "$tmp/names"
        each=$(callgrind --toggle-collect=rule_resolve "$build/bench/lookup" "$tmp/$n.cdb" "$tmp/names" 1 found)
        each=$((each / $(wc -l < "$tmp/names")))
        [ $base -ne 0 ] || base=$each
        read -r cold warm < <("$build/bench/lookup" "$tmp/$n.cdb" "$tmp/names" 1000 found)
        row "look-up, $n domains" "$each instructions ($(ratio $each $base) of 10's), $warm ns ($cold ns untouched)" \
            "1.5, 1000 ns" "$(awk -v r="$(ratio $each $base)" -v w="$warm" 'BEGIN { print r <= 1.5 && w <= 1000 ? "yes" : "no" }')"
    done
}

memory() { # PRELOAD POLICY CONNECTIONS: private kB of the process; of a connection, bytes of that and of the heap
    env LD_PRELOAD="$1" PINSHIM_CONFIG="$2" "$build/bench/memory" "$tmp/s.pem" "$tmp/s.key" "$tmp/ca.pem" $host "$3"
}

memories() {
    local base measured what least
    read -r _ _ base < <(memory "$empty" "" 10000)
    for what in unpinned leaf; do
        read -r _ _ measured < <(memory "$shim" "$tmp/$what.cdb" 10000)
        measured=$((measured - base))
        row "memory a connection, $what (of 10,000)" "$measured B more than $base B" "256 B" "$(met $measured 256)"
    done
    least=$(private 10)
    measured=$(private 1000000)
    row "private memory, 1,000,000 domains over 10" "$((measured - least)) kB more than $least kB" "32 kB" \
        "$(met $((measured - least)) 32)"
}

private() { # DOMAINS: the least of three runs, kB
    local _
    for _ in 1 2 3; do memory "$shim" "$tmp/$1.cdb" 101; done | sort -n | head -1 | cut -d ' ' -f 1
}

seconds() { # COMMAND...: the median of five runs
    local _ begin
    for _ in 1 2 3 4 5; do
        begin=$(date +%s%N)
        "$@" > /dev/null 2>&1 || true # doctor's status is about what it found
        echo $(($(date +%s%N) - begin))
    done | sort -n | awk 'NR == 3 { printf "%.3f", $1 / 1e9 }'
}

protected() { "$build/pinshim" status --json | jq 'map(select(.state == "yes")) | length'; }

# With 300 programs under the library, beside whatever else this host runs.
looks() {
    local waiting=() took all _
    mkfifo "$tmp/hold"
    exec 9<> "$tmp/hold"
    for _ in $(seq 300); do
        LD_PRELOAD=$shim PINSHIM_CONFIG=$tmp/leaf.cdb openssl dgst < "$tmp/hold" > /dev/null 9>&- &
        waiting+=($!)
    done
    for _ in $(seq 20); do
        [ "$(protected)" -lt 300 ] || break # they have started
    done
    all=$("$build/pinshim" status --json | jq length)
    took=$(seconds "$build/pinshim" status)
    row "status, $all processes, $(protected) of them protected" "$took s" "1 s" "$(met "$took" 1)"
    exec 9>&- # they end
    wait "${waiting[@]}"
    all=$("$build/pinshim" doctor --all 2> /dev/null | sed -n 's/^\([0-9]*\) programs.*/\1/p')
    took=$(seconds "$build/pinshim" doctor --all)
    row "doctor --all, $all programs" "$took s" "10 s" "$(met "$took" 10)"
}

prepare
serve
row what measured bound met
[ "$style" != --markdown ] || row --- --- --- ---
start_up
handshakes client OpenSSL
pairs
handshakes gnutls GnuTLS
handshakes nss NSS
compile_million
look_ups
memories
looks
