-- Sends a secret by LuaSec, and prints what comes back.
--
-- usage: lua5.4 lua_client.lua HOST PORT BUNDLE SECRET peer|none
--
-- HOST is sought at 127.0.0.1. A failed connection is an error and status 1.
local socket, ssl = require("socket"), require("ssl")

local host, port, bundle, secret, verify = table.unpack(arg)
local connection = assert(socket.connect("127.0.0.1", port))
connection:settimeout(10)
local options = { mode = "client", protocol = "any", verify = verify, cafile = bundle }
local tls = assert(ssl.wrap(connection, options))
tls:sni(host)
assert(tls:dohandshake())
assert(tls:send("GET /" .. secret .. " HTTP/1.1\r\nHost: " .. host .. "\r\nConnection: close\r\n\r\n"))
print(tls:receive("*a"))
tls:close()
