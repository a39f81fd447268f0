# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files of the controller a module is told of, and which are sent."""

from __future__ import annotations

import copy
import json
import os
import pathlib
import types
import typing as t

import pytest
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.parsing.dataloader import DataLoader

from ansible_collections.zonecut.dns.plugins.module_utils._included_files import including_file
from ansible_collections.zonecut.dns.plugins.module_utils._sources import description_digest
from ansible_collections.zonecut.dns.plugins.plugin_utils._description_action import DescriptionAction

ZONE_FILE = "www 60 A 192.0.2.1\n"


class Shell:
    """The little of a shell that is needed to name files over there."""

    tmpdir: str | None = None

    def join_path(self, *parts: str) -> str:
        return "/".join(parts)


class ScriptedAction(DescriptionAction):
    """Runs a module that asks for files as scripted, on a host that remembers what it was sent."""

    def __init__(
        self,
        arguments: dict[str, t.Any],
        search_path: list[str],
        *,
        wanted: t.Sequence[t.Sequence[str]] = (),
        transport: str = "ssh",
        become: object = None,
    ) -> None:
        task: t.Any = types.SimpleNamespace(
            args=arguments, async_val=0, check_mode=False, action="x", get_search_path=lambda: search_path
        )
        connection: t.Any = types.SimpleNamespace(transport=transport, become=become, _shell=Shell())
        unused: t.Any = None
        super().__init__(task, connection, unused, DataLoader(), unused, unused)
        self.script = [list(each) for each in wanted]
        self.runs: list[dict[str, t.Any]] = []
        self.sent: dict[str, bytes] = {}
        self.readable: set[str] = set()

    def _execute_module(
        self,
        module_name: t.Any = None,
        module_args: t.Any = None,
        tmp: t.Any = None,
        task_vars: t.Any = None,
        *arguments: t.Any,
        **options: t.Any,
    ) -> dict[str, t.Any]:
        # The same mapping is filled in later.
        self.runs.append(copy.deepcopy(module_args))
        wanted = self.script.pop(0) if self.script else []
        return {"changed": False, "_wanted": wanted} if wanted else {"changed": True}

    def _make_tmp_path(self, remote_user: object = None) -> str:
        self._connection._shell.tmpdir = "/remote/tmp"
        return "/remote/tmp"

    def _transfer_file(self, local_path: str, remote_path: str) -> str:
        self.sent[remote_path] = pathlib.Path(local_path).read_bytes()
        return remote_path

    def _fixup_perms2(self, remote_paths: t.Iterable[str], *arguments: object, **options: object) -> None:
        self.readable.update(remote_paths)

    @property
    def sources(self) -> dict[str, dict[str, t.Any]]:
        """What the module was told in its last run."""
        return t.cast("dict[str, dict[str, t.Any]]", self.runs[-1]["_sources"])


class FileAction(ScriptedAction):
    """Of a module that reads the files that ``src`` names."""

    reads_src = True


@pytest.fixture(name="play")
def play_fixture(tmp_path: pathlib.Path) -> pathlib.Path:
    """A play with two zone files in its folder files/, and a role with one."""
    for path in ("play/files/a.zone", "play/files/zones/b.zone", "role/files/c.zone"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"; {path}\n{ZONE_FILE}")
    return tmp_path / "play"


def action_for(
    play: pathlib.Path, arguments: dict[str, t.Any], *, kind: type[ScriptedAction] = FileAction, **options: t.Any
) -> ScriptedAction:
    return kind(arguments, [str(play.parent / "role"), str(play)], **options)


def told(*paths: pathlib.Path) -> list[dict[str, t.Any]]:
    """Return what a module on another host is told of files at first."""
    return [{"digest": description_digest(str(path)), "path": None} for path in paths]


