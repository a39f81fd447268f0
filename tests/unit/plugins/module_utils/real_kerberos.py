# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A realm of MIT Kerberos on loopback, with its own configuration, keytabs and credentials caches in one folder."""

from __future__ import annotations

import pathlib
import socket
import subprocess
import typing as t
from contextlib import contextmanager

import pytest

from ansible_collections.zonecut.dns.tests.unit.plugins.module_utils.real_primaries import (
    ADDRESS,
    free_port,
    program,
    running,
)

__all__ = ("REALM", "Realm", "realm")

REALM = "ZONECUT.TEST"


class Realm:
    """A realm whose KDC runs; ``environment`` is for whoever takes part in it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.environment = {
            "KRB5_CONFIG": str(folder / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(folder / "kdc.conf"),
            "KRB5CCNAME": f"FILE:{folder}/cache",
            "KRB5RCACHENAME": f"file2:{folder}/replays",
            "KRB5_CLIENT_KTNAME": str(folder / "nobody.keytab"),
        }

    def keytab(self, principal: str) -> str:
        """Make a principal and return the file with its key."""
        path = str(self.folder / f"{principal.replace('/', '-')}.keytab")
        self._administer(f"addprinc -randkey {principal}")
        self._administer(f"ktadd -k {path} {principal}")
        return path

    def sign_in(self, principal: str, keytab: str) -> None:
        """Put a ticket into the credentials cache."""
        self.run([program("kinit"), "-k", "-t", keytab, principal])

    def sign_out(self) -> None:
        """Empty the credentials cache."""
        (self.folder / "cache").unlink(missing_ok=True)

    def run(self, command: t.Sequence[str]) -> None:
        """Run a program that takes part in the realm."""
        subprocess.run(command, env={**self.environment, "PATH": "/usr/bin:/bin"}, check=True, capture_output=True)

    def _administer(self, query: str) -> None:
        self.run([program("kadmin.local"), "-r", REALM, "-q", query])


@contextmanager
def realm(folder: pathlib.Path) -> t.Generator[Realm, None, None]:
    """Run the KDC of a new realm until the block ends; the test that needs it is skipped where it is not installed."""
    pytest.importorskip("gssapi")
    kdc, tool, port = program("krb5kdc"), program("kdb5_util"), free_port()
    (folder / "krb5.conf").write_text(f"""
[libdefaults]
    default_realm = {REALM}
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
[realms]
    {REALM} = {{
        kdc = {ADDRESS}:{port}
    }}
""")
    (folder / "kdc.conf").write_text(f"""
[kdcdefaults]
    kdc_listen = {ADDRESS}:{port}
    kdc_tcp_listen = {ADDRESS}:{port}
[realms]
    {REALM} = {{
        database_name = {folder}/principal
        key_stash_file = {folder}/stash
        acl_file = {folder}/acl
    }}
""")
    made = Realm(folder)
    made.run([tool, "create", "-r", REALM, "-s", "-P", "of no worth"])
    command = [kdc, "-n", "-r", REALM, "-P", str(folder / "kdc.pid")]
    with running(command, folder=folder, ready=lambda: _listens(port), environment=made.environment):
        yield made


def _listens(port: int) -> bool:
    try:
        socket.create_connection((ADDRESS, port), timeout=1).close()
    except OSError:
        return False
    return True
