"""Sends a secret over a connection that becomes TLS midway, or is meant to, by python's libraries.

usage: python_starttls.py INTERFACE HOST PORT BUNDLE SECRET verified|default

HOST is the name of the server, which is sought at 127.0.0.1 ("localhost" is where the library itself
looks it up). "default": the library's own context, which verifies nothing.
"""

import asyncio
import ftplib
import imaplib
import smtplib
import ssl
import sys

TIMEOUT = 10
OURSELVES = "client.example.test"  # else smtplib asks the network what this machine is called


def by_smtplib(context, host, port, secret):
    """smtplib.SMTP.starttls."""
    with smtplib.SMTP(host, port, OURSELVES, TIMEOUT) as connection:
        connection.starttls(context=context)
        connection.sendmail("a@example.test", ["b@example.test"], secret)


def by_smtplib_ssl(context, host, port, secret):
    """smtplib.SMTP_SSL."""
    with smtplib.SMTP_SSL(host, port, OURSELVES, timeout=TIMEOUT, context=context) as connection:
        connection.sendmail("a@example.test", ["b@example.test"], secret)


def by_imaplib(context, host, port, secret):
    """imaplib.IMAP4.starttls."""
    with imaplib.IMAP4(host, port, timeout=TIMEOUT) as connection:
        connection.starttls(context)
        connection.login("user", secret)


def by_imaplib_ssl(context, host, port, secret):
    """imaplib.IMAP4_SSL."""
    with imaplib.IMAP4_SSL(host, port, timeout=TIMEOUT, ssl_context=context) as connection:
        connection.login("user", secret)


def by_ftplib(context, host, port, secret):
    """ftplib.FTP_TLS."""
    with ftplib.FTP_TLS(timeout=TIMEOUT, context=context) as connection:
        connection.connect(host, port)
        connection.login("user", secret)


def by_asyncio(context, host, port, secret):
    """asyncio's StreamWriter.start_tls, as an SMTP client would use it."""

    async def talk():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()
        writer.write(b"STARTTLS\r\n")
        await reader.readline()
        await writer.start_tls(context, server_hostname=host)
        writer.write(f"HELO {secret}\r\n".encode())
        await reader.readline()
        writer.close()

    asyncio.run(asyncio.wait_for(talk(), TIMEOUT))


INTERFACES = {
    "smtplib": by_smtplib,
    "smtplib-ssl": by_smtplib_ssl,
    "imaplib": by_imaplib,
    "imaplib-ssl": by_imaplib_ssl,
    "ftplib": by_ftplib,
    "asyncio": by_asyncio,
}


def main():
    """Runs what the command line says."""
    interface, host, port, bundle, secret, mode = sys.argv[1:]
    context = None
    if mode == "verified":
        context = ssl.create_default_context(cafile=bundle)
    elif interface == "asyncio":  # has none of its own
        context = ssl._create_unverified_context()  # pylint: disable=protected-access
    INTERFACES[interface](context, host, int(port), secret)


if __name__ == "__main__":
    main()
