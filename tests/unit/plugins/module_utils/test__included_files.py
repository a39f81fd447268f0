# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from ansible_collections.zonecut.dns.plugins.module_utils._errors import ZoneFileError
from ansible_collections.zonecut.dns.plugins.module_utils._included_files import included_path, including_file


def write(folder: Path, **texts: str) -> str:
    """Write files, of which ``main`` is one; return its path."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return str(folder / "main")


def names(folder: Path, path: str) -> list[str]:
    return [os.path.relpath(included, folder) for included in including_file(path).included]


def test_a_file_that_includes_nothing_has_the_digest_of_its_content(tmp_path: Path) -> None:
    path = write(tmp_path, main="www A 192.0.2.1\n")
    source = including_file(path)
    assert (source.path, source.included) == (path, ())
    assert source.digest == hashlib.sha256(b"www A 192.0.2.1\n").hexdigest()


@pytest.mark.parametrize(
    "line",
    [
        "$INCLUDE hosts",
        "$include hosts",
        '$INCLUDE "hosts"',
        "$INCLUDE\thosts sub.contoso.example. ; comment",
        "www A 192.0.2.1\n$INCLUDE hosts;comment",
        "; $INCLUDE not\n$INCLUDE hosts\n",
        "\r\n$INCLUDE hosts\r\n",
    ],
)
def test_what_includes(tmp_path: Path, line: str) -> None:
    assert names(tmp_path, write(tmp_path, main=line, hosts="")) == ["hosts"]


@pytest.mark.parametrize(
    "text",
    ["; $INCLUDE hosts", " $INCLUDE hosts", '@ TXT "$INCLUDE hosts"', "$INCLUDED hosts", "$TTL 60", r"\$INCLUDE A x"],
)
def test_what_does_not_include(tmp_path: Path, text: str) -> None:
    assert names(tmp_path, write(tmp_path, main=text)) == []


def test_each_path_is_relative_to_the_folder_of_the_file_that_has_it(tmp_path: Path) -> None:
    (tmp_path / "zones/parts").mkdir(parents=True)
    (tmp_path / "main").write_text("$INCLUDE zones/one\n$INCLUDE zones/parts/two\n")
    (tmp_path / "zones/one").write_text(f"$INCLUDE parts/two\n$INCLUDE {tmp_path}/absolute\n")
    (tmp_path / "zones/parts/two").write_text("")
    (tmp_path / "absolute").write_text("")
    assert names(tmp_path, str(tmp_path / "main")) == ["zones/one", "zones/parts/two", "absolute"]
    assert included_path("parts/two", "zones/one") == "zones/parts/two"
    assert included_path("/absolute", "zones/one") == "/absolute"


def test_a_change_in_any_file_changes_the_digest(tmp_path: Path) -> None:
    path = write(tmp_path, main="$INCLUDE one\n", one="$INCLUDE two\n", two="www A 192.0.2.1\n")
    digests = {including_file(path).digest}
    for name, text in (("two", "www A 192.0.2.2\n"), ("one", "$INCLUDE two ; x\n"), ("main", "$INCLUDE one ; x\n")):
        (tmp_path / name).write_text(text)
        digests.add(including_file(path).digest)
    assert len(digests) == 4


def test_the_digest_does_not_depend_on_where_the_files_are(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, main="$INCLUDE one\n", one="www A 192.0.2.1\n")
    assert including_file(str(tmp_path / "a/main")).digest == including_file(str(tmp_path / "b/main")).digest


@pytest.mark.parametrize("circle", ["main", "one", "./main", "link"])
def test_circles_are_named(tmp_path: Path, circle: str) -> None:
    path = write(tmp_path, main="\n$INCLUDE one\n", one=f"\n\n$INCLUDE {circle}\n")
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(ZoneFileError, match=rf"{tmp_path}/one:3: \$INCLUDE of {tmp_path}/{circle} goes round"):
        including_file(path)


def test_a_missing_file_is_named_with_the_line(tmp_path: Path) -> None:
    path = write(tmp_path, main="; comment\n$INCLUDE one\n", one="$TTL 60\n\n$INCLUDE two\n")
    with pytest.raises(ZoneFileError) as caught:
        including_file(path)
    expected = f"{tmp_path}/one:3: $INCLUDE of {tmp_path}/two: cannot be read (No such file or directory)"
    assert caught.value.message == expected
    with pytest.raises(ZoneFileError) as caught:
        including_file(f"{path}-gone")
    assert caught.value.message == f"{path}-gone: cannot be read (No such file or directory)"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = write(tmp_path, main="\n$INCLUDE hosts\n")
    os.mkfifo(tmp_path / "hosts")
    with pytest.raises(ZoneFileError, match="main:2: .*hosts: cannot be read .it is a named pipe, and no file"):
        including_file(path)
