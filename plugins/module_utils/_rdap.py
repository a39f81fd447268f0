# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a registry says of a domain in public, by RDAP (RFC 9082, RFC 9083): status, locks, expiry, delegation."""

from __future__ import annotations

import http.client
import json
import typing as t
import urllib.error
import urllib.parse
from dataclasses import dataclass

from ansible_collections.zonecut.dns.plugins.module_utils._errors import QueryError

__all__ = ("Fetch", "Registration", "fetch_json", "registration")

Fetch = t.Callable[[str], object]

# RFC 8056 section 2: how RDAP spells what EPP calls statuses that forbid a change.
_LOCKS = (
    *("client update prohibited", "server update prohibited"),
    *("client transfer prohibited", "server transfer prohibited"),
    *("client delete prohibited", "server delete prohibited", "locked"),
)


@dataclass(frozen=True)
class Registration:
    """What RDAP says of a domain.

    :arg status: as RFC 8056 spells them.
    :arg expires: when the registration ends, as the registry writes it (RFC 3339), or None.
    :arg name_servers: lower case, without final dot.
    :arg ds: as text, in lower case; empty where the registry does not tell.
    :arg tells_ds: whether ``ds`` is all there are, so that nothing in it means none.
    """

    status: tuple[str, ...]
    expires: str | None
    registrar: str | None
    name_servers: tuple[str, ...]
    ds: tuple[str, ...]
    tells_ds: bool = False

    @property
    def locks(self) -> tuple[str, ...]:
        """The statuses that forbid something."""
        return tuple(status for status in self.status if status in _LOCKS)

    def result(self) -> dict[str, t.Any]:
        """Return the form that modules return."""
        return {
            "status": list(self.status),
            "locks": list(self.locks),
            "expires": self.expires,
            "registrar": self.registrar,
            "name_servers": list(self.name_servers),
            "ds": list(self.ds),
        }


def registration(zone: str, *, base: str, fetch: Fetch) -> Registration:
    """Return what the RDAP server at ``base`` says of ``zone``.

    :arg base: its URL, as https://data.iana.org/rdap/dns.json lists it.
    :arg fetch: returns the JSON at a URL.
    :raises QueryError: where it says nothing that can be read.
    """
    url = f"{base.rstrip('/')}/domain/{urllib.parse.quote(zone)}"
    found = fetch(url)
    if not isinstance(found, dict) or found.get("objectClassName") != "domain":
        raise QueryError(f"{url} is no RDAP answer for a domain: check the URL")
    ds = tuple(sorted(_ds_texts(found)))
    return Registration(
        status=tuple(sorted(str(each).lower() for each in _list(found, "status"))),
        expires=next(
            (
                str(event["eventDate"])
                for event in _mappings(found, "events")
                if event.get("eventAction") == "expiration" and "eventDate" in event
            ),
            None,
        ),
        registrar=_registrar(found),
        name_servers=tuple(
            sorted(
                str(server["ldhName"]).lower().rstrip(".")
                for server in _mappings(found, "nameservers")
                if "ldhName" in server
            )
        ),
        ds=ds,
        tells_ds=bool(ds) or _is_unsigned(found),
    )


def fetch_json(url: str, *, timeout: float) -> object:
    """Return the JSON at an RDAP URL; redirections lead to the server of the registry.

    :raises QueryError: where there is none.
    """
    # Only where it is needed: importing it takes longer than everything else.
    from ansible.module_utils.urls import ConnectionError as UrlConnectionError
    from ansible.module_utils.urls import open_url

    # Anything else that urllib opens, such as file:, is no place for RDAP.
    if not url.lower().startswith(("https://", "http://")):
        raise QueryError(f"{url}: the RDAP URL begins with https:// or http://")
    try:
        with open_url(url, timeout=timeout, headers={"Accept": "application/rdap+json, application/json"}) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as exc:
        reason = "it knows no such domain" if exc.code == 404 else f"HTTP {exc.code}"
        raise QueryError(f"{url}: {reason}") from exc
    except (OSError, ValueError, http.client.HTTPException, UrlConnectionError) as exc:
        raise QueryError(f"{url} gave no usable answer ({getattr(exc, 'reason', None) or exc})") from exc


def _registrar(found: t.Mapping[str, t.Any]) -> str | None:
    for entity in _mappings(found, "entities"):
        if "registrar" not in _list(entity, "roles"):
            continue
        card = entity.get("vcardArray")
        for field in card[1] if isinstance(card, list) and len(card) > 1 and isinstance(card[1], list) else ():
            if isinstance(field, list) and len(field) > 3 and field[0] == "fn":
                return str(field[3])
        return str(entity["handle"]) if "handle" in entity else None
    return None


def _ds_texts(found: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    secure = found.get("secureDNS")
    for each in _mappings(secure, "dsData") if isinstance(secure, dict) else ():
        fields = [each.get(key) for key in ("keyTag", "algorithm", "digestType", "digest")]
        if None not in fields:
            yield " ".join(str(field).lower() for field in fields)


def _is_unsigned(found: t.Mapping[str, t.Any]) -> bool:
    secure = found.get("secureDNS")
    # RFC 9083 section 5.3: keys may stand there in place of DS records, or nothing but that there are some.
    return isinstance(secure, dict) and not any(secure.get(key) for key in ("delegationSigned", "dsData", "keyData"))


def _list(found: t.Mapping[str, t.Any], key: str) -> list[t.Any]:
    value = found.get(key)
    return value if isinstance(value, list) else []


def _mappings(found: t.Mapping[str, t.Any], key: str) -> list[dict[str, t.Any]]:
    return [each for each in _list(found, key) if isinstance(each, dict)]
