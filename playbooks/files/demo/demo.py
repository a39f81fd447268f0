# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell the story of a broken delegation and its repair, on loopback, with the playbooks that users run.

Nothing needs root. The servers get addresses in 127.0.0.0/8 and a free high port, and stop in the end.

--server replaces ns1 and ns2 with an installed name server; the root and the parent stay embedded, because the parent
must take dynamic updates on an address of its own. BIND listens only on addresses that an interface has, which without
root leaves 127.0.0.1 and ::1: there it is ns1 on the one and ns2 on the other.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import os
import pathlib
import re
import shlex
import shutil
import signal
import sys
import tempfile
import textwrap

import dns.flags
import dns.rdatatype
import dns.rrset
import dns.zone
from installed import SOFTWARE, NotInstalledError, require
from network import CHILD, PARENT, DemoError, Network, ask, choose_addresses, stop_servers
from playbook import PlaybookRun, TaskResult, find_ansible_playbook, run_playbook

_MARKER = ".zonecut-demo"
_WIDTH = 110
_SUBJECT = "mx2"
_OLD_ADDRESS, _NEW_ADDRESS = "198.51.100.25", "198.51.100.26"


def main() -> int:
    """Parse the command line, tell the story, and return the exit status: 0 when all of it really happened."""
    parser = argparse.ArgumentParser(
        prog=os.environ.get("ZONECUT_DEMO_COMMAND"),
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--server", choices=["embedded", *SOFTWARE], default="embedded", help="what ns1 and ns2 are")
    parser.add_argument(
        "--directory", type=pathlib.Path, help="where to leave the files (default: a new temporary folder)"
    )
    parser.add_argument("--keep", action="store_true", help="leave the servers running")
    parser.add_argument("--stop", action="store_true", help="only stop the servers that --keep left in --directory")
    arguments = parser.parse_args()
    if arguments.stop:
        if arguments.directory is None:
            parser.error("--stop needs --directory")
        stop_servers(arguments.directory.resolve())
        return 0
    directory = (arguments.directory or pathlib.Path(tempfile.mkdtemp(prefix="zonecut-demo-"))).resolve()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit("stopped"))
    try:
        return _run(directory, server=arguments.server, keep=arguments.keep, program=parser.prog)
    except (DemoError, NotInstalledError) as error:
        print(f"\n{parser.prog}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; the servers are stopped.", file=sys.stderr)
        return 130


def _run(directory: pathlib.Path, *, server: str, keep: bool, program: str) -> int:
    software = SOFTWARE.get(server)
    if software is not None:
        require(software)
    if find_ansible_playbook() is None:
        raise DemoError("ansible-playbook is not installed")
    _prepare(directory)
    network = Network(directory, addresses=choose_addresses(server), software=software)
    network.write_files()
    finished = False
    try:
        network.start()
        story = Story(network)
        story.tell_cast()
        story.find_the_fault()
        story.repair()
        finished = True
    finally:
        if not (keep and finished):
            network.stop()
    story.report(keep=keep, program=program)
    return 0


def _prepare(directory: pathlib.Path) -> None:
    """Clear what an earlier demo left; refuse any other folder that is not empty."""
    marker = directory / _MARKER
    if directory.exists() and any(directory.iterdir()) and not marker.exists():
        raise DemoError(f"{directory} is not empty and not from an earlier demo")
    directory.mkdir(parents=True, exist_ok=True)
    stop_servers(directory)
    for path in directory.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    marker.touch()


