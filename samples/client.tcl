#!/usr/bin/env tclsh
# A small HTTPS client over tcltls (OpenSSL): client.tcl HOST PORT CAFILE
# It pins nothing by itself, and tcltls looks at a certificate's chain, not at its name. Under `pinshim run` the handshake
# fails where the policy says so.
package require tls

if {$argc != 3} {
    puts stderr "usage: $argv0 HOST PORT CAFILE"
    exit 2
}
lassign $argv host port cafile
try {
    set server [tls::socket -servername $host -cafile $cafile -require 1 $host $port]
    fconfigure $server -translation binary
    tls::handshake $server
    puts -nonewline $server "GET / HTTP/1.0\r\nHost: $host\r\n\r\n"
    flush $server
    puts -nonewline [read $server]
} on error message {
    puts stderr "$host: $message"
    exit 1
}
