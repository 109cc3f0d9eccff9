#!/usr/bin/env node
// A small HTTPS client over Node.js: client.js HOST PORT CAFILE
// It pins nothing by itself. Debian's Node.js is linked to OpenSSL: under `pinshim run` connecting fails where the policy
// says so. Those of nodejs.org have an OpenSSL of their own inside, and `pinshim run` doesn't start them.
'use strict';
const fs = require('fs');
const https = require('https');

if (process.argv.length !== 5) {
  console.error(`usage: ${process.argv[1]} HOST PORT CAFILE`);
  process.exit(2);
}
const [host, port, cafile] = process.argv.slice(2);
https
  .get({ host, port, path: '/', ca: fs.readFileSync(cafile), agent: false, timeout: 10000 }, (answer) =>
    answer.pipe(process.stdout))
  .on('error', (error) => {
    console.error(`${host}: ${error.message}`);
    process.exitCode = 1;
  });
