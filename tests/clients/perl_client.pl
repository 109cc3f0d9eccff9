#!/usr/bin/perl
# Sends a secret over IO::Socket::SSL, and prints what comes back.
#
# usage: perl_client.pl HOST PORT BUNDLE SECRET TLSv1_2|TLSv1_3 VERIFY-MODE
use strict;
use warnings;
use IO::Socket::SSL;

my ($host, $port, $bundle, $secret, $version, $verify) = @ARGV;
my $tls = IO::Socket::SSL->new(
    PeerAddr            => '127.0.0.1',
    PeerPort            => $port,
    Timeout             => 10,
    SSL_hostname        => $host,
    SSL_verifycn_scheme => 'http',
    SSL_verifycn_name   => $host,
    SSL_verify_mode     => $verify,
    SSL_ca_file         => $bundle,
    SSL_version         => $version,
) or die "connection failed: $SSL_ERROR\n";
print $tls "GET /$secret HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n\r\n";
print while <$tls>;
close $tls;
