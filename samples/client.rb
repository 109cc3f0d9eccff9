#!/usr/bin/env ruby
# A small HTTPS client over Ruby's net/http (OpenSSL): client.rb HOST PORT CAFILE
# It pins nothing by itself. Under `pinshim run` connecting raises OpenSSL::SSL::SSLError where the policy says so.
require 'net/http'

if ARGV.length != 3
  warn "usage: #{$PROGRAM_NAME} HOST PORT CAFILE"
  exit 2
end
host, port, cafile = ARGV
options = { use_ssl: true, ca_file: cafile, open_timeout: 10, read_timeout: 10 }
begin
  # "nil" for the proxy: http_proxy of the environment is not asked
  Net::HTTP.start(host, port.to_i, nil, **options) { |server| print server.get('/').body }
rescue OpenSSL::SSL::SSLError, SystemCallError, SocketError, Timeout::Error => e
  warn "#{host}: #{e.message}"
  exit 1
end
