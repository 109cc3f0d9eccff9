"""A stranger's first quarter of an hour, with nothing but the packages and what the README says."""

import pathlib
import shutil
import socket
import time

import debian
import product

pytestmark = product.needs_root
SCRIPT = pathlib.Path(__file__).with_name("first_quarter_of_an_hour.sh")
QUARTER = 15 * 60


def free_ports(count):
    """Ports that nobody has."""
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in taken]
    for server in taken:
        server.close()
    return ports


def test_nothing_is_a_surprise(place, packages):
    debian.needs_roots()
    root = debian.Root.unpack(place / "strange")
    for file in (*packages, SCRIPT):
        root.place(file, f"/srv/{file.name}")
    started = time.monotonic()
    done = root.run(f"/srv/{SCRIPT.name}", "/srv", *free_ports(2), timeout=QUARTER)
    print(done.stdout, f"\n{time.monotonic() - started:.0f} s")
    shutil.rmtree(root.folder)
    assert done.status == 0, done
    assert "== Nothing has been a surprise" in done.stdout
