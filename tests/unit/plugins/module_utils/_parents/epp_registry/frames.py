# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EPP frames: their names, how answers are put together, and whether a frame is as the schemas want it."""

from __future__ import annotations

import functools
import pathlib
import typing as t
from datetime import datetime, timezone

from lxml import etree

__all__ = ("DOMAIN", "EPP", "HOST", "LOGIN_SECURITY", "SECDNS", "add", "greeting", "parsed", "response", "violation")

EPP = "urn:ietf:params:xml:ns:epp-1.0"
DOMAIN = "urn:ietf:params:xml:ns:domain-1.0"
HOST = "urn:ietf:params:xml:ns:host-1.0"
CONTACT = "urn:ietf:params:xml:ns:contact-1.0"
SECDNS = "urn:ietf:params:xml:ns:secDNS-1.1"
LOGIN_SECURITY = "urn:ietf:params:xml:ns:epp:loginSec-1.0"

# Net::EPP looks for some elements by these prefixes.
_PREFIXES = {None: EPP, "domain": DOMAIN, "host": HOST, "secDNS": SECDNS, "loginSec": LOGIN_SECURITY}
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)

Element = t.Any


@functools.lru_cache(maxsize=1)
def _schema() -> t.Any:
    return etree.XMLSchema(etree.parse(str(pathlib.Path(__file__).parent / "schemas" / "all.xsd")))


def violation(frame: Element) -> str | None:
    """Return why ``frame`` is not as the schemas want it, or None."""
    schema = _schema()
    # What is added by hand to a tree may differ from what is read.
    if schema.validate(etree.fromstring(etree.tostring(frame), _PARSER)):
        return None
    return f"{schema.error_log.last_error}: {etree.tostring(frame).decode()}"


def parsed(octets: bytes) -> Element:
    """Return the frame in ``octets``.

    :raises lxml.etree.XMLSyntaxError: for what is no XML.
    """
    return etree.fromstring(octets, _PARSER)


def add(parent: Element, uri: str, name: str, text: str | None = None, **attributes: str) -> Element:
    """Append an element and return it."""
    element = etree.SubElement(parent, f"{{{uri}}}{name}", attributes)
    element.text = text
    return element


def greeting(*, objects: t.Sequence[str], extensions: t.Sequence[str], languages: t.Sequence[str]) -> Element:
    """Return the greeting of a registry that offers these."""
    root = etree.Element(f"{{{EPP}}}epp", nsmap=_PREFIXES)
    body = add(root, EPP, "greeting")
    add(body, EPP, "svID", "Registry of the tests")
    add(body, EPP, "svDate", datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.0Z"))
    menu = add(body, EPP, "svcMenu")
    add(menu, EPP, "version", "1.0")
    for language in languages:
        add(menu, EPP, "lang", language)
    for uri in objects:
        add(menu, EPP, "objURI", uri)
    if extensions:
        offered = add(menu, EPP, "svcExtension")
        for uri in extensions:
            add(offered, EPP, "extURI", uri)
    policy = add(body, EPP, "dcp")
    add(add(policy, EPP, "access"), EPP, "all")
    statement = add(policy, EPP, "statement")
    add(add(statement, EPP, "purpose"), EPP, "prov")
    add(add(statement, EPP, "recipient"), EPP, "ours")
    add(add(statement, EPP, "retention"), EPP, "stated")
    return root


def response(
    code: int,
    message: str,
    *,
    client_transaction: str | None,
    server_transaction: str,
    queue: tuple[int, str, str] | None = None,
    data: t.Sequence[Element] = (),
    extension: t.Sequence[Element] = (),
) -> Element:
    """Return an answer.

    :arg queue: how many messages there are, and the identifier and text of the first.
    """
    root = etree.Element(f"{{{EPP}}}epp", nsmap=_PREFIXES)
    body = add(root, EPP, "response")
    add(add(body, EPP, "result", code=str(code)), EPP, "msg", message)
    if queue is not None:
        shown = add(body, EPP, "msgQ", count=str(queue[0]), id=queue[1])
        add(shown, EPP, "qDate", "2026-01-01T00:00:00.0Z")
        add(shown, EPP, "msg", queue[2])
    for name, elements in (("resData", data), ("extension", extension)):
        if elements:
            add(body, EPP, name).extend(elements)
    transactions = add(body, EPP, "trID")
    if client_transaction is not None:
        add(transactions, EPP, "clTRID", client_transaction)
    add(transactions, EPP, "svTRID", server_transaction)
    return root
