"""The command line's own behaviour: exit statuses, messages, files. What the shim does is tested elsewhere."""

import base64
import contextlib
import datetime
import hashlib
import ipaddress
import os
import pathlib
import pty
import re
import shutil
import socket
import ssl
import subprocess
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PROJECT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PINSHIM_BUILD", PROJECT / "build")).resolve()
PINSHIM = BUILD / "pinshim"
LIBRARY = BUILD / "libpinshim.so"
PIN = "sha256//" + base64.b64encode(hashlib.sha256(b"a key").digest()).decode()
POLICY = f'version = 1;\ndomains = ( {{ name = "pinned.example"; service = "custom"; pins = ["{PIN}"]; }} );\n'
SUBCOMMANDS = ["run", "check", "compile", "pin"]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def environment(**changes):
    """No policy named and no preload; a sanitized library must not complain about its place in LD_PRELOAD."""
    env = {name: value for name, value in os.environ.items() if name not in ("PINSHIM_CONFIG", "LD_PRELOAD")}
    env["ASAN_OPTIONS"] = "verify_asan_link_order=0:detect_leaks=0"
    env.update({name: str(value) for name, value in changes.items()})
    return env


def pinshim(*arguments, env=None, **options):
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([PINSHIM, *map(str, arguments)], stderr=subprocess.PIPE, text=True, timeout=60,
                          env=env or environment(), **options)


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "pinshim.conf"
    path.write_text(POLICY)
    return path


@pytest.fixture
def bad_policy(tmp_path):
    path = tmp_path / "bad.conf"
    path.write_text(POLICY.replace(PIN, "sha256//short"))
    return path


@pytest.fixture
def image(policy, tmp_path):
    path = tmp_path / "policy.cdb"
    assert pinshim("compile", "-o", path, policy).returncode == 0
    return path


def compiled_c(folder, name, source, *flags):
    program = folder / name
    subprocess.run(["cc", "-x", "c", "-", *flags, "-o", program], input=source, text=True, check=True)
    return program


