"""Sends a secret by HTTPS with GLib's sockets. Usage: gio_client.py HOST PORT BUNDLE SECRET required|none"""

import sys

from gi.repository import Gio, GLib, GObject


def main():
    host, port, bundle, secret, verify = sys.argv[1:]
    client = Gio.SocketClient(tls=True, timeout=20)
    database = Gio.TlsFileDatabase.new(bundle)

    def prepare(_client, event, _target, connection):
        if event == Gio.SocketClientEvent.TLS_HANDSHAKING:
            connection.set_database(database)
            connection.set_server_identity(Gio.NetworkAddress.new(host, int(port)))
            if verify == "none":
                GObject.Object.connect(connection, "accept-certificate", lambda *_: True)

    GObject.Object.connect(client, "event", prepare)  # its own connect() is another
    try:
        connection = client.connect_to_host("127.0.0.1", int(port), None)
        request = f"GET /{secret} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        connection.get_output_stream().write_all(request.encode(), None)
        reader = connection.get_input_stream()
        while data := reader.read_bytes(4096, None).get_data():
            sys.stdout.write(data.decode())
    except GLib.Error as error:
        sys.exit(f"gio: {error.message}")


main()