class TestFinding:
    def test_sources_of_zones(self, play: pathlib.Path) -> None:
        zones = [
            {"name": "a.example", "src": "a.zone"},
            {"name": "b.example", "src": "zones/b.zone"},
            {"name": "c.example", "src": "c.zone"},
            {"name": "d.example"},
            "e.example",
            {"name": "f.example", "src": None},
        ]
        action = action_for(play, {"zones": zones, "directory": "/zones"})
        assert action.run() == {"changed": True}
        role = play.parent / "role/files/c.zone"
        assert action.sources == dict(
            zip(("a.zone", "zones/b.zone", "c.zone"), told(play / "files/a.zone", play / "files/zones/b.zone", role))
        )
        (arguments,) = action.runs
        assert (arguments["zones"], arguments["directory"]) == (zones, "/zones")
        assert action.sent == {}

    def test_absolute_paths_are_taken_as_they_are(self, play: pathlib.Path) -> None:
        path = play / "files/a.zone"
        action = action_for(play, {"zones": [{"name": "a.example", "src": str(path)}]})
        action.run()
        assert action.sources == {str(path): told(path)[0]}

    def test_the_description_and_its_sources(self, play: pathlib.Path) -> None:
        described = play / "files/zones/all.yml"
        # b.zone is beside the description, a.zone in the folder files/ of the play.
        described.write_text("- {name: a.example, src: a.zone}\n- {name: b.example, src: b.zone}\n")
        action = action_for(play, {"zones_from": "zones/all.yml"})
        action.run()
        assert action.sources == {
            str(described): told(described)[0],
            "a.zone": told(play / "files/a.zone")[0],
            "b.zone": told(play / "files/zones/b.zone")[0],
        }

    def test_a_folder_of_descriptions(self, play: pathlib.Path) -> None:
        folder = play / "files/zones"
        (folder / "1.yml").write_text("- {name: b.example, src: b.zone}\n")
        (folder / "2.json").write_text('["a.example"]')
        action = action_for(play, {"zones_from": "zones"})
        action.run()
        assert action.sources == {str(folder): told(folder)[0], "b.zone": told(folder / "b.zone")[0]}

    def test_no_source_for_a_module_that_reads_none(self, play: pathlib.Path) -> None:
        described = play / "files/all.yml"
        described.write_text("- {name: a.example, src: missing.zone}\n")
        action = action_for(play, {"zones_from": "all.yml"}, kind=ScriptedAction)
        action.run()
        assert action.sources == {str(described): told(described)[0]}
        action = action_for(play, {"zones": [{"name": "a.example", "src": "missing.zone"}]}, kind=ScriptedAction)
        action.run()
        assert action.sources == {}

    @pytest.mark.parametrize("remote", [True, "yes", "True", "1"])
    def test_nothing_for_paths_on_the_target(self, play: pathlib.Path, remote: object) -> None:
        arguments = {"zones_from": "/nowhere/all.yml", "remote_src": remote}
        action = action_for(play, arguments)
        assert action.run() == {"changed": True}
        assert action.runs == [arguments]

    @pytest.mark.parametrize("remote", [False, "no", None])
    def test_everything_else_is_here(self, play: pathlib.Path, remote: object) -> None:
        action = action_for(play, {"zones": [{"name": "a.example", "src": "a.zone"}], "remote_src": remote})
        action.run()
        assert list(action.sources) == ["a.zone"]

    @pytest.mark.parametrize("arguments", [{}, {"zones": "a.example"}, {"zones_from": None}, {"zones": None}])
    def test_nothing_in_what_the_module_will_refuse(self, play: pathlib.Path, arguments: dict[str, t.Any]) -> None:
        action = action_for(play, arguments)
        action.run()
        assert action.runs == [{**arguments, "_sources": {}}]

    @pytest.mark.parametrize(
        "arguments", [{"zones_from": "missing.yml"}, {"zones": [{"name": "a.example", "src": "missing.zone"}]}]
    )
    def test_missing_files_are_named_before_the_module_runs(
        self, play: pathlib.Path, arguments: dict[str, t.Any]
    ) -> None:
        action = action_for(play, arguments)
        with pytest.raises(AnsibleError, match=r"missing\."):
            action.run()
        assert action.runs == []

    def test_the_zone_of_a_missing_source_is_named(self, play: pathlib.Path) -> None:
        action = action_for(play, {"zones": [{"name": "a.example", "src": "missing.zone"}]})
        with pytest.raises(AnsibleActionFail, match=r"^zone a\.example, src: Could not find or access 'missing\.zone'"):
            action.run()

    def test_a_folder_is_no_source(self, play: pathlib.Path) -> None:
        action = action_for(play, {"zones": [{"name": "a.example", "src": "zones"}]})
        with pytest.raises(AnsibleActionFail) as caught:
            action.run()
        assert str(caught.value) == f"zone a.example, src: {play}/files/zones: cannot be read (Is a directory)"
        assert action.runs == []

    def test_a_description_that_cannot_be_read_is_named(self, play: pathlib.Path) -> None:
        path = play / "files/all.yml"
        path.write_text("src: [")
        action = action_for(play, {"zones_from": "all.yml"})
        with pytest.raises(AnsibleActionFail, match=f"{path}: is not YAML"):
            action.run()
        assert action.runs == []

    def test_the_arguments_of_the_task_stay_as_they_are(self, play: pathlib.Path) -> None:
        arguments = {"zones": [{"name": "a.example", "src": "a.zone"}]}
        action_for(play, arguments, wanted=[["a.zone"]]).run()
        assert arguments == {"zones": [{"name": "a.example", "src": "a.zone"}]}


