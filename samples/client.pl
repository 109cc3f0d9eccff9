#!/usr/bin/env perl
# A small HTTPS client over IO::Socket::SSL (OpenSSL): client.pl HOST PORT CAFILE
# It pins nothing by itself. Under `pinshim run` connecting fails where the policy says so.
use strict;
use warnings;
use IO::Socket::SSL;

if (@ARGV != 3) {
    print STDERR "usage: $0 HOST PORT CAFILE\n";
    exit 2;
}
my ($host, $port, $cafile) = @ARGV;
my $server = IO::Socket::SSL->new(
    PeerHost     => $host,
    PeerPort     => $port,
    SSL_ca_file  => $cafile,
    SSL_hostname => $host,
    Timeout      => 10,
);
if (!$server) {
    print STDERR "$host: $SSL_ERROR\n";
    exit 1;
}
print $server "GET / HTTP/1.0\r\nHost: $host\r\n\r\n";
print while <$server>;
