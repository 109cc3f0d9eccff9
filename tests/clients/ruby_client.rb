# Sends a secret by net/http, and prints what comes back.
#
# usage: ruby ruby_client.rb HOST PORT BUNDLE SECRET peer|none
#
# HOST is sought at 127.0.0.1. A failed connection is a backtrace and status 1.
require "net/http"

host, port, bundle, secret, verify = ARGV
connection = Net::HTTP.new(host, port.to_i)
connection.ipaddr = "127.0.0.1"
connection.use_ssl = true
connection.ca_file = bundle
connection.verify_mode = verify == "peer" ? OpenSSL::SSL::VERIFY_PEER : OpenSSL::SSL::VERIFY_NONE
connection.open_timeout = connection.read_timeout = 10
connection.max_retries = 0
print connection.post("/", secret).body
