"""pinshim install-preload and remove-preload where they can't do it: they say why, and nothing is changed."""

import os
import shutil

import product
import pytest

pytestmark = [
    product.needs_root,
    pytest.mark.skipif(bool(product.sanitizers()), reason="the runtimes must be preloaded first"),
]
OTHERS = "# of others\nlibdl.so.2\n"

# The folder has room for so much, the file included.
FULL = """
cp "$0/etc/ld.so.preload" "$0/before" && mount -t tmpfs -o size=%d full "$0/etc"
cp "$0/before" "$0/etc/ld.so.preload"
"""
READ_ONLY = 'mount --bind "$0/etc" "$0/etc" && mount -o remount,bind,ro "$0/etc"\n'
# The file and its folder thereafter, before the mounts are gone.
AFTERWARDS = 'status=$?; cat "$0/etc/ld.so.preload"; ls "$0/etc"; exit $status'


def run_where(system, mounts, subcommand):
    """The command where these mounts are there, with the file and its folder as they are then."""
    script = f'{mounts} "$1" {subcommand} --root "$0"\n{AFTERWARDS}'
    return system.run("sh", "-c", script, system.root, system.command)


def test_folder_that_is_read_only(system):
    system.file.write_text(OTHERS)
    names = sorted(path.name for path in system.file.parent.iterdir())
    done = run_where(system, READ_ONLY, "install-preload")
    assert done.status == 1 and done.stderr.endswith("Read-only file system\n"), done
    assert done.stdout.splitlines() == [*OTHERS.splitlines(), *names]


@pytest.mark.parametrize("others", ("", "libdl.so.2\n"), ids=("removed", "replaced"))
def test_folder_that_is_read_only_when_it_is_to_be_removed(system, others):
    assert system.pinshim("install-preload").status == 0
    content = system.file.read_text() + others
    system.file.write_text(content)
    done = run_where(system, READ_ONLY, "remove-preload")
    assert done.status == 1 and done.stderr.endswith("Read-only file system\n"), done
    assert system.file.read_text() == content


@pytest.mark.parametrize("pages, free", ((1, 0), (2, 1)), ids=("nothing", "too-little"))
def test_disk_that_is_full(system, pages, free):
    """The first page of the new file may still find room."""
    page = os.sysconf("SC_PAGE_SIZE")
    others = "libdl.so.2\n" * ((pages - 1) * page // 11 + 1)
    system.file.write_text(others)
    done = run_where(system, FULL % ((pages + free) * page), "install-preload")
    assert done.status == 1 and done.stderr.endswith("No space left on device\n"), done
    assert done.stdout == f"{others}ld.so.preload\n"


def test_file_that_is_a_link_is_replaced(system):
    """What it leads to may be somebody else's: it stays as it is."""
    target = system.file.with_name("others")
    target.write_text(OTHERS)
    system.file.symlink_to("others")
    assert system.pinshim("install-preload").status == 0
    assert system.file.read_text() == f"{system.library}\n{OTHERS}"
    assert not system.file.is_symlink() and target.read_text() == OTHERS


@pytest.mark.parametrize("subcommand", ("install-preload", "remove-preload"))
def test_file_that_cannot_be_read(system, subcommand):
    system.file.mkdir()
    done = system.pinshim(subcommand)
    assert done.status == 1 and done.stderr.endswith("/etc/ld.so.preload: Is a directory\n"), done
    system.file.rmdir()
    system.file.write_text("#" * (1 << 20))
    done = system.pinshim(subcommand)
    assert done.status == 1 and done.stderr.endswith("/etc/ld.so.preload: File too large\n"), done


def test_system_in_which_no_process_can_be_started(system):
    """An empty /bin: whether programs still start can't be known."""
    (system.root / "bin").unlink()
    (system.root / "bin").mkdir()
    done = system.pinshim("install-preload")
    assert done.status == 1 and "/bin/true can't be started: No such file" in done.stderr, done
    assert not system.file.exists()


def test_library_that_the_file_cannot_name(system):
    """A "#" begins a comment there."""
    place = system.command.parent.with_name("number#1")
    shutil.copytree(system.command.parent, place)
    system.place(place / "libpinshim.so")
    done = system.run(place / "pinshim", "install-preload", "--root", system.root)
    assert done.status == 1 and done.stderr.endswith("libpinshim.so: Invalid argument\n"), done
    assert not system.file.exists()


@pytest.mark.parametrize("subcommand", ("install-preload", "remove-preload"))
def test_arguments_that_make_no_sense(subcommand):
    done = product.pinshim(subcommand, "--root", "/", "more")
    assert done.returncode == 2 and "too many arguments" in done.stderr, done
    long = "/" + "x" * 4096
    done = product.pinshim(subcommand, "--root", long)
    assert done.returncode == 1 and "File name too long" in done.stderr, done
