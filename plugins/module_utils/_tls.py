# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS to one server: whom to trust, and by which name the server goes."""

from __future__ import annotations

import os
import socket
import ssl
import typing as t
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._errors import DescriptionError, Problem

__all__ = ("Tls", "has_ended", "parse_tls", "tls_failure")


@dataclass(frozen=True)
class Tls:
    """How connections to one server are secured.

    :arg hostname: what its certificate has to name, a host name or an address.
    """

    context: ssl.SSLContext
    hostname: str

    def wrap(self, connection: socket.socket) -> ssl.SSLSocket:
        """Return the connection with TLS over it.

        :raises OSError: where the server has no TLS, or is not the one that was meant; see ``tls_failure``.
        """
        return self.context.wrap_socket(connection, server_hostname=self.hostname)


def parse_tls(options: t.Mapping[str, t.Any], *, hostname: str, where: str) -> Tls:
    """Return what ``ca_path``, ``validate_certs``, ``client_cert`` and ``client_key`` say.

    :arg where: what messages put before the name of the option.
    :raises DescriptionError: for files that cannot be used.
    """
    context = ssl.create_default_context()
    # A server with more than one service at a port tells DNS by it (RFC 9103 section 7.1).
    context.set_alpn_protocols(["dot"])
    certificate, key = options.get("client_cert"), options.get("client_key")
    if key is not None and certificate is None:
        raise DescriptionError([Problem(where=f"{where}client_key", rule="client_cert is needed with it")])
    ca = options.get("ca_path")
    if ca is not None:
        folder = os.path.isdir(ca)
        rule = "has no certificates in PEM form that this user can read"
        _load(
            lambda: context.load_verify_locations(None if folder else ca, ca if folder else None),
            Problem(where=f"{where}ca_path", value=ca, rule=rule),
        )
    if certificate is not None:
        rule = "must be a certificate in PEM form, with its key in it or in client_key, not encrypted"
        _load(
            # An encrypted key would be asked for at the terminal.
            lambda: context.load_cert_chain(certificate, key, password=""),
            Problem(where=f"{where}client_cert", value=certificate, rule=rule),
        )
    if options.get("validate_certs") is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return Tls(context=context, hostname=hostname)


def tls_failure(exc: ssl.SSLError) -> str:
    """Return what went wrong with TLS and what to do, for the end of a sentence."""
    if isinstance(exc, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not accepted: {exc.verify_message}; give the CA that issued it with ca_path, or the"
            " name that it has with server_hostname"
        )
    return f"TLS fails: {exc.reason or exc}; does it listen for TLS at this port, and want a client_cert?"


def has_ended(connection: ssl.SSLSocket) -> bool:
    """Whether the other side has closed a connection on which nothing is due.

    That something can be read is not enough, since servers send tickets for further sessions at any time.
    """
    connection.settimeout(0)
    try:
        connection.recv(1)
    except ssl.SSLWantReadError:
        return False
    except OSError:
        return True
    return True


def _load(load: t.Callable[[], object], problem: Problem) -> None:
    try:
        load()
    except (OSError, ValueError) as exc:
        raise DescriptionError([problem]) from exc
