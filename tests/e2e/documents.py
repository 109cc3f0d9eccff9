"""Runs the commands of a document, and compares what they print with what the document says.

A block of `sh` is run; the block without a language that follows it is what it prints: lines in this order, others may
stand between them, `...` is anything.
"""

import re

import namespaces
import processes
import product

TIMEOUT = 5 * processes.TIMEOUT  # of many programs, one after the other
MARK = "---8<--- block"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)

# The network of the tutorial, with pinshim installed; and back from its folder.
PRACTICE = "```sh\nmake install\nsamples/practice.sh /root/practice\ncd /root/practice\n```\n"
BACK = "```sh\ncd - > /dev/null\n```\n"

# A machine of its own: its network is its loopback device, its processes end with it.
_MACHINE = """
cp -a /etc {folder}/etc
rm -rf {folder}/etc/pinshim {folder}/etc/ld.so.preload
cp -p --remove-destination {hosts} {folder}/etc/hosts
mkdir -p {folder}/var/lib/dpkg
mount --bind -o ro /var/lib/dpkg {folder}/var/lib/dpkg
for place in etc var/lib var/log run srv usr/local root; do
    mkdir -p {folder}/$place
    [ -d /$place ] || continue
    mount --rbind {folder}/$place /$place
done
mkdir -p /var/lib/nginx /var/log/nginx
/usr/bin/python3 -c '
import fcntl, socket, struct
loopback = struct.pack("16sh", b"lo", 1 | 64)  # IFF_UP | IFF_RUNNING
fcntl.ioctl(socket.socket(), 0x8914, loopback.ljust(40, b"\\0"))'
"""


def blocks_of(text):
    """The commands of a document, each with the lines that it says they print."""
    found = []
    for language, body in _BLOCK.findall(text):
        if language == "sh":
            found.append((body, []))
        elif not language and found and not found[-1][1]:
            found[-1][1].extend(body.splitlines())
    return found


def missing(expected, printed):
    """The first line that was not printed after those before it; None where all were."""
    lines = iter(printed)
    for line in expected:
        pattern = ".*".join(map(re.escape, line.split("...")))
        if not any(re.fullmatch(pattern, candidate.rstrip()) for candidate in lines):
            return line
    return None


def play(text, folder, **changes):
    """Runs the blocks of a document in one shell, on a machine of its own; what each printed."""
    script = "".join(f"echo '{MARK}'\n{commands}" for commands, _ in blocks_of(text))
    hosts = folder / "hosts"
    hosts.write_text("127.0.0.1 localhost\n")
    machine = namespaces.inside(_MACHINE.format(folder=folder, hosts=hosts))
    apart = ["--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    words = [*machine[:2], *apart, *machine[2:], "bash", "-c", f"exec 2>&1\n{script}"]
    env = {**processes.plain_environment("/root"), **changes}
    env["LC_ALL"] = "C.UTF-8"
    env["PATH"] = f"/usr/local/sbin:/usr/local/bin:{env['PATH']}"
    done = processes.run(words, env=env, cwd=product.PROJECT, timeout=TIMEOUT)
    return done, [part.splitlines() for part in done.stdout.split(f"{MARK}\n")[1:]]


def assert_prints(text, folder, **changes):
    """Its commands print what it says."""
    blocks = blocks_of(text)
    assert sum(len(expected) for _, expected in blocks) >= 3
    done, printed = play(text, folder, **changes)
    for (commands, expected), lines in zip(blocks, printed, strict=True):
        assert missing(expected, lines) is None, f"{commands}\n{done.output}"
