# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The description of zones that every module reads."""

from __future__ import annotations


class ModuleDocFragment:
    """Options V(zones), V(zones_from) and V(remote_src)."""

    DOCUMENTATION = r"""
options:
  zones:
    description:
      - The zones, each described once for every module of this collection. A module uses the parts it needs, and a
        plain name stands for a zone of which only the name matters.
      - Either O(zones) or O(zones_from) is needed. The whole description is checked before anything is written or sent.
        The form of all zones comes first, then the data of each zone, then what its data mean together. An error names
        every problem that a step finds, with its zone, place, value and the rule; the next step is made only where
        it finds none.
      - Numbers that are data or names, such as C(0123), C(1:30) or C(1_000), belong in quotes, for YAML reads others
        from them; O(zones_from) refuses them without quotes, and O(zones) cannot tell.
      - C(name) (required) is the apex, absolute with or without the final dot. Names with characters outside ASCII are
        accepted and need the Python library C(idna). A network stands for its reverse zone, C(192.0.2.0/24) for
        C(2.0.192.in-addr.arpa) and C(2001:db8::/32) for C(8.b.d.0.1.0.0.2.ip6.arpa). Prefixes of IPv4 have a multiple
        of 8 bits, or 25 to 31 and then a name by RFC 2317, C(192.0.2.64/26) for C(64/26.2.0.192.in-addr.arpa); those of
        IPv6 have a multiple of 4 bits. P(zonecut.dns.ptr_records#filter) makes the records of reverse zones.
      - C(ttl) is the default TTL of records, C(1h) by default. Every duration is a number of seconds or text such as
        C(1w2d3h4m5s).
      - C(contact) is an e-mail address and becomes the SOA RNAME; dots before the C(@) are escaped as DNS needs it. A
        name with its final dot and without C(@) is the RNAME itself.
      - C(primary) is the SOA MNAME. By default it is the first of C(name_servers). It is the name of a host, or any
        name with its final dot.
      - C(soa) holds SOA fields over those of its C(profile). The keys are C(profile), C(ttl), C(refresh), C(retry),
        C(expire) and C(negative_ttl). Profiles, as refresh, retry, expire and negative TTL, are C(standard)
        (1h, 15m, 14d, 5m; the default), C(dynamic) (5m, 1m, 7d, 1m), C(stable) (1d, 2h, 28d, 1h) and C(windows)
        (15m, 10m, 1d, 1h; what a new zone gets in Windows DNS).
      - C(name_servers) is the NS set at the apex, and what the parent must delegate to. Each entry has a C(name),
        absolute with or without the final dot, and C(addresses), a list of IPv4 and IPv6 addresses. For a server that
        is in-domain they become its A and AAAA records and the glue at the parent. C(ADDRESS@PORT) is for a server
        that has to be asked at another port than usual, and no record holds the port.
      - C(records) is a list of mappings with C(name), C(type), either C(value) or a list C(values), and optionally
        C(ttl). Names and data are as in a zone file, relative to the apex unless they end in a dot; C(@) is the apex.
      - A value of the following types can be a mapping instead of text, in C(value) as well as in C(values). What is in
        it is checked and put in quotes as needed, so that a value through a variable can never become syntax. Names in
        it are relative unless they end in a dot, and lists of one can be text.
      - C(MX) has C(preference) and C(exchange), C(SRV) has C(priority), C(weight), C(port) and C(target), and C(CAA)
        has C(flags) (0 by default), C(tag) and C(value).
      - C(HTTPS) and C(SVCB) have C(priority) (1 by default, 0 for an alias), C(target) (C(.) by default, the name
        itself), and of the parameters C(alpn), C(ipv4hint), C(ipv6hint) and C(mandatory), which are lists, C(port),
        C(ech) in base64, C(no_default_alpn) as a boolean, and C(key7) to C(key65534) as text.
      - C(TLSA) and C(SMIMEA) have C(usage), C(selector) and C(matching_type), by default 3, 1 and 1, as numbers or
        acronyms of RFC 7218, and either C(data) in hexadecimal or C(certificate), one certificate in PEM of which the
        data are made.
      - C(SSHFP) has C(fingerprint_type) (C(sha256), the default, or C(sha1)) and either C(public_key), the line of a
        C(.pub) file, or C(algorithm) and C(fingerprint).
      - C(TXT) has either C(spf), a list of mechanisms and modifiers without C(v=spf1), or C(dkim). The first is checked
        to end in C(all) or to have C(redirect=), to need at most 10 look-ups by itself, and to have at most 450 octets
        (RFC 7208). The second has C(public_key) in PEM or C(p) in base64 (empty to revoke a key), and optionally C(k)
        (C(rsa) or C(ed25519)), the lists C(h), C(s) and C(t), and C(n) (RFC 6376).
      - C(src) is a zone file, or a part of one, of any size to take records from, beside C(records) or instead of it.
      - C(ds) is a list of DS records, as text or with C(key_tag), C(algorithm), C(digest_type) and C(digest).
        C(dnskeys) is a list of DNSKEY records, as text or with C(flags), C(protocol), C(algorithm) and C(public_key),
        from which DS records with SHA-256 are made.
      - C(ds_from) takes them from the zone instead, at all its described servers, which must agree. V(child) is for the
        keys with the SEP bit that sign the DNSKEY set, and where the parent has DS records already, they have to follow
        from these. V(cds) is for what the zone asks for by CDS and CDNSKEY, by the rules of RFC 7344 and RFC 8078; the
        first DS cannot come this way. Both need the Python library C(cryptography), and M(zonecut.dns.delegations).
      - C(ds_mode) says what becomes of other DS records at the parent, see O(zonecut.dns.delegations#module:ds_mode).
      - C(parent) names the one of the C(parents) (see M(zonecut.dns.delegations)) that holds the delegation. When
        omitted, the zone is delegated in the nearest zone above it in the same description, if there is one.
    type: list
    elements: raw
  zones_from:
    description:
      - A YAML or JSON file that holds the same list as O(zones), or a mapping whose C(zones) is that list, or a folder
        of such files (C(.json), C(.yaml), C(.yml)). It is read without going through variables, which is many times
        faster for thousands of zones.
      - It is looked up on the controller like the O(ansible.builtin.copy#module:src) of M(ansible.builtin.copy), and so
        is each C(src) in it, in the folder of the file first.
    type: path
  remote_src:
    description:
      - If V(true), O(zones_from) and the C(src) of zones are on the host that runs the module. Otherwise they are on
        the controller, and a C(src) is sent with what it includes, and only when their content has changed.
    type: bool
    default: false
requirements:
  - dnspython >= 2.3
  - PyYAML (for O(zones_from) in YAML)
  - idna (for names with characters outside ASCII)
  - cryptography (to check signatures, and for the C(ds_from) of O(zones))
"""
