# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module promises about check mode, diff mode and the like."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of every module; those of one kind of module below."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying anything.
  diff_mode:
    description: Will return details on what has changed (or needs changing in C(check_mode)), when in diff mode.
  idempotent:
    description: When run twice in a row with the same description, the second run changes nothing.
  platform:
    description: Target OS or families that the module works on.
    support: full
    platforms: posix
  action_group:
    description: Use C(group/zonecut.dns.dns) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - zonecut.dns.dns
"""

    # For modules that only ask name servers and parents.
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module changes nothing, so it runs in check mode as it does otherwise.
  diff_mode:
    support: N/A
    details:
      - This module changes nothing.
  idempotent:
    support: full
    details:
      - This module changes nothing.
"""
