"""FTP over TLS has a connection of its own for each file, and another server may take it."""

import attacker
import pki
import policies
import processes
import product
import pytest
import starttls

SECRET = "what the file holds"


def _keep(stream):
    """A server that takes a file."""
    while stream.read():
        pass
    stream.end()


def _upload(certificates, folder, taker, policy=None, *options):
    """curl sends a file. The right server has its orders, `taker` the file. How curl ended, and what
    the taker saw."""
    with attacker.Server(taker, _keep) as data:
        dialogue = starttls.ftp_with_data_at(data.port)
        with dialogue.server(certificates.genuine) as control:
            words = [
                *("curl", "--silent", "--verbose", "--max-time", "20", "--disable-epsv"),
                *("--cacert", certificates.bundle, "--ssl-reqd", "--upload-file", "-", *options),
                *("--resolve", f"{pki.PINNED}:{control.port}:127.0.0.1"),
                f"ftp://{pki.PINNED}:{control.port}/file",
            ]
            env = processes.plain_environment(folder)
            if policy:
                words = [*product.under_shim(policy.path), *words]
                env = product.environment(folder)
            done = processes.run(words, env=env, stdin=SECRET)
            control.finish()
        return done, data.finish()


@pytest.mark.parametrize("options", ((), ("--insecure",)), ids=("verifying", "insecure"))
def test_file_goes_to_the_pinned_server_alone(certificates, folder, options):
    policy = policies.pinning(folder, certificates.genuine.pin)
    done, sent = _upload(certificates, folder, certificates.attacker, None, *options)
    assert done.status == 0 and attacker.leaked(sent) == SECRET.encode(), done
    done, sent = _upload(certificates, folder, certificates.genuine, policy, *options)
    assert done.status == 0 and attacker.leaked(sent) == SECRET.encode(), done
    assert policy.events() == []
    done, sent = _upload(certificates, folder, certificates.attacker, policy, *options)
    # Whatever is wrong with a certificate, curl may first ask for another data connection (13).
    assert done.status in (60, 13) and "problem: certificate rejected" in done.stderr, done
    assert attacker.leaked(sent) == b""
    assert [connection.alert for connection in sent] == [attacker.BAD_CERTIFICATE]
    event = policy.event()
    # curl's TLS has no socket that could be asked, and the process has two: the port isn't known.
    assert (event["host"], event["port"], event["app"]) == (pki.PINNED, 0, "curl")
