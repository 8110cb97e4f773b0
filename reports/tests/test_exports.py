#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every export of vfcert is read by a reader that is not ours.

Usage: test_exports.py VFCERT FOLDER_OF_TESTS

Ends with 77 and says why where a reader is missing (ci/bootstrap --tests installs them).
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

VFCERT, TESTS = sys.argv[1], sys.argv[2]
VERDICTS = ["pass", "fail", "skip", "broken", "known", "changed"]

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)
if not shutil.which("xmllint"):
    print("skipped: xmllint (libxml2-utils) is not installed")
    sys.exit(77)


def ktap(lines, indent=0):
    """Results by name of one level of KTAP: {name: (ok, directive, results of its subtest)}."""
    pad = "  " * indent
    assert lines.pop(0) == pad + "KTAP version 1", "a level begins with its version"
    if lines[0].startswith(pad + "# Subtest: "):
        lines.pop(0)
    plan = int(re.fullmatch(re.escape(pad) + r"1\.\.(\d+)", lines.pop(0))[1])
    results, inner = {}, None
    while lines and len(results) < plan:
        if lines[0] == pad + "  KTAP version 1":
            inner = ktap(lines, indent + 1)
            continue
        line = lines.pop(0)
        if line.startswith(pad + "# "):
            continue
        match = re.fullmatch(re.escape(pad) + r"(ok|not ok) (\d+) ([^ #]+)(?: # (\w+) .*)?", line)
        assert match, f"no line of KTAP: {line!r}"
        assert int(match[2]) == len(results) + 1, f"out of order: {line!r}"
        results[match[3]] = (match[1] == "ok", match[4], inner)
        inner = None
    assert len(results) == plan, "fewer results than planned"
    return results