class TestSending:
    def test_what_is_wanted_is_sent_and_nothing_else(self, play: pathlib.Path) -> None:
        zones = [{"name": "a.example", "src": "a.zone"}, {"name": "b.example", "src": "zones/b.zone"}]
        action = action_for(play, {"zones": zones}, wanted=[["zones/b.zone"]])
        assert action.run() == {"changed": True}
        first, second = action.runs
        assert [each["path"] for each in first["_sources"].values()] == [None, None]
        ((remote, content),) = list(action.sent.items())
        assert content == (play / "files/zones/b.zone").read_bytes()
        assert remote.startswith("/remote/tmp/") and remote.endswith(".zone")
        assert [each["path"] for each in second["_sources"].values()] == [None, remote]
        # A user that the connection becomes has to get into the folder too.
        assert action.readable == {"/remote/tmp", remote}

    def test_the_description_comes_before_its_sources(self, play: pathlib.Path) -> None:
        described = play / "files/all.yaml"
        described.write_text("zones: [{name: a.example, src: a.zone}]\n")
        action = action_for(play, {"zones_from": "all.yaml"}, wanted=[[str(described)], ["a.zone"]])
        assert action.run() == {"changed": True}
        assert len(action.runs) == 3 and len(action.sent) == 2
        paths = [[each["path"] is not None for each in run["_sources"].values()] for run in action.runs]
        assert paths == [[False, False], [True, False], [True, True]]
        # The module tells JSON from YAML by the suffix.
        assert action.sources[str(described)]["path"].endswith(".yaml")

    def test_a_folder_is_sent_as_one_description(self, play: pathlib.Path) -> None:
        folder = play / "files/zones"
        (folder / "1.yml").write_text("- {name: ä.example}\n", encoding="utf-8")
        (folder / "2.json").write_text('["a.example"]')
        action = action_for(play, {"zones_from": "zones"}, wanted=[[str(folder)]])
        action.run()
        ((remote, content),) = list(action.sent.items())
        assert remote.endswith(".json") and json.loads(content) == [{"name": "ä.example"}, "a.example"]
        assert action.sources[str(folder)] == {"digest": description_digest(str(folder)), "path": remote}

    def test_files_of_one_name_do_not_overwrite_each_other(self, play: pathlib.Path) -> None:
        (play / "files/a").mkdir()
        (play / "files/a/b.zone").write_text("; another\n")
        zones = [{"name": "a.example", "src": "a/b.zone"}, {"name": "b.example", "src": "zones/b.zone"}]
        action = action_for(play, {"zones": zones}, wanted=[["a/b.zone", "zones/b.zone"]])
        action.run()
        assert len(action.sent) == 2 and len({each["path"] for each in action.sources.values()}) == 2

    def test_nothing_is_sent_to_this_host(self, play: pathlib.Path) -> None:
        action = action_for(play, {"zones": [{"name": "a.example", "src": "a.zone"}]}, transport="local")
        action.run()
        path = action.sources["a.zone"]["path"]
        assert os.path.samefile(path, play / "files/a.zone") and action.sent == {}

    def test_another_user_of_this_host_may_not_read_the_files(self, play: pathlib.Path) -> None:
        zones = [{"name": "a.example", "src": "a.zone"}]
        action = action_for(play, {"zones": zones}, transport="local", become=object(), wanted=[["a.zone"]])
        action.run()
        assert action.runs[0]["_sources"]["a.zone"]["path"] is None and len(action.sent) == 1

    def test_included_files_are_sent_with_the_file_that_needs_them(self, play: pathlib.Path) -> None:
        main, part = play / "files/a.zone", play / "files/zones/part"
        main.write_text("$INCLUDE zones/part\n")
        part.write_text("www A 192.0.2.1\n")
        zones = [{"name": "a.example", "src": "a.zone"}, {"name": "b.example", "src": "zones/b.zone"}]
        action = action_for(play, {"zones": zones}, wanted=[["a.zone", str(part)]])
        action.run()
        sources = action.sources
        assert sorted(action.sent.values()) == sorted([main.read_bytes(), part.read_bytes()])
        assert sources["a.zone"]["found"] == str(main) and sources["a.zone"]["included"] == [str(part)]
        assert action.sent[sources[str(part)]["path"]] == part.read_bytes()
        assert action.sent[sources["a.zone"]["path"]] == main.read_bytes()
        assert "included" not in sources["zones/b.zone"] and sources["zones/b.zone"]["path"] is None

    def test_a_change_in_an_included_file_is_told(self, play: pathlib.Path) -> None:
        (play / "files/a.zone").write_text("$INCLUDE zones/b.zone\n")
        action = action_for(play, {"zones": [{"name": "a.example", "src": "a.zone"}]})
        action.run()
        before = action.sources["a.zone"]["digest"]
        (play / "files/zones/b.zone").write_text("www 60 A 192.0.2.99\n")
        action.run()
        assert action.sources["a.zone"]["digest"] != before

    def test_a_file_that_is_a_source_and_included_keeps_what_it_includes_itself(self, play: pathlib.Path) -> None:
        b, part = play / "files/zones/b.zone", play / "files/zones/part"
        (play / "files/a.zone").write_text("$INCLUDE zones/b.zone\n")
        b.write_text("$INCLUDE part\n")
        part.write_text("www A 192.0.2.1\n")
        zones = [{"name": "b.example", "src": str(b)}, {"name": "a.example", "src": "a.zone"}]
        for order in (zones, zones[::-1]):
            action = action_for(play, {"zones": order})
            action.run()
            assert action.sources["a.zone"]["included"] == [str(b), str(part)]
            assert action.sources[str(b)]["included"] == [str(part)]
            assert action.sources[str(b)]["digest"] == including_file(str(b)).digest

    def test_a_missing_included_file_is_named_with_zone_file_and_line(self, play: pathlib.Path) -> None:
        (play / "files/a.zone").write_text("$TTL 60\n$INCLUDE zones/gone\n")
        action = action_for(play, {"zones": [{"name": "a.example", "src": "a.zone"}]})
        with pytest.raises(AnsibleActionFail) as caught:
            action.run()
        files = play / "files"
        assert str(caught.value) == (
            f"zone a.example, src: {files}/a.zone:2: $INCLUDE of {files}/zones/gone:"
            " cannot be read (No such file or directory)"
        )
        assert action.runs == []

    def test_what_was_wanted_is_no_result(self, play: pathlib.Path) -> None:
        action = action_for(play, {"zones": [{"name": "a.example", "src": "a.zone"}]}, wanted=[["a.zone"]])
        assert "_wanted" not in action.run()
