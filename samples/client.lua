#!/usr/bin/env lua5.4
-- A small HTTPS client over LuaSec (OpenSSL): client.lua HOST PORT CAFILE
-- It pins nothing by itself, and LuaSec looks at a certificate's chain, not at its name. Under `pinshim run` connecting fails
-- where the policy says so.
local https, ltn12 = require('ssl.https'), require('ltn12')

if #arg ~= 3 then
  io.stderr:write('usage: ', arg[0], ' HOST PORT CAFILE\n')
  os.exit(2)
end
local host, port, cafile = table.unpack(arg)
https.TIMEOUT = 10
local done, failure = https.request({
  url = 'https://' .. host .. ':' .. port .. '/',
  cafile = cafile,
  verify = 'peer',
  sink = ltn12.sink.file(io.stdout),
})
if not done then
  io.stderr:write(host, ': ', failure, '\n')
  os.exit(1)
end
