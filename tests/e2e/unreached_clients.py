"""Programs that no preload reaches, each told to send a secret: Go's, Java's, Botan's, static ones."""

import functools
import pathlib
import shutil
import subprocess

import c_programs
import clients
import product
import starttls
import web_clients

_SOURCES = product.PROJECT / "tests" / "clients"


def _ffuf(r):
    return [
        *("ffuf", "-s", "-w", r.write("words", r.line)),
        *("-u", f"https://{r.host}:{r.port}/FUZZ"),
    ]


def _botan(r):
    return ["botan", "tls_client", r.host, f"--port={r.port}", f"--trusted-cas={r.bundle}"]


def _jsse(r):
    return ["java", _SOURCES / "JsseClient.java", r.host, r.port, r.bundle, r.secret]


def _node(r):
    script = _SOURCES / "node_client.js"
    return [web_clients.NODE, script, r.host, r.port, r.bundle, r.secret, "verify"]


@functools.cache
def _static(folder):
    """The kit, with all that it needs inside."""
    program = folder / "kit-static"
    sources = c_programs.client_sources("kit")
    words = ["gcc", "-static", "-w", "-D_GNU_SOURCE", f"-I{product.PROJECT}", *sources]
    subprocess.run([*words, "-lssl", "-lcrypto", "-o", program], capture_output=True, check=True)
    return program


def _kit(r):
    names = ("--sni", r.host, "--verify-name", r.host, "--secret", r.secret)
    return [_static(r.folder), "--port", r.port, "--ca", r.bundle, *names]


def environment(meeting):
    """Of its program. Go takes the authorities that it trusts from there."""
    bundle = str(meeting.certificates.bundle)
    return {**product.environment(meeting.folder), "SSL_CERT_FILE": bundle}


def _has_compiler():
    listed = subprocess.run(
        ["sh", "-c", "java --list-modules"], capture_output=True, text=True, check=False
    )
    return "jdk.compiler" in listed.stdout


def absent(client):
    """Why it can't be had here; nothing where it can."""
    if client.name == "java" and not _has_compiler():
        return "no JDK"
    if client.name == "nodejs" and (
        not pathlib.Path(web_clients.NODE).exists() or web_clients.needs_openssl(web_clients.NODE)
    ):
        return "the nodejs of this machine is Debian's"
    if client.name in ("ffuf", "botan") and not shutil.which(client.name):
        return f"{client.name} is not installed"
    return ""


CLIENTS = (
    clients.Client("ffuf", _ffuf, "", host="localhost", verifies=False),
    clients.Client("java", _jsse, ""),
    clients.Client("nodejs", _node, ""),
    clients.Client(
        "botan", _botan, "", host="localhost", stdin=clients.line, dialogue=starttls.LINES
    ),
    clients.Client("kit-static", _kit, "", dialogue=starttls.LINES),
)
