"""The real agent brings the next key to programs that run."""

import contextlib
import ssl

import agents
import attacker
import bundles
import clients
import kit
import machines
import namespaces
import policies
import processes
import pytest
import servers

pytestmark = namespaces.needed


@pytest.fixture(scope="module")
def rotated(certificates):
    """The genuine server with its next key."""
    return certificates.intermediate.issue()


class Site:
    """Two servers of the agent's world: nginx with the bundles, and a key that signs them."""

    def __init__(self, folder, server):
        self._folder, self.files = folder, folder / "files"
        self.key = bundles.new_key(folder)
        self.url = f"https://{agents.HOST}:{server.port}/bundle"

    def publish(self, version, *pins):
        """A policy that pins keys of the server that programs seek. nginx tells files of one second
        by their size: versions must differ in length."""
        folder = self._folder / f"v{version}"
        policies.write(folder, policies.entry(SOUGHT, service="custom", pins=pins))
        bundles.make(self._folder / "next", folder, self.key, version=version)
        (self._folder / "next").rename(self.files / "bundle")


SOUGHT = "server.example"


@contextlib.contextmanager
def installed(open_folder, folder, certificates, pin):
    """A machine whose agent has installed a policy with this pin; its site, and the agent."""
    machine = agents.Machine(open_folder, certificates)
    (folder / "files").mkdir()
    with servers.nginx(folder / "nginx", certificates.genuine, files=folder / "files") as web:
        site = Site(folder, web)
        site.publish(1, pin)
        machine.configure(url=site.url, keys=site.key)
        with machine.start() as agent:
            agent.wait_for_match("installed version 1", timeout=30)
            yield machine, site, agent


@pytest.mark.parametrize("library", machines.KITS)
def test_real_agent_brings_the_next_key(open_folder, folder, certificates, rotated, library):
    """And the man in the middle, who comes first, gains nothing by it."""
    client_kit = machines.KITS[library](folder, certificates)
    next_server = certificates.intermediate.issue([SOUGHT], key=rotated.key)
    man_in_the_middle = certificates.attacker_root.issue([SOUGHT])
    pin = certificates.genuine.pin
    with installed(open_folder, folder, certificates, pin) as (machine, site, agent):

        def run(identity):
            with attacker.Server(identity, attacker.answer_lines) as server:
                names = {"sni": SOUGHT, "verify_name": SOUGHT}
                done = client_kit(server.port, prefix=machine.inside(*machines.RUN), **names)
                return done, attacker.leaked(server.finish())

        site.publish(20, rotated.pin)
        done, leaked = run(man_in_the_middle)
        assert done.line.refused_by_shim and leaked == b"", done
        agent.wait_for_match("installed version 20")
        done, leaked = run(next_server)
        assert done.status == 0 and leaked == b"secret.1\n", done


def test_first_connection_after_a_rotation_has_the_real_agent_fetch(
    open_folder, folder, certificates, rotated
):
    next_server = certificates.intermediate.issue([SOUGHT], key=rotated.key)
    pin = certificates.genuine.pin
    with installed(open_folder, folder, certificates, pin) as (machine, site, _):
        site.publish(20, rotated.pin)
        with attacker.Server(next_server) as sought:
            request = clients.Request(SOUGHT, sought.port, certificates.bundle, "s3cret", "1.3")
            words = machine.inside(*machines.RUN, *clients.BY_NAME["curl"].arguments(request))
            done = processes.run(words, env=machine.environment())
            assert done.status == 0, done
            assert b"s3cret" in attacker.leaked(sought.finish())


def test_sixteen_clients_run_through_a_rotation(
    open_folder, folder, certificates, rotated, client_kit
):
    """None is bricked by it, and none takes the man in the middle for the server with its next key."""
    pins = [certificates.genuine.pin, rotated.pin]
    server_with = {
        pin: certificates.intermediate.issue([SOUGHT], key=identity.key)
        for pin, identity in zip(pins, (certificates.genuine, rotated))
    }
    settings = {"sni": SOUGHT, "verify_name": SOUGHT, "drive": "connect"}
    shown = []  # the server's certificates, the newest last: exchanged in one step

    def show(identity):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(identity.chain_file, identity.key_file)
        shown.append(context)

    def choose(context):
        context.sni_callback = lambda stream, *_: setattr(stream, "context", shown[-1])

    show(server_with[pins[0]])
    with installed(open_folder, folder, certificates, pins[0]) as (machine, site, agent):
        settings["prefix"] = machine.inside(*machines.RUN)
        with attacker.Server(
            server_with[pins[0]], attacker.answer_lines, configure=choose
        ) as sought:
            with kit.Load(client_kit, sought.port, **settings) as load:
                assert all(load.next().connected for _ in range(3 * kit.Load.THREADS))
                site.publish(20, *pins)
                show(server_with[pins[1]])
                agent.wait_for_match("installed version 20")
                assert all(load.next().connected for _ in range(6 * kit.Load.THREADS))
                man_in_the_middle = certificates.attacker_root.issue([SOUGHT])
                with attacker.Server(man_in_the_middle, attacker.answer_lines) as bad:
                    with kit.Load(client_kit, bad.port, **settings) as victims:
                        refused = [victims.next() for _ in range(3 * kit.Load.THREADS)]
                        assert all(line.refused_by_shim for line in [*refused, *victims.finish()])
                    assert attacker.leaked(bad.finish()) == b""
                assert all(line.connected for line in load.finish())
