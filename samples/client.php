#!/usr/bin/env php
<?php
// A small HTTPS client over PHP's streams (OpenSSL): client.php HOST PORT CAFILE
// It pins nothing by itself. Under `pinshim run` connecting fails where the policy says so.
if ($argc != 4) {
    fwrite(STDERR, "usage: $argv[0] HOST PORT CAFILE\n");
    exit(2);
}
[, $host, $port, $cafile] = $argv;
$context = stream_context_create(['ssl' => ['cafile' => $cafile], 'http' => ['timeout' => 10]]);
$answer = @file_get_contents("https://$host:$port/", false, $context);
if ($answer === false) {
    fwrite(STDERR, "$host: " . error_get_last()['message'] . "\n");
    exit(1);
}
echo $answer;