class Story:
    """The acts. Each checks by itself, asking the servers directly, that what it tells is so."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._directory = network.directory
        self._runs = 0
        self._hosts = {"ns1": network.addresses.ns1, "ns2": network.addresses.ns2}

    def tell_cast(self) -> None:
        addresses, port = self._network.addresses, self._network.port
        title = self._network.software.title if self._network.software else "embedded"
        _heading("A delegation that looks right, and mail that does not arrive")
        _say(f"Four name servers on loopback, port {port}; everything they read and write is in {self._directory}.")
        print()
        for name, address, kind, what in (
            ("root", addresses.root, "embedded", f"the root zone; delegates {PARENT} to parent"),
            (
                "parent",
                addresses.parent,
                "embedded",
                f"{PARENT}; delegates {CHILD} to ns1 and ns2, takes signed updates",
            ),
            ("ns1", addresses.ns1, title, f"hosts {PARENT} only"),
            ("ns2", addresses.ns2, title, f"hosts {PARENT} only"),
        ):
            print(f"  {name:7} {address:11} {kind:9} {what}")

    def find_the_fault(self) -> None:
        """Act 1: verify names the fault at both servers."""
        _heading(f"Act 1: {CHILD} is delegated to servers that do not host it")
        _say("A look at the servers with no tool: the NODATA they give carries the SOA of the wrong zone.")
        print()
        for host, address in self._hosts.items():
            owner = self._negative_soa_owner(address)
            print(f"  {host} {address}: {CHILD} MX -> no data, SOA {owner}")
            _require(owner == PARENT, f"{host} answers for {owner}, not for {PARENT}")
        _say("\nA resolver takes that for a broken server and answers SERVFAIL. The verify playbook says so in words:")
        run = self._play("zonecut.dns.verify")
        found = {
            (finding["code"], finding["address"])
            for task in run.tasks
            for zone in task.data.get("zones", [])
            for finding in zone["findings"]
        }
        _require(run.status != 0, "verify found no fault")
        for address in self._hosts.values():
            _require(("soa_owner_mismatch", address) in found, f"verify did not report soa_owner_mismatch at {address}")
        _say(f"\nverify failed with exit status {run.status}, as it must here.")

    def repair(self) -> None:
        """Act 2: deploy, deploy again, change one record."""
        _heading("Act 2: one description, deployed")
        _say(
            f"ns1 and ns2 are told to host {CHILD}, as primary and secondary. The zone is described once, in"
            " inventory.yml; the deploy playbook renders and loads it, checks both servers, pushes NS and glue to the"
            " parent by a signed dynamic update, and verifies from the root down."
        )
        before = self._referral()
        self._network.host_child()
        run = self._play("zonecut.dns.deploy")
        _require(run.status == 0, "the deployment failed")
        _require(run.counts.get("changed", 0) > 0, "the deployment changed nothing")
        after = self._referral()
        print("\n  The delegation at the parent, before (-) and after (+):")
        _print_difference(before, after)
        _require(after == self._described_delegation(), f"the parent delegates to {after}")
        first = self._served_serial()
        for host, address in self._hosts.items():
            answer = ask(address, self._network.port, CHILD, "MX")
            _require(bool(answer.flags & dns.flags.AA) and len(answer.answer) == 1, f"{host} has no MX")
            print(f"  {host} {address}: {CHILD} MX -> {_values(answer.answer[0])}; serial {first}")

        _say("\nThe same again:")
        run = self._play("zonecut.dns.deploy")
        _require(run.status == 0 and run.counts.get("changed") == 0, "the second deployment changed something")
        _require(self._served_serial() == first, "the second deployment moved the serial")
        _say(f"Nothing changed: the recap says changed=0, and the serial is still {first}.")

        _say(f"\nOne record changes in inventory.yml, the address of {_SUBJECT}:")
        self._edit_inventory()
        run = self._play("zonecut.dns.deploy")
        _require(run.status == 0 and run.counts.get("changed", 0) > 0, "the change was not deployed")
        second = self._served_serial()
        for host, address in self._hosts.items():
            answer = ask(address, self._network.port, f"{_SUBJECT}.{CHILD}", "A")
            _require(bool(answer.answer) and _values(answer.answer[0]) == _NEW_ADDRESS, f"{host} has the old address")
        # Midnight (UTC) between the two deployments starts the numbers of a new day.
        today = int(datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d")) * 100
        _require(second == max(first + 1, today), f"the serial went from {first} to {second}")
        _say(f"Both servers have it. Serial {first} -> {second}.")

    def report(self, *, keep: bool, program: str) -> None:
        """What is left to look at, and what to try."""
        _heading("The end: everything is green")
        print(f"  Files to look at, in {self._directory}:")
        width = 42
        for path, what in (
            ("inventory.yml", "the one description, as you would write it"),
            (f"ns1/{CHILD}.zone", "the zone file rendered from it"),
            (f"parent/{PARENT}.zone", "the parent's zone, as the dynamic update left it"),
            ("1-verify.log", "all that Ansible printed; so for 2, 3 and 4"),
            ("queries.log", "every question that the embedded servers got"),
        ):
            _require((self._directory / path).stat().st_size > 0, f"{path} is empty")
            print(f"    {path:{width}} {what}")
        directory = shlex.quote(_shown(str(self._directory)))
        if keep:
            playbook = os.path.relpath(find_ansible_playbook() or "ansible-playbook", self._directory)
            print(f"\n  The servers go on, at port {self._network.port}. Three commands to try next:")
            print(f"    (cd {directory} && {playbook} -i inventory.yml zonecut.dns.deploy --check --diff)")
            print(f"    dig +norecurse @{self._network.addresses.parent} -p {self._network.port} {CHILD} MX")
            print(f"    {program} --stop --directory {directory}")
        else:
            others = [name for name in SOFTWARE if self._network.software is not SOFTWARE[name]]
            print("\n  The servers are stopped. Three commands to try next:")
            print(f"    {program + ' --keep':30} the same, with the servers left running for your own questions")
            print(f"    {program + ' --server ' + others[0]:30} the same with an installed server: {', '.join(others)}")
            documentation = "./run docs verify" if program == "./run demo" else "ansible-doc zonecut.dns.verify"
            print(f"    {documentation:30} what else verify can do")

    def _play(self, playbook: str) -> PlaybookRun:
        self._runs += 1
        log = self._directory / f"{self._runs}-{playbook.rpartition('.')[2]}.log"
        arguments = ["-i", "inventory.yml", playbook]
        print(f"\n  $ ansible-playbook {shlex.join(arguments)}")
        run = run_playbook(arguments, directory=self._directory, log=log)
        for task in run.tasks:
            _print_task(task)
        counts = " ".join(f"{name}={number}" for name, number in run.counts.items())
        print(f"    {counts}   (in full: {log.name})")
        return run

    def _negative_soa_owner(self, address: str) -> str:
        response = ask(address, self._network.port, CHILD, "MX")
        _require(not response.answer, f"{address} has an MX already")
        owners = [rrset.name for rrset in response.authority if rrset.rdtype == dns.rdatatype.SOA]
        return owners[0].to_text(omit_final_dot=True) if owners else "(none)"

    def _referral(self) -> set[str]:
        response = ask(self._network.addresses.parent, self._network.port, CHILD, "NS")
        return _lines(response.authority) | _lines(response.additional)

    def _described_delegation(self) -> set[str]:
        lines = set()
        for host, address in self._hosts.items():
            name = f"{host}.{CHILD}"
            lines |= {f"{CHILD} NS {name}.", f"{name} {'AAAA' if ':' in address else 'A'} {address}"}
        return lines

    def _served_serial(self) -> int:
        """The serial that both servers and the zone file agree on."""
        zone = dns.zone.from_file(str(self._network.zone_directory / f"{CHILD}.zone"), CHILD, relativize=False)
        serials = {"the file": zone.find_rdataset(f"{CHILD}.", "SOA")[0].serial}
        for host, address in self._hosts.items():
            response = ask(address, self._network.port, CHILD, "SOA")
            _require(bool(response.answer), f"{host} does not serve {CHILD}")
            serials[host] = response.answer[0][0].serial
        _require(len(set(serials.values())) == 1, f"serials differ: {serials}")
        return int(serials["the file"])

    def _edit_inventory(self) -> None:
        path = self._directory / "inventory.yml"
        old = path.read_text(encoding="utf-8")
        new = re.sub(rf"(name: {_SUBJECT}, .*){re.escape(_OLD_ADDRESS)}", rf"\g<1>{_NEW_ADDRESS}", old)
        path.write_text(new, encoding="utf-8")
        print()
        _print_difference(set(old.splitlines()), set(new.splitlines()))


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise DemoError(f"this did not happen as told: {problem}")


def _lines(section: list[dns.rrset.RRset]) -> set[str]:
    return {
        f"{rrset.name.to_text(omit_final_dot=True)} {dns.rdatatype.to_text(rrset.rdtype)} {rdata}"
        for rrset in section
        for rdata in rrset
    }


def _values(rrset: dns.rrset.RRset) -> str:
    return ", ".join(sorted(str(rdata) for rdata in rrset))


def _heading(text: str) -> None:
    print(f"\n{text}\n{'=' * len(text)}")


def _say(text: str) -> None:
    for paragraph in text.split("\n"):
        print(textwrap.fill(paragraph, _WIDTH))


def _print_task(task: TaskResult) -> None:
    if task.status == "skipped" or task.name.startswith("Validating arguments"):
        return
    print(f"    {task.status:8} {task.name}")
    if task.status == "failed" or task.name == "Report":
        for line in task.message.splitlines():
            print(textwrap.fill(line, _WIDTH, initial_indent=" " * 13, subsequent_indent=" " * 13))


def _print_difference(before: set[str], after: set[str]) -> None:
    for sign, lines in (("-", before - after), ("+", after - before)):
        for line in sorted(lines):
            print(f"    {sign} {line.strip().removeprefix('- ')}")


def _shown(path: str) -> str:
    """`path` from the present folder where that is shorter."""
    with contextlib.suppress(ValueError):
        relative = os.path.relpath(path)
        return relative if len(relative) < len(path) else path
    return path


if __name__ == "__main__":
    sys.exit(main())
