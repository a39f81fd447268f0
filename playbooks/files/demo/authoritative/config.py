# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration file: a JSON document that lists keys and logical servers."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import typing as t

import dns.exception
import dns.name
import dns.tsig

__all__ = ["Config", "ConfigError", "Endpoint", "ServerConfig", "ZoneConfig", "read_config"]


class ConfigError(Exception):
    """The configuration cannot be used; the message names the place and the rule."""


class Endpoint(t.NamedTuple):
    """Where a server listens or is asked: an address and a port."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.address}@{self.port}"


@dataclasses.dataclass(frozen=True)
class ZoneConfig:
    """One zone on one server. `key` signs what a secondary asks its primaries."""

    name: dns.name.Name
    file: pathlib.Path
    type: t.Literal["primary", "secondary"]
    primaries: tuple[Endpoint, ...]
    notify: tuple[Endpoint, ...]
    key: dns.name.Name | None
    allow_update: dns.name.Name | None
    allow_transfer: dns.name.Name | None


@dataclasses.dataclass(frozen=True)
class ServerConfig:
    """One logical name server: the endpoints it listens on and the zones it serves there."""

    name: str
    endpoints: tuple[Endpoint, ...]
    zones: tuple[ZoneConfig, ...]


@dataclasses.dataclass(frozen=True)
class Config:
    """The whole file: TSIG keys by name, and the servers."""

    keys: dict[dns.name.Name, dns.tsig.Key]
    servers: tuple[ServerConfig, ...]
    query_log: pathlib.Path | None


def read_config(path: pathlib.Path) -> Config:
    """Read the file at `path`; relative paths in it start at its own folder.

    Raises ConfigError when the file is not readable, not JSON or not of the described shape.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        keys = {key.name: key for key in map(_read_key, document.get("keys", []))}
        servers = tuple(_read_server(entry, folder=path.parent, keys=keys) for entry in document["servers"])
        query_log = document.get("query_log")
        return Config(keys=keys, servers=servers, query_log=path.parent / query_log if query_log else None)
    except KeyError as error:
        raise ConfigError(f"{path}: required entry {error} is missing") from error
    except (OSError, ValueError, TypeError, AttributeError, dns.exception.DNSException, ConfigError) as error:
        raise ConfigError(f"{path}: {error}") from error


def _read_key(entry: dict[str, t.Any]) -> dns.tsig.Key:
    algorithm = dns.name.from_text(entry.get("algorithm", "hmac-sha256"))
    return dns.tsig.Key(dns.name.from_text(entry["name"]), entry["secret"], algorithm)


def _read_server(
    entry: dict[str, t.Any], *, folder: pathlib.Path, keys: dict[dns.name.Name, dns.tsig.Key]
) -> ServerConfig:
    port = int(entry["port"])
    zones = tuple(_read_zone(zone, port=port, folder=folder, keys=keys) for zone in entry["zones"])
    if len({zone.name for zone in zones}) != len(zones):
        raise ConfigError(f"server {entry['name']} lists a zone twice")
    endpoints = tuple(Endpoint(address, port) for address in entry["addresses"])
    return ServerConfig(name=entry["name"], endpoints=endpoints, zones=zones)


def _read_zone(
    entry: dict[str, t.Any], *, port: int, folder: pathlib.Path, keys: dict[dns.name.Name, dns.tsig.Key]
) -> ZoneConfig:
    def key(option: str) -> dns.name.Name | None:
        if entry.get(option) is None:
            return None
        name = dns.name.from_text(entry[option])
        if name not in keys:
            raise ConfigError(f"zone {entry['name']}: {option} names the unknown key {entry[option]}")
        return name

    def endpoints(option: str) -> tuple[Endpoint, ...]:
        return tuple(_read_endpoint(text, default_port=port) for text in entry.get(option, []))

    kind = entry.get("type", "primary")
    if kind not in ("primary", "secondary"):
        raise ConfigError(f"zone {entry['name']}: type is {kind!r}, not primary or secondary")
    if kind == "secondary" and not entry.get("primaries"):
        raise ConfigError(f"zone {entry['name']}: a secondary needs primaries")
    return ZoneConfig(
        name=dns.name.from_text(entry["name"]),
        file=folder / entry["file"],
        type=kind,
        primaries=endpoints("primaries"),
        notify=endpoints("notify"),
        key=key("key"),
        allow_update=key("allow_update"),
        allow_transfer=key("allow_transfer"),
    )


def _read_endpoint(text: str, *, default_port: int) -> Endpoint:
    address, separator, port = text.partition("@")
    return Endpoint(address, int(port) if separator else default_port)
