# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parents of type zone; see doc_fragments/parents.py."""

from __future__ import annotations

TYPE = """\
V(zone) is the zone file of the parent zone on the host that runs the module. All other records are kept, with the least
TTL of their record set where they differ in it, and the serial becomes newer. One of the form YYYYMMDDNN gets today's
date, any other is counted up. The file is written anew, one record a line and without comments. Before a file that
looks otherwise is written for the first time, it is kept under a name with the time in it, which a warning tells. A
file that M(zonecut.dns.zone_files) wrote stays one of its files and keeps what is pushed into it when it is rendered
again. Any other does not become one, so that its C(purge) does not remove it. A file of a zone that its server updates
by itself, as a journal of BIND beside it or what Knot has written into it show, is not written. Loading the file is up
to you. A zone whose parent zone is described in the same list needs no such entry, since M(zonecut.dns.zone_files)
delegates it by itself."""

OPTIONS = r"""
zone:
  description:
    - With O(parents[].type=zone) it is the nearest zone above in the description when omitted, and is needed with
      O(parents[].path).
  type: str
directory:
  description:
    - The folder where M(zonecut.dns.zone_files) writes the file of the parent zone.
    - Either this or O(parents[].path) is needed with O(parents[].type=zone).
  type: path
path:
  description:
    - The zone file of the parent zone.
  type: path
"""
