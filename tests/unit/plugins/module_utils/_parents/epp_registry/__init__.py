# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry with EPP for tests: it holds domains and hosts, keeps the rules of RFC 5731, 5732 and 5910, and fails as
it is told to.

Whatever it hears and says is checked with the schemas of the IETF. It imports nothing of the collection, so that it
also runs by itself: ``python -m epp_registry FOLDER``.
"""

from __future__ import annotations

from .registry import Domain, Host, Registry
from .server import EppServer

__all__ = ("Domain", "EppServer", "Host", "Registry")
