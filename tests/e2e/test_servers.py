"""A program that accepts connections is no client: the shim leaves it alone."""

import clients
import kit
import pki
import policies
import product
import pytest
import servers

every_version = pytest.mark.parametrize("tls", ("1.2", "1.3"))


@pytest.fixture
def policy(folder, certificates):
    """Pins the name to a key that nobody has."""
    return policies.pinning(folder, certificates.stranger_root.pin)


@every_version
def test_kit_server(client_kit, certificates, policy, folder, tls):
    said = []
    for under in (None, policy):
        with kit.server(folder, certificates.attacker, policy=under) as server:
            assert client_kit(server.port, tls=tls, count=2, resume="memory").status == 0
            said.append(
                sorted(line.text for line in server.connections(2))
            )  # each tells of its end
    assert said[0] == said[1]
    assert policy.events() == []


@every_version
@pytest.mark.parametrize(
    "options", ((), ("-Verify", "2", "-verify_return_error")), ids=("plain", "client-certificate")
)
def test_s_server(certificates, policy, folder, tls, options):
    """It verifies a client's certificate for a pinned name: none of the shim's business."""
    client = certificates.attacker_root.issue((pki.PINNED,))
    if options:
        options = (*options, "-CAfile", certificates.bundle)
    with servers.s_server(
        folder,
        certificates.attacker,
        *options,
        env=product.environment(folder),
        prefix=product.under_shim(policy.path),
    ) as server:
        curl = clients.Client(
            "curl",
            lambda r: [
                *clients.BY_NAME["curl"].arguments(r)[:-3],
                "--cert",
                client.chain_file,
                "--key",
                client.key_file,
                f"https://{r.host}:{r.port}/",
            ],
            "",
        )
        done = curl.run(
            clients.Request(pki.PINNED, server.port, certificates.bundle, "", tls), folder
        )
        assert done.status == 0 and "s_server" in done.stdout, done
    assert policy.events() == []


@every_version
@pytest.mark.parametrize("serve", (servers.socat, servers.stunnel), ids=("socat", "stunnel"))
def test_echo_server_as_the_genuine_one(certificates, folder, tls, serve):
    policy = policies.pinning(folder, certificates.genuine.pin)
    with serve(folder, certificates.genuine) as server:
        request = clients.Request(pki.PINNED, server.port, certificates.bundle, "s3cret", tls)
        done = clients.BY_NAME["socat"].run(request, folder, policy)
        assert done.status == 0 and "s3cret" in done.stdout, done


@every_version
@pytest.mark.parametrize("name", ("python-ssl", "python-urllib", "s_client-strict", "perl"))
def test_s_server_as_the_genuine_one(certificates, folder, tls, name):
    policy = policies.pinning(folder, certificates.root.pin)
    with servers.s_server(folder, certificates.genuine) as server:
        request = clients.Request(pki.PINNED, server.port, certificates.bundle, "s3cret", tls)
        done = clients.BY_NAME[name].run(request, folder, policy)
        assert done.status == 0 and "s_server" in done.stdout, done
