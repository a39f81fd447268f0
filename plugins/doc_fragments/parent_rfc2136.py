# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents of type rfc2136; see doc_fragments/parents.py."""

from __future__ import annotations

TYPE = """\
V(rfc2136) is a primary name server of the parent zone that takes dynamic updates with TSIG, or with GSS-TSIG as Active
Directory does. It is tested with BIND, Knot DNS and PowerDNS, and with Samba as a domain controller. NS, glue and DS
change in one update, and only if the delegation is still as it was read, so that nobody else's change is ever lost. It
is read by queries. Where the server also serves the child zone, queries cannot show what the parent holds, and the key
must be allowed to transfer the parent zone. A key that may change some record types only needs NS, DS, A, AAAA and
CNAME, since a CNAME that lies hidden at the name of a name server has to go before there can be glue. PowerDNS needs
C(dnsupdate=yes) and the metadata C(TSIG-ALLOW-DNSUPDATE) of the zone. Samba has limits: it holds no DS records, it does
not compare what the delegation was before a change, and it does not show names that lie below a new delegation where
the name of that itself has no records, so that C(hides_data) cannot be told then."""

OPTIONS = r"""
server:
  description:
    - The primary server of the parent zone, by address or host name.
    - Required with O(parents[].type=rfc2136).
  type: str
port:
  description:
    - The port of O(parents[].server), V(53) by default.
  type: int
protocol:
  description:
    - What to send by to O(parents[].server), V(tcp) by default.
    - With V(tcp), everything goes over one connection. With V(udp), what does not fit goes over TCP all the same.
    - With V(tls), everything goes over one connection with TLS (RFC 7858, RFC 9103), at port 853 unless
      O(parents[].port) is given.
  type: str
  choices: [tcp, udp, tls]
server_hostname:
  description:
    - The host name of the server, where it is another than O(parents[].server) or that is an address.
    - With O(parents[].protocol=tls), the certificate of the server must be for this name or address. With
      O(parents[].key_algorithm=gss-tsig), the principal of the server is C(DNS/) followed by this name.
    - For O(parents[].type=rfc2136).
  type: str
ca_path:
  description:
    - The certificates of the authorities to trust, as a file in PEM form or a folder that C(openssl rehash) has
      prepared. Those of the system are trusted as well.
    - With O(parents[].type=rfc2136) it goes with O(parents[].protocol=tls).
  type: path
validate_certs:
  description:
    - Whether the certificate of the server must be issued by a trusted authority and be for its name, V(true) by
      default.
    - With O(parents[].type=rfc2136) it goes with O(parents[].protocol=tls).
  type: bool
client_cert:
  description:
    - A certificate in PEM form that this host shows to a server that wants one. It may have its key in the same file.
    - With O(parents[].type=rfc2136) it goes with O(parents[].protocol=tls).
  type: path
client_key:
  description:
    - The file with the key of O(parents[].client_cert), in PEM form and not encrypted.
    - With O(parents[].type=rfc2136) it goes with O(parents[].protocol=tls).
  type: path
key_name:
  description:
    - The name of the TSIG key that signs queries, transfers and updates. Without it nothing is signed.
  type: str
key_secret:
  description:
    - The secret of the TSIG key, in Base64. Needed together with O(parents[].key_name).
  type: str
key_algorithm:
  description:
    - The algorithm of the TSIG key, V(hmac-sha256) by default. HMAC-MD5 is not supported, since it is broken.
    - With V(gss-tsig), the server and this host agree on a key by Kerberos (RFC 3645), as Active Directory wants it.
      This needs the Python library C(gssapi), and O(parents[].server_hostname) where O(parents[].server) is an
      address. O(parents[].key_name) and O(parents[].key_secret) are not used.
    - Kerberos may look up the canonical name of the server in the DNS. Where that finds another one than the realm
      knows, set C(rdns) and C(dns_canonicalize_hostname) to C(false) in C(krb5.conf).
  type: str
  choices: [hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384, hmac-sha512, gss-tsig]
principal:
  description:
    - The Kerberos principal that signs in with O(parents[].key_algorithm=gss-tsig), such as V(ansible@EXAMPLE.COM).
    - The first one in O(parents[].keytab), or the one that has tickets, when omitted.
  type: str
keytab:
  description:
    - The file with the key of O(parents[].principal), for O(parents[].key_algorithm=gss-tsig).
    - Without it, the tickets in the credentials cache are used, where C(kinit) puts them.
  type: path
zone:
  description:
    - The parent zone.
    - With O(parents[].type=rfc2136) it is found by itself when omitted, by asking O(parents[].server) for the SOA
      record of the names above the zone.
  type: str
ttl:
  description:
    - The TTL of records that are added, in seconds or as text such as V(1d), V(1h) by default. It is that of the
      whole record set then. The TTL of records that are there already is not compared.
    - For O(parents[].type=rfc2136). With O(parents[].type=zone), new record sets get the TTL of the parent zone's
      own NS records.
  type: str
"""

REQUIREMENT = "gssapi (for O(parents[].key_algorithm=gss-tsig))"
