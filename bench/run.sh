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
host=a.maas360.test

[ "$style" = --markdown ] && form='| %s | %s | %s | %s |\n' || form='%-58s %-60s %-14s %s\n'
# shellcheck disable=SC2059 # one of the two above
row() { printf "$form" "$1" "$2" "$3" "$4"; } # what, measured, bound, met
met() { awk -v a="$1" -v b="$2" 'BEGIN { print a <= b ? "yes" : "no" }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.4f", a / b }'; }

# Instructions of a command under a preload and a policy: count PRELOAD POLICY COMMAND...
count() {
    local preload=$1 policy=$2
    shift 2
    env LD_PRELOAD="$preload" PINSHIM_CONFIG="$policy" valgrind --tool=callgrind \
        --callgrind-out-file="$tmp/callgrind" "$@" 2>&1 | sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

prepare() {
    echo 'int pinshim_bench_empty(void);int pinshim_bench_empty(void){return 0;}' |
        cc -O2 -shared -fPIC -xc - -o "$empty"
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
    local base shimmed
    base=$(count "$empty" "" /bin/true)
    shimmed=$(count "$shim" "$tmp/personas.cdb" /bin/true)
    row "start-up of /bin/true, policy of 1,000 domains, 3 personas" "$shimmed over $base instructions: $(ratio "$shimmed" "$base")" \
        "1.15" "$(met "$(ratio "$shimmed" "$base")" 1.15)"
}

handshake() { # CLIENT PRELOAD POLICY: instructions of one, from the difference of 9 and 1
    local one nine
    one=$(count "$2" "$3" "$build/bench/$1" "$port" $host "$tmp/ca.pem" 1)
    nine=$(count "$2" "$3" "$build/bench/$1" "$port" $host "$tmp/ca.pem" 9)
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
}

pairs() {
    local base measured what
    base=$(pair "$empty" "")
    for what in unpinned leaf ca; do
        measured=$(($(pair "$shim" "$tmp/$what.cdb") - base))
        row "write and read, $what" "$measured instructions more than $base" "5" "$(met $measured 5)"
    done
}

compile_million() {
    local seconds kilobytes
    read -r seconds kilobytes < <(/usr/bin/python3 - "$build/pinshim" compile -o "$tmp/1000000.cdb" "$tmp/1000000.conf" << 'END'
import resource, subprocess, sys, time
start = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(f"{time.monotonic() - start:.2f}", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
END
    )
    row "compile 1,000,000 domains" "$seconds s, $((kilobytes / 1024)) MB" "5 s, 500 MB" \
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
        each=$(valgrind --tool=callgrind --callgrind-out-file="$tmp/callgrind" --toggle-collect=rule_resolve \
            "$build/bench/lookup" "$tmp/$n.cdb" "$tmp/names" 1 found 2>&1 | sed -n 's/.*Collected : \([0-9]*\).*/\1/p')
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
