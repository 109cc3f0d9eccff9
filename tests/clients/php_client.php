<?php
// Sends a secret by a stream or by the curl extension, and prints what comes back.
//
// usage: php php_client.php stream|curl HOST PORT BUNDLE SECRET verify|trust
//
// HOST is sought at 127.0.0.1. A failed connection is a message and status 1.

function by_stream($host, $port, $bundle, $secret, $verify)
{
    $context = stream_context_create([
        'http' => [
            'method' => 'POST',
            'header' => ["Host: $host", 'Content-Type: text/plain'],
            'content' => $secret,
            'timeout' => 10,
        ],
        'ssl' => [
            'peer_name' => $host,
            'cafile' => $bundle,
            'verify_peer' => $verify,
            'verify_peer_name' => $verify,
        ],
    ]);
    return file_get_contents("https://127.0.0.1:$port/", false, $context);
}

function by_curl($host, $port, $bundle, $secret, $verify)
{
    $curl = curl_init("https://$host:$port/");
    curl_setopt_array($curl, [
        CURLOPT_RESOLVE => ["$host:$port:127.0.0.1"],
        CURLOPT_CAINFO => $bundle,
        CURLOPT_POSTFIELDS => $secret,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_SSL_VERIFYHOST => $verify ? 2 : 0,
        CURLOPT_SSL_VERIFYPEER => $verify,
        CURLOPT_TIMEOUT => 10,
    ]);
    $answer = curl_exec($curl);
    if ($answer === false) {
        fwrite(STDERR, curl_error($curl) . "\n");
    }
    return $answer;
}

[, $interface, $host, $port, $bundle, $secret, $mode] = $argv;
$answer = "by_$interface"($host, $port, $bundle, $secret, $mode === 'verify');
echo $answer;
exit($answer === false ? 1 : 0);
