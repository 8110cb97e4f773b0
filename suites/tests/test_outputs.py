#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the programs print and write as JSON fits the schemas in reports/schemas.

Usage: test_outputs.py VFCERT VFCTL LEAVE_TREE SOURCE_FOLDER

Ends with 77 and says why where the validator is missing (ci/bootstrap --tests installs it).
"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

VFCERT, VFCTL, LEAVE_TREE, SOURCE = sys.argv[1:5]
TESTS = f"{SOURCE}/reports/tests"

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)


FAKE_BUILD = """case "$*" in
*'--list cache'*) echo 'image-1 223 3' ;;
*--list*) echo '6.1.0-50-amd64 cached'; echo '7.2.13+deb14-amd64 available' ;;
*--check*) ;;
*) echo 'vmimages: the mirror is on fire' >&2; exit 1 ;;
esac"""


def schema(name):
    with open(f"{SOURCE}/reports/schemas/{name}.schema.json", encoding="utf-8") as file:
        return json.load(file)


class Outputs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="vfcert-outputs-")
        cls.root = subprocess.run([LEAVE_TREE], stdout=subprocess.PIPE, check=True,
                                  text=True).stdout.strip()
        for name, flags in {"a": [], "b": ["--change", "9", "--kernel", "7.2"]}.items():
            os.mkdir(f"{cls.folder}/{name}")
            subprocess.run([f"{TESTS}/synthetic.py", *flags, f"{cls.folder}/{name}/results.json"],
                           check=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)
        shutil.rmtree(cls.root)

    def fits(self, name, value):
        jsonschema.Draft202012Validator(schema(name)).validate(value)

    def printed(self, *command, statuses=(0, 1)):
        made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              check=False)
        self.assertIn(made.returncode, statuses, command)
        return json.loads(made.stdout)

    def test_schemas_are_schemas(self):
        paths = glob.glob(f"{SOURCE}/reports/schemas/*.json")
        self.assertGreater(len(paths), 10)
        for path in paths:
            with self.subTest(path), open(path, encoding="utf-8") as file:
                jsonschema.Draft202012Validator.check_schema(json.load(file))

    def test_a_schema_refuses(self):
        """A schema that takes everything proves nothing."""
        with open(f"{TESTS}/golden/results.json", encoding="utf-8") as file:
            results = json.load(file)
        results["run"].pop("complete")
        with self.assertRaises(jsonschema.ValidationError):
            self.fits("results", results)
        for name in ("changes", "matrix", "index", "vfctl-list", "vfctl-check", "list",
                     "vfctl-network", "vfctl-profile", "vfctl-allow", "vfctl-vm", "vfctl-attach",
                     "vfctl-migrate",
                     "vfctl-host",
                     "refusal"):
            with self.assertRaises(jsonschema.ValidationError):
                self.fits(name, {"schema": "vfcert-results/1"})

    def test_results(self):
        for path in (f"{TESTS}/golden/results.json", f"{self.folder}/a/results.json"):
            with open(path, encoding="utf-8") as file:
                self.fits("results", json.load(file))
            self.fits("results", self.printed(VFCERT, "report", path, "--format", "json"))

    def test_matrix_and_index(self):
        matrix = self.printed(VFCERT, "matrix", self.folder, "--json")
        self.assertEqual(len(matrix["rows"]), 2)
        self.fits("matrix", matrix)
        with open(f"{self.folder}/.vfcert-index.json", encoding="utf-8") as file:
            self.fits("index", json.load(file))

    def test_changes(self):
        changes = self.printed(VFCERT, "diff", f"{self.folder}/a", f"{self.folder}/b", "--json")
        self.assertGreater(changes["worse"], 0)
        self.fits("changes", changes)

    def test_lists(self):
        self.fits("list-checks", self.printed(VFCERT, "list", "checks", "--json"))
        for what in ("suites", "topologies", "defects", "profiles"):
            found = self.printed(VFCERT, "list", what, "--json")
            self.assertGreater(len(found), 0)
            self.fits("list", found)

    def beside_a_fake_build(self, *words):
        """vfcert with images that cannot be built, and a QEMU that only tells its version."""
        data = f"{self.folder}/data"
        if not os.path.exists(data):
            os.makedirs(f"{data}/vmimages")
            os.symlink(f"{SOURCE}/fixtures", f"{data}/fixtures")
            os.symlink(f"{SOURCE}/suites", f"{data}/suites")
            for path, text in {f"{data}/vmimages/build": FAKE_BUILD,
                               f"{data}/qemu": "echo 'QEMU emulator version 10.0.2'"}.items():
                with open(path, "w", encoding="utf-8") as file:
                    file.write(f"#!/bin/sh\n{text}\n")
                os.chmod(path, 0o700)
        environment = {**os.environ, "VFCERT_DATA_DIR": data, "VFCERT_QEMU": f"{data}/qemu",
                       "XDG_CACHE_HOME": self.folder}
        return subprocess.run([VFCERT, *words, "--json"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, env=environment, check=False)

    def test_vary(self):
        out = f"{self.folder}/varied"
        made = self.beside_a_fake_build("run", "--vary", "nic=igb,virtio", "--vary",
                                        "qemu=10.0,11.1", "-o", out)
        self.assertEqual(made.returncode, 3)
        varied = json.loads(made.stdout)
        self.fits("vary", varied)
        self.assertEqual([one["status"] for one in varied["combinations"]],
                         ["unusable", "unusable", "skipped", "unusable"])
        with open(f"{out}/vary.json", encoding="utf-8") as file:
            self.assertEqual(json.load(file), varied)
        for one in varied["combinations"]:
            with open(f"{out}/{one['name']}/results.json", encoding="utf-8") as file:
                self.fits("results", json.load(file))

    def test_parts(self):
        for words in (["list", "kernels"], ["list", "qemus"], ["list", "libvirts"]):
            made = self.beside_a_fake_build(*words)
            self.assertEqual(made.returncode, 0)
            self.assertEqual(len(json.loads(made.stdout)), 2)
            self.fits("list-parts", json.loads(made.stdout))
        made = self.beside_a_fake_build("cache", "list")
        self.assertEqual(json.loads(made.stdout),
                         [{"part": "image-1", "mib": 223, "days_unused": 3}])
        self.fits("cache", json.loads(made.stdout))

    def vfctl(self, line, **kept):
        return self.printed(VFCTL, *line.split(), "--root", self.root, "--write-tree", "--json",
                            **kept)

    def test_vfctl(self):
        for name, line in {"list": "list", "show": "show eth0", "vf": "vf eth0 1",
                           "check": "check", "rules": "rules eth0",
                           "export": "export eth0 --to systemd-link"}.items():
            with self.subTest(name):
                self.fits(f"vfctl-{name}", self.vfctl(line))
        self.fits("vfctl-show", self.vfctl("set eth0 --vfs 4"))
        self.fits("vfctl-import", self.vfctl(
            f"import {SOURCE}/core/tests/imports/whole.nmstate --from nmstate"))

    def test_domains(self):
        domains = []
        for path in glob.glob(f"{SOURCE}/core/tests/domains/*.json"):
            with open(path, encoding="utf-8") as file:
                domains.append(json.load(file))
            self.fits("vfctl-vm", {"schema": "vfctl-vm/1", "vm": domains[-1]})
        self.assertGreater(len(domains), 30)
        self.fits("vfctl-vm", {"schema": "vfctl-vm-list/1", "vms": domains})

    def test_vfctl_networks(self):
        for line in ("network add red --vlan 10 --label fast", "network add blue",
                     "network change red --mtu 1500", "network list", "network show red"):
            self.fits("vfctl-network", self.vfctl(line))
        for line in ("profile add fast --network red --passthrough yes", "profile list",
                     "profile change fast --max-rate 100", "profile show fast"):
            self.fits("vfctl-profile", self.vfctl(line))
        vnics = f"{self.root}/var/lib/vfctl/vnics"
        os.makedirs(vnics)
        with open(f"{vnics}/ua-1.vnic", "w", encoding="utf-8") as file:
            file.write("[vNIC]\nVM=web1\nNIC=nic1\nProfile=fast\nPassthrough=yes\n")
        shown = self.vfctl("profile show fast")
        self.fits("vfctl-profile", shown)
        self.assertEqual(len(shown["profile"]["used_by"]), 1)
        for line in ("allow show eth0", "allow change eth0 --all no",
                     "allow add eth0 --network red", "allow list",
                     "allow remove eth0 --network red"):
            self.fits("vfctl-allow", self.vfctl(line))
        self.fits("refusal", self.vfctl("network remove red", statuses=(3,)))

    def policy(self, text):
        path = f"{self.root}/etc/vfctl/10-lan.conf"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_vfctl_host(self):
        held = f"{self.root}/sys/bus/pci/devices/0000:01:10.0/net/eth1/flags"
        match = "[Match]\nPath=0000:01:00.0\n[PF]\nAutoprobe=no\n"
        path = self.policy(f"{match}SR-IOVVirtualFunctions=7\n")
        with open(held, encoding="utf-8") as file:
            before = file.read()
        with open(held, "w", encoding="utf-8") as file:
            file.write("0x1003\n")
        for name in ("verify", "plan", "status", "apply"):
            with self.subTest(name):
                found = self.vfctl(name)
                self.assertEqual(found["schema"], f"vfctl-{name}/1")
                self.fits("vfctl-host", found)
        self.assertEqual(found["host"]["cards"][0]["refusal"], "vfs-in-use")
        with open(held, "w", encoding="utf-8") as file:
            file.write(before)
        self.policy(match)
        for name in ("status", "apply", "restore", "restore"):
            self.fits("vfctl-host", self.vfctl(name))
        self.fits("vfctl-verify-files", self.vfctl(f"verify {path}"))
        self.policy(f"{match}[Nothing]\n")
        self.fits("vfctl-host", self.vfctl("status"))
        self.fits("vfctl-verify-files", self.vfctl(f"verify {path}", statuses=(2,)))
        os.remove(path)


unittest.main(argv=sys.argv[:1])
