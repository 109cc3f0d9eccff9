"""ldapsearch with its verification on. For localhost it verifies the machine's own name, which a
certificate has to have, too."""

import dataclasses
import socket

import gnutls_clients
import pytest
import test_protocols


class Meeting(test_protocols.Meeting):
    """Both servers are certified for either name."""

    @property
    def _names(self):
        return tuple(dict.fromkeys((self.client.host, socket.gethostname(), socket.getfqdn())))

    @property
    def genuine(self):
        key = self.certificates.genuine.key
        return self.certificates.intermediate.issue(self._names, key=key)

    @property
    def attacker(self):
        return self.certificates.attacker_root.issue(self._names)


@pytest.fixture(params=("ldapsearch-trusting", "ldapsearch-starttls-trusting"))
def meeting(request, certificates, folder):
    """The same clients, told to verify."""
    client = next(c for c in gnutls_clients.CLIENTS if c.name == request.param)
    starttls = "starttls" in client.name
    scheme, options = ("ldap", ["-ZZ"]) if starttls else ("ldaps", [])
    strict = gnutls_clients.ldapsearch(scheme, "demand", *options)
    return Meeting(dataclasses.replace(client, arguments=strict), certificates, folder)


def test_it_verifies(meeting):
    """Without the shim, too: a certificate of nobody whom it trusts is refused."""
    stranger = meeting.certificates.stranger_root.issue((meeting.client.host,))
    done, _, _ = meeting.run(stranger)
    assert done.status == meeting.client.status, done


def test_right_server_is_reached(meeting):
    policy = meeting.pinning()
    meeting.assert_delivers(meeting.genuine, policy)
    assert policy.events() == []


def test_man_in_the_middle_gets_nothing(meeting):
    meeting.assert_delivers(meeting.attacker)
    meeting.assert_terminated(meeting.pinning())
