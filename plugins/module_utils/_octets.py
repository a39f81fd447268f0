# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The octets of a file that a user names."""

from __future__ import annotations

import errno
import os
import stat

__all__ = ("octets_of",)


def octets_of(path: str) -> bytes:
    """Return what a file holds.

    :raises OSError: where it cannot be read, or is a named pipe, which would wait without end for somebody who writes.
    """
    if stat.S_ISFIFO(os.stat(path).st_mode):
        raise OSError(errno.EINVAL, "it is a named pipe, and no file", path)
    with open(path, "rb") as stream:
        return stream.read()
