// Sends a secret by https, and prints what comes back.
//
// usage: nodejs node_client.js HOST PORT BUNDLE SECRET verify|trust
//
// HOST, a name or an address, is sought at 127.0.0.1. A failed connection is a message and status 1.
"use strict";
const fs = require("fs");
const https = require("https");
const net = require("net");

const [host, port, bundle, secret, mode] = process.argv.slice(2);
const request = https.request({
    method: "POST",
    host: "127.0.0.1",
    port,
    servername: net.isIP(host) ? "" : host,
    ca: fs.readFileSync(bundle),
    rejectUnauthorized: mode === "verify",
    checkServerIdentity: (_, certificate) => require("tls").checkServerIdentity(host, certificate),
    agent: false,
    timeout: 10000,
});
request.on("response", (response) => response.pipe(process.stdout));
request.on("timeout", () => request.destroy(new Error("timeout")));
request.on("error", (error) => {
    console.error(error.message);
    process.exitCode = 1;
});
request.end(secret);
