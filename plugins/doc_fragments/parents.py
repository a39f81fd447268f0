# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The places that hold delegations: the option itself, put together from a file for each kind of place.

Each of these has ``TYPE``, a text on the kind, and ``OPTIONS``, its options as YAML; ``REQUIREMENT`` is the library
that it alone needs, if any. Ansible merges fragments only at the top level of options, so it is done here.
"""

from __future__ import annotations

import json
import typing as t

import yaml

from ansible_collections.zonecut.dns.plugins.doc_fragments import (
    parent_dnsimple,
    parent_epp,
    parent_gandi,
    parent_inwx,
    parent_octodns,
    parent_ovh,
    parent_porkbun,
    parent_powerdns,
    parent_realtimeregister,
    parent_rfc2136,
    parent_route53domains,
    parent_zone,
)

_KINDS = (
    parent_dnsimple,
    parent_epp,
    parent_gandi,
    parent_inwx,
    parent_octodns,
    parent_ovh,
    parent_porkbun,
    parent_powerdns,
    parent_realtimeregister,
    parent_rfc2136,
    parent_route53domains,
    parent_zone,
)


def _options() -> dict[str, t.Any]:
    merged: dict[str, t.Any] = {}
    for kind in _KINDS:
        for option, documented in yaml.safe_load(kind.OPTIONS).items():
            known = merged.setdefault(option, {**documented, "description": []})
            known["description"] += documented["description"]
            if "choices" in known:
                known["choices"] = list(dict.fromkeys((*known["choices"], *documented["choices"])))
    return merged


def _parents() -> dict[str, t.Any]:
    texts = [" ".join(kind.TYPE.split()) for kind in _KINDS]
    names = sorted(kind.__name__.rpartition(".parent_")[2] for kind in _KINDS)
    kind: dict[str, t.Any] = {
        "description": ["What kind of place this is.", *texts],
        "type": "str",
        "choices": names,
        "required": True,
    }
    name = {"description": ["The name by which zones refer to this parent."], "type": "str", "required": True}
    rdap = {
        "description": [
            "The URL of the RDAP server of this registry, such as C(https://rdap.nic.example/), for"
            " M(zonecut.dns.delegations_info) to tell status, locks and expiry of its domains. Others pass over it."
        ],
        "type": "str",
    }
    return {
        "description": [
            "The places that hold delegations. The C(parent) of a zone names one of them.",
            "Either a list, or a mapping from the name of each to its other options, as in the examples.",
            "An option that belongs to another O(parents[].type) is an error.",
            "Where an option for signing in is not given, such as a name, a key or a secret, it comes from the variable"
            " C(ZONECUT_TYPE_OPTION) in the environment of the host that runs the module, such as"
            " C(ZONECUT_RFC2136_KEY_SECRET), if that is set.",
        ],
        "type": "list",
        "elements": "dict",
        "default": [],
        "suboptions": {"name": name, "type": kind, "rdap": rdap, **_options()},
    }


def _requirements() -> list[str]:
    found = (getattr(kind, "REQUIREMENT", None) for kind in _KINDS)
    return [requirement for requirement in found if requirement is not None]


class ModuleDocFragment:
    """Option V(parents)."""

    # JSON is YAML. Without the type, yamllint of ansible-test takes this for a text and fails.
    DOCUMENTATION: str = json.dumps({"options": {"parents": _parents()}, "requirements": _requirements()})
