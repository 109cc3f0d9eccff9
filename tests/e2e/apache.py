"""Apache as a proxy before a TLS server: the client of that server."""

import contextlib
import os
import re
import socket

import processes
import product

_ATTEMPTS = 10  # somebody else may take the port that was free
_CONFIGURATION = """
ServerRoot {folder}
ServerName localhost
PidFile {folder}/apache.pid
ErrorLog /dev/stderr
LogLevel notice
Mutex file:{folder}
{user}
Listen 127.0.0.1:{port}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
LoadModule ssl_module {modules}/mod_ssl.so
SSLProxyEngine on
SSLProxyVerify require
SSLProxyVerifyDepth 9
SSLProxyCACertificateFile {bundle}
ProxyPass / {upstream}
"""


def _free_port():
    """It takes no socket that was made for it, and no port 0."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _configure(folder, port, bundle, upstream):
    """Its one file."""
    user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
    modules = "/usr/lib/apache2/modules"
    file = folder / "apache.conf"
    file.write_text(_CONFIGURATION.format(**locals()))
    return file


@contextlib.contextmanager
def proxy(folder, bundle, upstream, policy=None):
    """The port of a proxy before `upstream`, under the shim where there is a policy."""
    for _ in range(_ATTEMPTS):
        port = _free_port()
        words = ["/usr/sbin/apache2", "-DFOREGROUND", "-f"]
        words.append(_configure(folder, port, bundle, upstream))
        if policy:
            words = [*product.under_shim(policy.path), *words]
        with processes.Daemon(words, env=product.environment(folder)) as daemon:
            said = daemon.wait_for_match(r"resuming normal operations|could not bind")
            if re.search("resuming", said[0]):
                yield port
                return
    raise AssertionError("no port for Apache")