def damage(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x55
    path.write_bytes(data)


# --- help, version, usage


@pytest.mark.parametrize("arguments", [["--help"], ["help"], ["-h"], *[[s, "--help"] for s in SUBCOMMANDS],
                                       *[["help", s] for s in SUBCOMMANDS]])
def test_help_is_on_stdout(arguments):
    result = pinshim(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("usage: pinshim")
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_help_lists_every_subcommand():
    listed = pinshim("--help").stdout
    for subcommand in SUBCOMMANDS:
        assert re.search(rf"^  {subcommand} ", listed, re.M)
        assert pinshim("help", subcommand).stdout == pinshim(subcommand, "--help").stdout


@pytest.mark.parametrize("arguments", [["--version"], ["-V"], *[[s, "--version"] for s in SUBCOMMANDS]])
def test_version(arguments):
    result = pinshim(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"pinshim {(PROJECT / 'VERSION').read_text().strip()}\n"


@pytest.mark.parametrize("arguments, status", [
    ([], 2), (["frobnicate"], 2), (["help", "frobnicate"], 2), (["--frobnicate"], 2),
    (["check", "--frobnicate"], 2), (["check", "a", "b"], 2), (["compile", "a", "b"], 2),
    (["compile", "-o"], 2), (["pin"], 2), (["pin", "--cafile"], 2),
    (["run"], 125), (["run", "--"], 125), (["run", "--frobnicate", "true"], 125), (["run", "--config"], 125)])
def test_a_usage_error_is_one_line(arguments, status):
    result = pinshim(*arguments)
    assert (result.returncode, result.stdout) == (status, "")
    assert re.fullmatch(r"pinshim.*: .*\n", result.stderr)


@pytest.mark.parametrize("arguments, status", [(["--help"], 1), (["run", "--help"], 125), (["pin", "--version"], 1)])
def test_a_full_disk_is_an_error(arguments, status):
    with open("/dev/full", "w") as full:
        result = pinshim(*arguments, stdout=full)
    assert result.returncode == status
    assert "No space left on device" in result.stderr


# --- check


def test_check_accepts_a_policy_and_its_image(policy, image):
    for path in policy, image:
        result = pinshim("check", path)
        assert result.returncode == 0 and "error" not in result.stderr
        assert result.stdout.startswith(f"{path}: ")


def test_check_names_file_and_line(bad_policy):
    result = pinshim("check", bad_policy)
    assert (result.returncode, result.stdout) == (1, "")
    assert re.match(rf"{bad_policy}:2: error: ", result.stderr)


def test_check_tells_every_error(tmp_path):
    policy = tmp_path / "two.conf"
    policy.write_text(POLICY.replace(PIN, "sha256//short").replace("version = 1;", 'version = 1;\naction = "explode";'))
    errors = pinshim("check", policy).stderr
    assert f"{policy}:2: error: " in errors and f"{policy}:3: error: " in errors


@pytest.mark.parametrize("path", ["missing.conf", "/dev/null", "/"])
def test_check_of_what_is_no_policy_fails(path, tmp_path):
    result = pinshim("check", path, cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith(f"{path}: error: ")


def test_check_refuses_a_damaged_image(image):
    damage(image)
    result = pinshim("check", image)
    assert result.returncode == 1
    assert result.stderr.startswith(f"{image}: error: ")


@pytest.mark.parametrize("subcommand", ["check", "compile"])
def test_without_a_file_the_environment_names_it(subcommand, bad_policy):
    output = ["-o", bad_policy.with_name("policy.cdb")] if subcommand == "compile" else []
    result = pinshim(subcommand, *output, env=environment(PINSHIM_CONFIG=bad_policy))
    assert result.returncode == 1
    assert f"{bad_policy}:2: error: " in result.stderr


@pytest.mark.parametrize("arguments, status", [(["check"], 1), (["compile"], 1), (["run", "true"], 125)])
def test_a_relative_pinshim_config_is_refused(arguments, status, policy):
    result = pinshim(*arguments, env=environment(PINSHIM_CONFIG=policy.name), cwd=policy.parent)
    assert result.returncode == status
    assert "relative" in result.stderr


def on_terminal(*arguments, **changes):
    """What is written to a terminal that is stderr."""
    ours, theirs = pty.openpty()
    subprocess.run([PINSHIM, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=theirs,
                   env=environment(**{"TERM": "xterm", **changes}), check=False)
    os.close(theirs)
    text = b""
    try:
        while chunk := os.read(ours, 4096):
            text += chunk
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    return text.decode()


def test_colours_are_for_terminals_alone(bad_policy):
    assert "\033[" not in pinshim("check", bad_policy).stderr
    assert "\033[1;31merror:\033[0m" in on_terminal("check", bad_policy)
    assert "\033[" not in on_terminal("check", bad_policy, NO_COLOR="1")
    assert "\033[" not in on_terminal("check", bad_policy, TERM="dumb")


def test_control_characters_never_reach_the_terminal():
    assert "\033" not in pinshim("check", "/nonexistent/\033]0;title\007").stderr


# --- compile


def test_compile_keeps_the_image_before(policy, image):
    first = image.read_bytes()
    before = image.with_name("policy.cdb~")
    assert not before.exists()
    policy.write_text(POLICY.replace("pinned.example", "other.example"))
    assert pinshim("compile", "-o", image, policy).returncode == 0
    assert before.read_bytes() == first != image.read_bytes()
    assert image.stat().st_mode & 0o7777 == 0o644
    assert pinshim("compile", "-o", image, policy).returncode == 0  # IMAGE and IMAGE~ have been one file
    assert sorted(p.name for p in image.parent.iterdir()) == ["pinshim.conf", "policy.cdb", "policy.cdb~"]


def test_a_bad_policy_leaves_the_image_alone(bad_policy, image):
    first = image.read_bytes()
    result = pinshim("compile", "-o", image, bad_policy)
    assert result.returncode == 1
    assert f"{bad_policy}:2: error: " in result.stderr
    assert image.read_bytes() == first
    assert sorted(p.name for p in image.parent.iterdir()) == ["bad.conf", "pinshim.conf", "policy.cdb"]


def test_a_damaged_image_does_not_replace_the_one_before(policy, image):
    assert pinshim("compile", "-o", image, policy).returncode == 0
    before = image.with_name("policy.cdb~")
    sound = before.read_bytes()
    image.write_bytes(image.read_bytes())  # a file of its own again
    damage(image)
    assert pinshim("compile", "-o", image, policy).returncode == 0
    assert before.read_bytes() == sound


@pytest.mark.parametrize("target", ["no/such/folder/policy.cdb", "folder", "link", "folder/", "/dev/null"])
def test_an_image_that_cannot_be_written(target, policy, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("pinshim.conf")
    result = pinshim("compile", "-o", target, policy, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert re.fullmatch(r"pinshim compile: .*\n", result.stderr)
    assert policy.read_text() == POLICY


def test_a_reader_never_finds_a_broken_image(policy, image):
    stop = threading.Event()
    statuses = []

    def read():
        while not stop.is_set():
            statuses.append(pinshim("check", image).returncode)

    reader = threading.Thread(target=read)
    reader.start()
    for i in range(30):
        policy.write_text(POLICY.replace("pinned.example", f"host{i}.example"))
        assert pinshim("compile", "-o", image, policy).returncode == 0
    stop.set()
    reader.join()
    assert statuses and not any(statuses)


# --- run: what is started


def test_run_ends_as_the_program_does(policy):
    assert pinshim("run", "--config", policy, "sh", "-c", "exit 7").returncode == 7
    assert pinshim("run", "--config", policy, "--", "sh", "-c", "kill -9 $$").returncode == -9


def test_options_end_at_the_program(policy):
    result = pinshim("run", "--config", policy, "echo", "--config", "x", "--help")
    assert result.stdout == "--config x --help\n"


def test_run_sets_the_environment(policy):
    result = pinshim("run", "--config", policy.name, "sh", "-c", "echo $PINSHIM_CONFIG; echo $LD_PRELOAD",
                     cwd=policy.parent)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{policy}\n{LIBRARY}\n"


@pytest.mark.parametrize("before", ["{m}", "{m}:{l}", "{l} {m}", " : {m}"])
def test_run_keeps_an_existing_preload(before, policy):
    other = subprocess.run(["cc", "-print-file-name=libm.so.6"], capture_output=True, text=True, check=True)
    other = os.path.realpath(other.stdout.strip())
    result = pinshim("run", "--config", policy, "sh", "-c", "echo $LD_PRELOAD",
                     env=environment(LD_PRELOAD=before.format(m=other, l=LIBRARY)))
    assert result.stdout == f"{LIBRARY}:{other}\n"


def test_run_takes_an_image(image):
    assert pinshim("run", "--config", image, "true").returncode == 0


def test_run_without_any_policy_warns():
    if os.path.exists("/var/lib/pinshim/policy.cdb"):
        pytest.skip("a policy is installed")
    result = pinshim("run", "true")
    assert result.returncode == 0
    assert re.fullmatch("pinshim run: warning: no policy .*\n", result.stderr)


# --- run: what is not started


def test_a_bad_policy_starts_nothing(bad_policy, tmp_path):
    started = tmp_path / "started"
    result = pinshim("run", "--config", bad_policy, "touch", started)
    assert result.returncode == 125
    assert result.stderr.startswith(f"{bad_policy}:2: error: ")
    result = pinshim("run", "touch", started, env=environment(PINSHIM_CONFIG=bad_policy))
    assert result.returncode == 125
    assert pinshim("run", "--config", tmp_path / "missing.conf", "touch", started).returncode == 125
    assert not started.exists()


def test_a_damaged_image_starts_nothing(image):
    damage(image)
    assert pinshim("run", "--config", image, "true").returncode == 125


@pytest.mark.parametrize("program, status", [("nosuchprogram", 127), ("./nosuchprogram", 127), ("", 127),
                                             ("/etc/passwd", 126), ("/", 126), ("./pinshim.conf", 126)])
def test_what_is_no_program(program, status, policy):
    result = pinshim("run", "--config", policy, program, cwd=policy.parent)
    assert result.returncode == status
    assert re.fullmatch("pinshim run: .*\n", result.stderr)


@pytest.fixture
def copied(tmp_path):
    """The command elsewhere, and its library."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return pathlib.Path(shutil.copy(PINSHIM, folder)), folder / LIBRARY.name


def run_copy(program, policy):
    result = subprocess.run([program, "run", "--config", policy, "true"], capture_output=True, text=True,
                            env=environment(), check=False)
    return result.returncode, result.stderr


def test_the_library_must_be_there_and_loadable(copied, policy, tmp_path):
    program, library = copied
    assert run_copy(program, policy)[0] == 125
    library.write_text("no library")
    assert run_copy(program, policy)[0] == 125
    library.write_bytes(LIBRARY.read_bytes()[:3000])
    assert run_copy(program, policy)[0] == 125
    library.unlink()
    installed = tmp_path / "lib" / "pinshim"
    installed.mkdir(parents=True)
    shutil.copy(LIBRARY, installed)
    assert run_copy(program, policy) == (0, "")


@pytest.mark.parametrize("name", ["a b", "a:b", "a$LIB"])
def test_a_folder_that_ld_preload_cannot_name(name, policy, tmp_path):
    (tmp_path / name).mkdir()
    for file in PINSHIM, LIBRARY:
        shutil.copy(file, tmp_path / name)
    status, message = run_copy(tmp_path / name / "pinshim", policy)
    assert status == 125 and "LD_PRELOAD" in message


BUILT_IN = {
    "Go": '__attribute__((section(".go.buildinfo"))) const char info[] = "x"; '
          'const char text[] = "crypto/tls.(*Conn).Handshake";',
    "rustls": 'const char text[] = "/registry/rustls-0.21.7/src/client/hs.rs";',
    "BoringSSL": 'const char text[] = "BoringSSL";',
    "OpenSSL": 'const char text[] = "../ssl/statem/statem_clnt.c";',
    "exports": "int SSL_connect(void *ssl) { return !ssl; }",
}


@pytest.mark.parametrize("kind", BUILT_IN)
def test_tls_built_in_is_refused(kind, policy, tmp_path):
    program = compiled_c(tmp_path, "client", BUILT_IN[kind] + "int main(void) { return 0; }", "-rdynamic")
    result = pinshim("run", "--config", policy, program)
    assert result.returncode == 126
    assert re.fullmatch(f"pinshim run: {program}: can't be protected: TLS built in: .*{kind}.*\n", result.stderr)
    result = pinshim("run", "--best-effort", "--config", policy, program)
    assert result.returncode == 0
    assert re.fullmatch(f"pinshim run: warning: {program}: can't be protected: .*\n", result.stderr)


@pytest.mark.parametrize("kind", ["BoringSSL", "OpenSSL"])
def test_a_program_of_libssl_may_name_other_libraries(kind, policy, tmp_path):
    source = "int OPENSSL_init_ssl(long, void *); " + BUILT_IN[kind]
    program = compiled_c(tmp_path, "client", source + "int main(void) { return !OPENSSL_init_ssl(0, 0); }", "-lssl")
    assert pinshim("run", "--config", policy, program).returncode == 0


@pytest.mark.parametrize("flag", ["-static", "-static-pie"])
def test_a_static_program_is_refused(flag, policy, tmp_path):
    program = compiled_c(tmp_path, "client", "int main(void) { return 0; }", flag)
    result = pinshim("run", "--config", policy, program)
    assert result.returncode == 126
    assert result.stderr == f"pinshim run: {program}: can't be protected: statically linked\n"


def test_another_architecture_and_a_cut_program_are_refused(policy, tmp_path):
    program = tmp_path / "client"
    true = bytearray(pathlib.Path("/bin/true").read_bytes())
    program.write_bytes(true[:5000])
    program.chmod(0o755)
    result = pinshim("run", "--config", policy, program)
    assert result.returncode == 126 and "not an executable this machine can run" in result.stderr
    true[18] ^= 0xff  # e_machine
    program.write_bytes(true)
    result = pinshim("run", "--config", policy, program)
    assert result.returncode == 126 and "architecture" in result.stderr


def test_another_c_library_is_refused(policy, tmp_path):
    program = compiled_c(tmp_path, "client", "int main(void) { return 0; }",
                         "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1")
    result = pinshim("run", "--config", policy, program)
    assert result.returncode == 126 and "ld-musl" in result.stderr


def test_scripts_are_followed_to_their_interpreter(policy, tmp_path):
    static = compiled_c(tmp_path, "interpreter", "int main(void) { return 0; }", "-static")
    path = f"{tmp_path}:{os.environ['PATH']}"
    for number, (line, status) in enumerate([("#!/bin/sh", 3), ("#!/usr/bin/env sh", 3),
                                             ("#!/usr/bin/env -S A=b sh -e", 3), (f"#!{static}", 126),
                                             ("#!/usr/bin/env interpreter", 126), ("#!/nonexistent", 126),
                                             ("#!/usr/bin/env -S -i sh", 126), ("exit 3", 126)]):
        script = tmp_path / f"script{number}"
        script.write_text(f"{line}\nexit 3\n")
        script.chmod(0o755)
        for name in script, script.name:
            result = pinshim("run", "--config", policy, name, env=environment(PATH=path))
            assert result.returncode == status, line


@needs_root
@pytest.mark.parametrize("mode, user, status", [(0o4755, 65534, 126), (0o2755, 65534, 126), (0o4755, 0, 0)])
def test_a_program_that_changes_its_user_is_refused(mode, user, status, policy, tmp_path):
    program = pathlib.Path(shutil.copy("/bin/true", tmp_path))
    os.chown(program, user, user)
    program.chmod(mode)
    result = pinshim("run", "--config", policy, program)
    assert result.returncode == status
    assert not status or "the loader ignores a preload" in result.stderr


@needs_root
def test_file_capabilities_are_refused_for_users(policy, tmp_path):
    program = pathlib.Path(shutil.copy("/bin/true", tmp_path))
    for folder in [tmp_path, *tmp_path.parents[:3]]:
        folder.chmod(folder.stat().st_mode | 0o111)
    capability = (0x02000001).to_bytes(4, "little") + (1 << 10).to_bytes(4, "little") + bytes(12)
    try:
        os.setxattr(program, "security.capability", capability)
    except OSError:
        pytest.skip("no file capabilities here")
    command = [PINSHIM, "run", "--config", policy, program]
    if subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "test", "-r", PINSHIM.parent / "libpinshim.so"],
                      capture_output=True, env=environment(), check=False).returncode != 0:
        pytest.skip("another user can't reach the build folder")
    result = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command],
                            capture_output=True, text=True, env=environment(), check=False)
    assert result.returncode == 126 and "capabilities" in result.stderr
    assert subprocess.run(command, env=environment(), check=False).returncode == 0


# --- run: an installed policy, in a mount namespace of its own


def with_installed(folder, *arguments, **changes):
    script = 'mount --bind "$0" /var/lib && shift 0 && exec "$@"'
    result = subprocess.run(["unshare", "-m", "sh", "-c", script, folder, PINSHIM, *map(str, arguments)],
                            capture_output=True, text=True, env=environment(**changes), check=False)
    if "mount" in result.stderr or "unshare" in result.stderr:
        pytest.skip("no mount namespaces here")
    return result


@pytest.fixture
def installed(tmp_path):
    """A stand-in for /var/lib, and a function that installs a policy there."""
    folder = tmp_path / "lib"
    (folder / "pinshim").mkdir(parents=True)

    def install(text):
        source = tmp_path / "installed.conf"
        source.write_text(text)
        image = folder / "pinshim" / "policy.cdb"
        assert pinshim("compile", "-o", image, source).returncode == 0
        return image

    return folder, install


ECHO = ["sh", "-c", "echo ${PINSHIM_CONFIG-installed}"]


@needs_root
def test_an_installed_policy_is_not_overridden(installed, policy):
    folder, install = installed
    install(POLICY)
    assert with_installed(folder, "run", *ECHO).stdout == "installed\n"
    result = with_installed(folder, "run", "--config", policy, *ECHO)
    assert (result.returncode, result.stdout) == (125, "")
    assert re.fullmatch("pinshim run: --config: .*\n", result.stderr)
    result = with_installed(folder, "run", *ECHO, PINSHIM_CONFIG=policy)
    assert (result.returncode, result.stdout) == (0, "installed\n")
    assert "PINSHIM_CONFIG is ignored" in result.stderr
    result = with_installed(folder, "run", "--config", "/var/lib/pinshim/policy.cdb", *ECHO)
    assert (result.stdout, result.stderr) == ("installed\n", "")


@needs_root
def test_an_installed_policy_may_allow_another(installed, policy):
    folder, install = installed
    install("allow_override = true;\n" + POLICY)
    result = with_installed(folder, "run", "--config", policy, *ECHO)
    assert (result.stdout, result.stderr) == (f"{policy}\n", "")


@needs_root
def test_a_damaged_installed_policy(installed):
    folder, install = installed
    image = install(POLICY)
    install("allow_override = true;\n" + POLICY)
    damage(image)
    result = with_installed(folder, "run", *ECHO)
    assert result.returncode == 0 and "the one before it is used" in result.stderr
    image.with_name("policy.cdb~").unlink()
    result = with_installed(folder, "run", *ECHO)
    assert (result.returncode, result.stdout) == (125, "")


# --- pin


class Authority:
    """Issues certificates, and serves them."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Root \033[31m")])
        self.root = self._sign(self.name, self.key.public_key(), x509.BasicConstraints(True, None))
        self.roots = folder / "root.pem"
        self.roots.write_bytes(self.root.public_bytes(serialization.Encoding.PEM))

    def _sign(self, subject, key, *extensions):
        now = datetime.datetime.utcnow()
        builder = x509.CertificateBuilder(self.name, subject, key, x509.random_serial_number(), now,
                                          now + datetime.timedelta(days=1))
        for extension in extensions:
            builder = builder.add_extension(extension, True)
        return builder.sign(self.key, hashes.SHA256())

    def issue(self, name):
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        leaf = self._sign(x509.Name([]), key.public_key(), x509.SubjectAlternativeName(names))
        chain = self.folder / f"{name}.pem"
        pem = serialization.Encoding.PEM
        chain.write_bytes(leaf.public_bytes(pem) + self.root.public_bytes(pem))
        private = self.folder / f"{name}.key"
        private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return leaf, chain, private


def pin_of(certificate):
    spki = certificate.public_key().public_bytes(serialization.Encoding.DER,
                                                 serialization.PublicFormat.SubjectPublicKeyInfo)
    return "sha256//" + base64.b64encode(hashlib.sha256(spki).digest()).decode()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@contextlib.contextmanager
def serving(chain, private):
    """The port of a TLS server on every address of this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, private)
    listener = socket.create_server(("0.0.0.0", 0))

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as stream:
                    stream.settimeout(5)
                    if stream.recv(4096).startswith(b"GET / "):
                        stream.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nhello\n")
                        stream.unwrap()
            except OSError:
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


@pytest.fixture(scope="module")
def server(authority):
    leaf, chain, private = authority.issue("localhost")
    with serving(chain, private) as port:
        yield port, leaf


def test_pins_of_a_file(authority):
    leaf, chain, _ = authority.issue("file.example")
    result = pinshim("pin", chain)
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == [pin_of(leaf), pin_of(authority.root)]
    assert lines[0].endswith("  DNS:file.example") and "CN = " in lines[1]
    assert "\033" not in result.stdout
    der = authority.folder / "leaf.der"
    der.write_bytes(leaf.public_bytes(serialization.Encoding.DER))
    assert pinshim("pin", der).stdout.split()[0] == pin_of(leaf)


@pytest.mark.parametrize("content", ["", "text\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                                     "-----BEGIN CERTIFICATE-----\nMII", "0\x82\x01\x01"])
def test_a_bad_file_is_one_line(content, tmp_path):
    file = tmp_path / "certificate"
    file.write_bytes(content.encode("latin-1"))
    result = pinshim("pin", file)
    assert (result.returncode, result.stdout) == (1, "")
    assert re.fullmatch(f"pinshim pin: {file}: .*\n", result.stderr)


def test_a_good_file_is_printed_beside_a_bad_one(authority):
    result = pinshim("pin", "/nonexistent/x.pem", authority.roots)
    assert result.returncode == 1
    assert result.stdout.startswith(pin_of(authority.root))
    assert result.stderr.startswith("pinshim pin: /nonexistent/x.pem: No such file")


def test_a_full_disk_loses_no_pin_silently(authority):
    with open("/dev/full", "w") as full:
        assert pinshim("pin", authority.roots, stdout=full).returncode == 1


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1"])
def test_pins_of_a_server_that_verifies(host, authority, server):
    port, leaf = server
    result = pinshim("pin", "--cafile", authority.roots, f"{host}:{port}")
    assert (result.returncode, result.stderr) == (0, "")
    assert [line.split()[0] for line in result.stdout.splitlines()] == [pin_of(leaf), pin_of(authority.root)]


def unverified(leaf, *arguments):
    result = pinshim("pin", *arguments)
    assert result.returncode == 1
    assert result.stdout.startswith(pin_of(leaf))
    assert re.fullmatch("pinshim pin: warning: .*: this chain does not verify: .*\n", result.stderr)


def test_pins_of_a_server_that_does_not_verify(authority, server):
    port, leaf = server
    unverified(leaf, f"localhost:{port}")  # not a root of the system
    unverified(leaf, "--cafile", authority.roots, f"127.0.0.2:{port}")
    leaf, chain, private = authority.issue("other.example")
    with serving(chain, private) as port:
        unverified(leaf, "--cafile", authority.roots, f"localhost:{port}")


def test_a_server_that_is_not_there_or_speaks_no_tls(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def speak():
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"220 hello\r\n")
                connection.recv(4096)

        speaker = threading.Thread(target=speak)
        speaker.start()
        result = pinshim("pin", f"127.0.0.1:{port}")
        speaker.join()
    assert (result.returncode, result.stdout) == (1, "")
    assert re.fullmatch("pinshim pin: .*: no TLS handshake: .*\n", result.stderr)
    result = pinshim("pin", f"127.0.0.1:{port}")
    assert result.returncode == 1 and "refused" in result.stderr
    for argument in "no such host", "host:port", "https://localhost/":
        result = pinshim("pin", argument)
        assert (result.returncode, result.stdout) == (1, "")
        assert re.fullmatch("pinshim pin: .*\n", result.stderr)
    assert pinshim("pin", "--cafile", tmp_path / "missing.pem", "localhost").returncode == 1


# --- samples


@pytest.mark.parametrize("client", [[BUILD / "samples" / "blocking"], [BUILD / "samples" / "nonblocking"],
                                    ["python3", PROJECT / "samples" / "client.py"]])
def test_the_sample_clients_verify_and_print(client, authority, server, tmp_path):
    port, _ = server
    command = [*map(str, client), "localhost", str(port)]
    result = subprocess.run([*command, authority.roots], capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 0 and "hello\n" in result.stdout
    result = subprocess.run([*command, Authority(tmp_path).roots], capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 1 and "hello" not in result.stdout and result.stderr
    assert subprocess.run(client, capture_output=True, check=False).returncode == 2


@pytest.mark.parametrize("name", ["local.conf", "maas360.conf"])
def test_a_sample_policy_compiles_once_its_pins_are_filled_in(name, tmp_path):
    text = (PROJECT / "samples" / name).read_text()
    placeholders = [number for number, line in enumerate(text.splitlines(), 1)
                    if re.search('"sha256//(PIN-OF|FILL-IN)', line)]
    assert placeholders
    policy = tmp_path / name
    policy.write_text(text)
    shutil.copytree(PROJECT / "samples" / "persona.d", tmp_path / "persona.d")
    result = pinshim("check", policy)
    assert result.returncode == 1
    for number in placeholders:
        assert f"{policy}:{number}: error: " in result.stderr
    assert pinshim("run", "--config", policy, "true").returncode == 125
    pins = iter(range(100))
    policy.write_text(re.sub('"sha256//(PIN-OF|FILL-IN)[^"]*"', lambda _: '"sha256//' + base64.b64encode(
        hashlib.sha256(bytes([next(pins)])).digest()).decode() + '"', text))
    result = pinshim("check", policy)
    assert result.returncode == 0 and "error" not in result.stderr
    assert pinshim("compile", "-o", tmp_path / "policy.cdb", policy).returncode == 0
