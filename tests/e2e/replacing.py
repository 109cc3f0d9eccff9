"""A policy that is replaced again and again while a program runs."""

import contextlib
import threading

import pki
import policies

INTERVAL = 0.02  # seconds


@contextlib.contextmanager
def policy(folder, certificates, kind):
    """Two that say the same of the pinned name, in turn. `kind`: text or image."""
    contents = []
    for name in ("first", "second"):
        entries = [
            policies.entry(pki.PINNED, pins=[certificates.genuine.pin]),
            policies.entry(f"{name}.example", pins=[certificates.genuine.pin]),
        ]
        made = policies.write(folder / name, *entries, events_file=folder / "events.jsonl")
        path = policies.image_of(made) if kind == "image" else made.path
        contents.append(path.read_bytes())
    path = folder / "policy"
    path.write_bytes(contents[0])
    done = threading.Event()

    def replace():
        number = 0
        while not done.wait(INTERVAL):
            number += 1
            policies.replace(path, contents[number % 2])

    thread = threading.Thread(target=replace, daemon=True)
    thread.start()
    try:
        yield policies.Policy(path, made.events_file)
    finally:
        done.set()
        thread.join()