class Exports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="vfcert-exports-")
        cls.files = {"golden": f"{TESTS}/golden/results.json"}
        for name, flags in {"many": ["--checks", "2000"], "hostile": ["--hostile"]}.items():
            cls.files[name] = f"{cls.folder}/{name}.json"
            subprocess.run([f"{TESTS}/synthetic.py", *flags, cls.files[name]], check=True)
        cls.files["half"] = f"{cls.folder}/half.json"
        with open(cls.files["golden"], encoding="utf-8") as file:
            half = json.load(file)
        half["run"].update(complete=False, why="QEMU has died", not_run=["vlan.never-reached"])
        with open(cls.files["half"], "w", encoding="utf-8") as file:
            json.dump(half, file)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def each(self, form, *flags):
        """Name, results and the text of the export for each file."""
        for name, path in self.files.items():
            with open(path, encoding="utf-8") as file:
                results = json.load(file)
            made = subprocess.run([VFCERT, "report", path, "--format", form, *flags],
                                  stdout=subprocess.PIPE, check=True)
            yield name, results, made.stdout.decode("utf-8")

    def test_junit(self):
        for name, results, text in self.each("junit"):
            path = f"{self.folder}/{name}.xml"
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            subprocess.run(["xmllint", "--noout", "--nonet", "--schema",
                            f"{TESTS}/formats/junit.xsd", path], check=True,
                           stderr=subprocess.DEVNULL)
            root = xml.etree.ElementTree.fromstring(text)
            cases = root.findall("./testsuite/testcase")
            half = not results["run"]["complete"]
            times = {case.get("name"): float(case.get("time")) for case in cases}
            if name != "hostile":  # its names are escaped
                for check in results["checks"]:
                    self.assertAlmostEqual(times[check["id"]], check["duration_s"], delta=0.001)
            self.assertEqual(len(cases), len(results["checks"]) + half)
            for level in [root, *root.findall("testsuite")]:
                count = {what: len(level.findall(f".//{what}"))
                         for what in ("testcase", "failure", "error", "skipped")}
                self.assertEqual([level.get(a) for a in ("tests", "failures", "errors", "skipped")],
                                 [str(n) for n in count.values()])
            summary = results["summary"]
            self.assertEqual(int(root.get("failures")), summary["fail"] + summary["changed"])
            self.assertEqual(int(root.get("errors")), summary["broken"] + half)

    def test_ktap(self):
        expected = {"pass": (True, None), "fail": (False, None), "skip": (True, "SKIP"),
                    "broken": (False, "ERROR"), "known": (True, "XFAIL"), "changed": (False, None)}
        for name, results, text in self.each("ktap"):
            lines = text.rstrip("\n").split("\n")
            suites = ktap(lines)
            self.assertEqual(lines, [])
            if not results["run"]["complete"]:
                self.assertEqual(suites.pop("run.complete")[:2], (False, "ERROR"))
            found = [entry[:2] for suite in suites.values() for entry in suite[2].values()]
            order = list(dict.fromkeys(check["suite"] for check in results["checks"]))
            wanted = [expected[check["verdict"]] for suite in order
                      for check in results["checks"] if check["suite"] == suite]
            self.assertEqual(found, wanted)

    def test_kcidb(self):
        with open(f"{TESTS}/formats/kcidb-5.3.schema.json", encoding="utf-8") as file:
            validator = jsonschema.Draft7Validator(json.load(file))
        status = {"pass": "PASS", "fail": "FAIL", "skip": "SKIP", "broken": "ERROR",
                  "known": "FAIL", "changed": "PASS"}
        for name, results, text in self.each("kcidb", "--origin", "lab_7"):
            report = json.loads(text)
            validator.validate(report)
            tests = {test["id"]: test for test in report["tests"]}
            self.assertEqual(len(tests), len(report["tests"]), "an id stands there twice")
            self.assertEqual([test["status"] for test in report["tests"]
                              if test["status"] not in ("DONE", "MISS")],
                             [status[check["verdict"]] for check in results["checks"]])
            self.assertEqual([test["number"] for test in report["tests"]
                              if test["status"] == "DONE"],
                             [{"value": fact["value"], "unit": fact["unit"]}
                              for check in results["checks"] for fact in check["evidence"]
                              if fact["unit"] and not isinstance(fact["value"], (str, bool))])
            self.assertEqual(sum(test["status"] == "MISS" for test in report["tests"]),
                             len(results["run"].get("not_run") or []))
            issues = {issue["id"] for issue in report["issues"]}
            present = [incident["present"] for incident in report["incidents"]
                       if incident["issue_id"] in issues and incident["test_id"] in tests]
            self.assertEqual(present.count(True), results["summary"]["known"])
            self.assertEqual(present.count(False), results["summary"]["changed"])
            self.assertTrue(all(item["origin"] == "lab_7" for kind in report.values()
                                if isinstance(kind, list) for item in kind))

    def test_kcidb_refuses_a_hyphen(self):
        made = subprocess.run([VFCERT, "report", self.files["golden"], "--format", "kcidb",
                               "--origin", "my-lab"], stderr=subprocess.PIPE, check=False)
        self.assertEqual(made.returncode, 2)
        self.assertIn(b"my-lab", made.stderr)

    def test_markdown(self):
        for name, results, text in self.each("md"):
            self.assertLessEqual(len(text.encode()), 1 << 20)
            self.assertNotRegex(text, "<script|<img|[\u0000-\u0008\u001b\u202e]")

    def test_markdown_is_cut_with_a_word(self):
        path = f"{self.folder}/long.json"
        with open(self.files["many"], encoding="utf-8") as file:
            results = json.load(file)
        for check in results["checks"]:
            check["reason"] = "long " * 700
        with open(path, "w", encoding="utf-8") as file:
            json.dump(results, file)
        text = subprocess.run([VFCERT, "report", path, "--format", "md"], stdout=subprocess.PIPE,
                              check=True).stdout
        self.assertLessEqual(len(text), 1 << 20)
        self.assertGreater(len(text), 900000)
        left = int(re.search(rb"\nCut here: (\d+) more are in results.json.\n$", text)[1])
        rows = len(re.findall(rb"^\| (?:fail|skip|broken|known|changed) \|", text, re.M))
        self.assertEqual(rows + left, len(results["checks"]) - results["summary"]["pass"])

    def test_prometheus(self):
        series = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? ([0-9.e+-]+)')
        for name, results, text in self.each("prom"):
            kinds, values = set(), {}
            for line in text.rstrip("\n").split("\n"):
                if line.startswith("# TYPE "):
                    kinds.add(line.split()[2])
                if line.startswith("#"):
                    continue
                match = series.fullmatch(line)
                self.assertTrue(match, f"no line of Prometheus: {line!r}")
                self.assertIn(match[1], kinds, "a series before its type")
                self.assertNotIn((match[1], match[2]), values, "a series twice")
                values[match[1], match[2]] = float(match[3])
            for verdict in VERDICTS:
                total = sum(value for (metric, labels), value in values.items()
                            if metric == "vfcert_checks" and f'verdict="{verdict}"' in labels)
                self.assertEqual(total, results["summary"][verdict])
            self.assertEqual(values["vfcert_run_complete", None], results["run"]["complete"])

    def test_json(self):
        for name, results, text in self.each("json"):
            self.assertEqual(json.loads(text), results)

    def test_several_at_once(self):
        folder = f"{self.folder}/several"
        subprocess.run([VFCERT, "report", self.files["many"], "-f", "junit,json,ktap", "-o", folder],
                       check=True)
        self.assertEqual(sorted(os.listdir(folder)), ["junit.xml", "results.json", "results.ktap"])
        single = subprocess.run([VFCERT, "report", self.files["many"], "-f", "junit"],
                                stdout=subprocess.PIPE, check=True).stdout
        with open(f"{folder}/junit.xml", "rb") as file:
            self.assertEqual(file.read(), single)
        for words in (["junit,nonsense", "-o", folder], ["junit,json"], [",", "-o", folder]):
            made = subprocess.run([VFCERT, "report", self.files["many"], "-f", *words],
                                  stderr=subprocess.PIPE, check=False)
            self.assertEqual(made.returncode, 2, words)

    def test_a_file_is_whole_or_as_it_was(self):
        path = f"{self.folder}/metrics.prom"
        with open(path, "w", encoding="utf-8") as file:
            file.write("old\n")
        broken = f"{self.folder}/broken.json"
        with open(self.files["many"], "rb") as source, open(broken, "wb") as file:
            file.write(source.read()[:-100])
        made = subprocess.run([VFCERT, "report", broken, "--format", "prom", "-o", path],
                              stderr=subprocess.PIPE, check=False)
        self.assertEqual(made.returncode, 2)
        self.assertIn(b"ends in the middle", made.stderr)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), "old\n")
        subprocess.run([VFCERT, "report", self.files["many"], "--format", "prom", "-o", path],
                       check=True)
        with open(path, encoding="utf-8") as file:
            self.assertTrue(file.read().startswith("# HELP"))
        self.assertEqual([name for name in os.listdir(self.folder) if name.endswith(".new")], [])


unittest.main(argv=sys.argv[:1])
