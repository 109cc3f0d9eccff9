"""Real servers: nginx, the genuine one; mitmproxy, the man in the middle; OpenSSL's and socat's.

No port is fixed, and none is picked to be bound later: a server gets a socket, or says its port.
"""

import contextlib
import json
import os
import pathlib
import socket
import ssl

import attacker
import pki
import processes

ADDON = pathlib.Path(__file__).with_name("mitm_addon.py")

_NGINX = """
daemon off;
worker_processes 1;
{user}
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 256; }}
http {{
    access_log {access_log};
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate {identity.chain_file};
    ssl_certificate_key {identity.key_file};
    ssl_session_cache shared:sessions:1m;
    default_type text/plain;
    server {{
        listen 127.0.0.1:{port} ssl http2;
        error_page 405 =200 $uri; # a POST gets the answer, too
        location / {{ {location} }}
    }}
}}
"""


class _Running:
    """A server that runs, and its port."""

    def __init__(self, daemon, port):
        self.daemon = daemon
        self.port = port


@contextlib.contextmanager
def nginx(folder, identity, *, files=None):
    """nginx with this identity. It inherits a listening socket, so the port can't be lost.

    `files`: a folder that it serves, and folder/access.log tells of each answer; else it has one.
    """
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        port = listener.getsockname()[1]
        config = folder / "nginx.conf"
        body = attacker.BODY.decode().replace("\n", "\\n")
        location = f"root {files};" if files else f'return 200 "{body}";'
        access_log = folder / "access.log" if files else "off"
        user = "user root;" if os.geteuid() == 0 else ""  # the folder's owner
        config.write_text(
            _NGINX.format(
                folder=folder,
                identity=identity,
                port=port,
                location=location,
                access_log=access_log,
                user=user,
            )
        )
        os.set_inheritable(listener.fileno(), True)
        env = {**processes.plain_environment(folder), "NGINX": f"{listener.fileno()};"}
        arguments = ["nginx", "-p", folder, "-c", config, "-e", folder / "nginx-error.log"]
        with processes.Daemon(arguments, env=env, pass_fds=[listener.fileno()]) as daemon:
            _assert_serves(port, config.with_name("nginx-error.log"))
            yield _Running(daemon, port)


def _assert_serves(port, log):
    """A socket that was made before its server takes connections even when that server has died."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection(("127.0.0.1", port), attacker.TIMEOUT) as raw:
            context.wrap_socket(raw).close()
    except OSError as error:
        raise AssertionError(f"nginx doesn't serve: {error}\n{log.read_text()}") from error


@contextlib.contextmanager
def s_server(folder, identity, *options, env=None, prefix=()):
    """`openssl s_server`, which answers every request with a page about the connection."""
    arguments = [
        *prefix,
        "openssl",
        "s_server",
        "-accept",
        "127.0.0.1:0",
        "-www",
        "-cert_chain",
        identity.chain_file,
        "-cert",
        identity.certificate_file,
        "-key",
        identity.key_file,
        *options,
    ]
    with processes.Daemon(arguments, env=env or processes.plain_environment(folder)) as daemon:
        yield _Running(daemon, int(daemon.wait_for_match(r"^ACCEPT .*:(\d+)")[1]))


@contextlib.contextmanager
def socat(folder, identity):
    """socat as a TLS server that sends back what it gets."""
    arguments = [
        "socat",
        "-d",
        "-d",
        f"openssl-listen:0,bind=127.0.0.1,fork,verify=0,cert={identity.chain_file},"
        f"key={identity.key_file}",
        "EXEC:cat",
    ]
    with processes.Daemon(arguments, env=processes.plain_environment(folder)) as daemon:
        yield _Running(daemon, int(daemon.wait_for_match(r"listening on .*:(\d+)")[1]))


_STUNNEL = """
foreground = yes
debug = 6
pid =
[echo]
accept = 127.0.0.1:0
cert = {identity.chain_file}
key = {identity.key_file}
exec = /bin/cat
"""


@contextlib.contextmanager
def stunnel(folder, identity):
    """stunnel as a TLS server that sends back what it gets."""
    config = folder / "stunnel.conf"
    config.write_text(_STUNNEL.format(identity=identity))
    env = processes.plain_environment(folder)
    with processes.Daemon(["stunnel4", config], env=env) as daemon:
        yield _Running(daemon, int(daemon.wait_for_match(r"\[echo\].* bound to .*:(\d+)")[1]))


class Mitmproxy(_Running):
    """mitmproxy between the clients and a server."""

    def __init__(self, daemon, port):
        super().__init__(daemon, port)
        self._read = 0

    @staticmethod
    def _told(lines):
        return [json.loads(line) for line in lines if line.startswith('{"mitm"')]

    def forget(self):
        """What was, is of no interest."""
        self._read = len(self.daemon.lines)

    def since_last(self):
        """What the clients since the last call did, once all of them have gone."""

        def gone(lines):
            told = [item["mitm"] for item in self._told(lines[self._read :])]
            return told.count("connected") == told.count("disconnected") > 0

        self.daemon.wait_for(gone)
        lines = self.daemon.lines
        told = self._told(lines[self._read :])
        self._read = len(lines)
        return told


def stolen(told):
    """Every application byte that mitmproxy has decrypted."""
    return "".join(item["text"] for item in told if item["mitm"] == "request")


@contextlib.contextmanager
def mitmproxy(folder, authority, upstream_port):
    """mitmproxy in front of a server, with an authority of ours to make certificates with."""
    folder.mkdir()
    (folder / "mitmproxy-ca.pem").write_bytes(
        authority.key_file.read_bytes() + pki.pem(authority.certificate)
    )
    arguments = [
        "mitmdump",
        "--set",
        "flow_detail=0",
        "--set",
        f"confdir={folder}",
        "--listen-host",
        "127.0.0.1",
        "--listen-port",
        "0",
        "--mode",
        f"reverse:https://127.0.0.1:{upstream_port}",
        "--ssl-insecure",
        "--set",
        "connection_strategy=lazy",
        "-s",
        ADDON,
    ]
    with processes.Daemon(
        arguments, env={**processes.plain_environment(folder), "PYTHONUNBUFFERED": "1"}
    ) as daemon:
        port = int(daemon.wait_for_match(r"listening at .*:(\d+)", timeout=60)[1])
        yield Mitmproxy(daemon, port)
