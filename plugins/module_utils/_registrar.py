# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registrars with an API of their own: what they have in common is the order of steps, and the waiting between them."""

from __future__ import annotations

import abc
import ipaddress
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.zonecut.dns.plugins.module_utils._delegation import Delegation
from ansible_collections.zonecut.dns.plugins.module_utils._deps import deps
from ansible_collections.zonecut.dns.plugins.module_utils._description import NameServer, Zone
from ansible_collections.zonecut.dns.plugins.module_utils._errors import DelegationError
from ansible_collections.zonecut.dns.plugins.module_utils._names import display_name, is_in_domain
from ansible_collections.zonecut.dns.plugins.module_utils._parents.base import Change, Parent
from ansible_collections.zonecut.dns.plugins.module_utils._plan import stays_secure
from ansible_collections.zonecut.dns.plugins.module_utils._registered_domains import check_unchanged

with deps.declare("dnspython"):
    import dns.exception
    import dns.name
    import dns.rdata

__all__ = ("Held", "RegistrarParent", "must_be_below")

# How often a step that was accepted is looked for before the next one, and how many seconds lie in between.
_LOOKS = 30
_PAUSE = 1.0


@dataclass(frozen=True)
class Held:
    """What a registrar holds for one domain.

    :arg name_servers: their names.
    :arg hosts: the addresses of each host below the domain that the registry knows, whether it is used or not.
    :arg ds: DS or DNSKEY rdatas, as it takes them.
    """

    name_servers: frozenset[dns.name.Name]
    hosts: t.Mapping[dns.name.Name, frozenset[str]]
    ds: frozenset[dns.rdata.Rdata]

    @classmethod
    def of(
        cls,
        name_servers: t.Iterable[str],
        hosts: t.Mapping[str, t.Iterable[str]],
        ds: t.Iterable[dns.rdata.Rdata],
    ) -> Held:
        """Return what an API tells as text.

        :raises ValueError: for addresses that are none, dns.exception.DNSException for such names.
        """
        return cls(
            name_servers=frozenset(dns.name.from_text(name) for name in name_servers),
            hosts={
                dns.name.from_text(name): frozenset(str(ipaddress.ip_address(address)) for address in addresses)
                for name, addresses in hosts.items()
            },
            ds=frozenset(ds),
        )

    def delegation(self) -> Delegation:
        """Return what resolvers see of it."""
        return Delegation.of(
            (NameServer(name, tuple(self.hosts.get(name, ()))) for name in self.name_servers),
            self.ds if self.name_servers else (),
        )


class RegistrarParent(Parent):
    """A registrar, where hosts with their addresses are things of their own.

    :cvar at_once: whether name servers and keys of a domain change in one request.
    """

    at_once: t.ClassVar[bool] = False

    @abc.abstractmethod
    def look_up(self, zone: Zone) -> Held:
        """Return what is held now; a name or an address that is none may raise what it likes.

        :raises DelegationError: where that cannot be told, such as for a domain that is not in the account.
        """

    @abc.abstractmethod
    def put_host(self, zone: Zone, name: dns.name.Name, addresses: t.Sequence[str], *, new: bool) -> None:
        """Let a host below the domain have these addresses and no others; make it if it is ``new``."""

    @abc.abstractmethod
    def drop_host(self, zone: Zone, name: dns.name.Name) -> None:
        """Remove a host that is no name server of the domain any more."""

    @abc.abstractmethod
    def put_delegation(self, zone: Zone, before: Delegation, after: Delegation) -> None:
        """Let the domain have the name servers and keys of ``after`` where these are not those of ``before``.

        Without ``at_once``, keys only come or only go, and never together with a change of name servers.
        """

    def read(self, zone: Zone) -> Delegation:
        return self._held(zone).delegation()

    def apply(self, change: Change) -> None:
        zone, present, wanted = change.zone, change.present, change.wanted
        held = self._held(zone)
        # There is no way to let a registrar compare, so the time for somebody else's change is kept short.
        check_unchanged(change, held.delegation())
        unused = _glue(zone, present).keys() - _glue(zone, wanted).keys()
        before = present
        for after in self._steps(present, wanted):
            # What did not come about is found by the engine, which reads it again and tells; nothing is built on it.
            if before != present and not self._came_about(zone, _shows(before)):
                return
            if after.name_servers != before.name_servers and not self._put_hosts(zone, held, before, after):
                return
            self.put_delegation(zone, before, after)
            before = after
        if unused and self._came_about(zone, lambda found: not found.name_servers & unused):
            self._drop_hosts(zone, sorted(unused))

    def _held(self, zone: Zone) -> Held:
        try:
            return self.look_up(zone)
        except (ValueError, dns.exception.DNSException) as exc:
            raise DelegationError(f"what the registrar holds is no delegation: {exc}") from exc

    def _steps(self, present: Delegation, wanted: Delegation) -> t.Iterator[Delegation]:
        """Yield what is to be held after each request, the last one being ``wanted``; see ``_plan``."""
        steps = [wanted]
        if not self.at_once:
            between = present.ds | wanted.ds if stays_secure(present, wanted) else present.ds & wanted.ds
            steps = [replace(present, ds=between), replace(wanted, ds=between), wanted]
        before = present
        for step in steps:
            if step != before:
                yield step
            before = step

    def _put_hosts(self, zone: Zone, held: Held, before: Delegation, after: Delegation) -> bool:
        """Make hosts have their addresses; return whether they do, where a name server depends on that."""
        due = {name: addresses for name, addresses in _glue(zone, after).items() if held.hosts.get(name) != addresses}
        for name, addresses in due.items():
            self.put_host(
                zone, name, sorted(addresses, key=lambda each: (":" in each, each)), new=name not in held.hosts
            )
        if not due or _names(before) == _names(after):
            return True
        return self._came_about(zone, lambda found: all(found.hosts.get(name) == due[name] for name in due))

    def _drop_hosts(self, zone: Zone, names: t.Iterable[dns.name.Name]) -> None:
        for name in names:
            try:
                self.drop_host(zone, name)
            except DelegationError as exc:
                self.setting.warn(
                    f"{display_name(name)} is no name server of {zone.text} any more, but {self.name} still has its"
                    f" addresses, perhaps since other domains use it: {exc.message}"
                )

    def _came_about(self, zone: Zone, shows: t.Callable[[Held], bool]) -> bool:
        """Return whether the registrar comes to show something, waiting a while where it makes changes later."""
        for left in reversed(range(_LOOKS if self.abilities.asynchronous else 1)):
            if shows(self._held(zone)):
                return True
            # It is told with its reason where a step was given up.
            self.progress(zone)
            if left:
                self.setting.sleep(_PAUSE)
        return False


def must_be_below(change: Change) -> None:
    """Check that no name server has the name of the domain itself, for APIs that name hosts by what is before it."""
    if any(server.name == change.zone.name for server in change.wanted.name_servers):
        raise DelegationError(
            f"this registrar takes the addresses of hosts below {change.zone.text} only, so a name server cannot have"
            " the name of the domain itself: name it ns1 or so below"
        )


def _shows(delegation: Delegation) -> t.Callable[[Held], bool]:
    return lambda held: held.delegation() == delegation


def _glue(zone: Zone, delegation: Delegation) -> dict[dns.name.Name, frozenset[str]]:
    return {
        server.name: frozenset(server.addresses)
        for server in delegation.name_servers
        if is_in_domain(server.name, zone.name)
    }


def _names(delegation: Delegation) -> set[dns.name.Name]:
    return {server.name for server in delegation.name_servers}
