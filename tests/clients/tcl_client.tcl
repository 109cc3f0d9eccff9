# Sends a secret by tcltls, and prints what comes back.
#
# usage: tclsh tcl_client.tcl HOST PORT BUNDLE SECRET 1|0 (a certificate is required)
#
# HOST is sought at 127.0.0.1. A failed connection is an error and status 1.
package require tls

lassign $argv host port bundle secret required
set connection [tls::socket -servername $host -cafile $bundle -require $required 127.0.0.1 $port]
fconfigure $connection -translation binary
tls::handshake $connection
puts -nonewline $connection "GET /$secret HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n\r\n"
flush $connection
puts [read $connection]
close $connection
