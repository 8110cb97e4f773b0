#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Matrix, JUnit and JSON from 10,000 results, beside Python's standard library writing the same.

Usage: bench_reports.py VFCERT FOLDER_OF_TESTS [--growth]

Prints CPU times and peak memory, and their ratios in this one run. Fails above the budget: faster than
Python, and under 25 MB. --growth adds 100,000 and 1,000,000 results, which are only printed.
"""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

VFCERT, TESTS = sys.argv[1:3]
BUDGET_MB = 25
ROUNDS = 3
PYTHON_LIMIT = 100000

# The obvious program: everything in memory, ElementTree, html.escape, json.
PYTHON = r"""
import html, json, sys, xml.etree.ElementTree as tree
folder = sys.argv[1]
results = json.load(open(folder + "/results.json", encoding="utf-8"))
suites = {}
for check in results["checks"]:
    suites.setdefault(check["suite"], []).append(check)

root = tree.Element("testsuites", name="vfcert", tests=str(len(results["checks"])))
for name, checks in suites.items():
    suite = tree.SubElement(root, "testsuite", name=name, tests=str(len(checks)))
    for check in checks:
        case = tree.SubElement(suite, "testcase", classname=name, name=check["id"],
                               time="%.3f" % check["duration_s"])
        if check["verdict"] in ("fail", "changed", "broken"):
            kind = "error" if check["verdict"] == "broken" else "failure"
            failure = tree.SubElement(case, kind, message=check["reason"] or "")
            failure.text = "\n".join("%s: %s" % (f["name"], f["value"]) for f in check["evidence"])
        elif check["verdict"] in ("skip", "known"):
            tree.SubElement(case, "skipped", message=check["reason"] or "")
tree.ElementTree(root).write(folder + "/python.xml", encoding="utf-8", xml_declaration=True)

with open(folder + "/python.html", "w", encoding="utf-8") as page:
    page.write("<!DOCTYPE html><html><body>")
    for name, checks in suites.items():
        page.write("<section><h3>%s</h3>" % html.escape(name))
        for check in checks:
            page.write("<details><summary>%s <code>%s</code> %s %s %.2f s</summary><p>%s</p><table>" % (
                check["verdict"], html.escape(check["id"]), html.escape(check["title"]),
                html.escape(check["reason"] or ""), check["duration_s"],
                html.escape(check["why"] or "")))
            for fact in check["evidence"]:
                page.write("<tr><th>%s</th><td>%s %s</td></tr>" % (html.escape(fact["name"]),
                           html.escape(str(fact["value"])), html.escape(fact["unit"] or "")))
            page.write("</table><pre>%s</pre></details>" % html.escape("\n".join(check["log"])))
        page.write("</section>")
    page.write("</body></html>")

with open(folder + "/python.json", "w", encoding="utf-8") as file:
    json.dump(results, file, separators=(",", ":"))
"""


def measure(command):
    """CPU seconds and peak memory in MB: disks and neighbours vary."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"failed: {command}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def best(command, rounds):
    found = [measure(command) for _ in range(rounds)]
    return min(seconds for seconds, _ in found), max(peak for _, peak in found)


def compare(folder, count):
    subprocess.run([f"{TESTS}/synthetic.py", "--checks", str(count), f"{folder}/results.json"],
                   check=True)
    rounds = ROUNDS if count <= 10000 else 1
    mine, my_peak = best([VFCERT, "report", folder, "-f", "html,junit,json", "-o", f"{folder}/ours"],
                         rounds)
    if count > PYTHON_LIMIT:
        print(f"{count:9,d} results: vfcert {mine:7.2f} s {my_peak:6.1f} MB   "
              "(Python would hold all of it in memory, some gigabytes: not run)", flush=True)
        return 0, my_peak
    others, other_peak = best([sys.executable, "-c", PYTHON, folder], rounds)
    sizes = {name: os.path.getsize(f"{folder}/{name}") / 1e6
             for name in ("ours/report.html", "ours/junit.xml", "ours/results.json", "python.html",
                          "python.xml", "python.json")}
    print(f"{count:9,d} results: vfcert {mine:7.2f} s {my_peak:6.1f} MB   "
          f"Python {others:7.2f} s {other_peak:7.1f} MB   ratio {mine / others:.2f} of the time, "
          f"{my_peak / other_peak:.2f} of the memory "
          f"({', '.join(f'{name} {size:.1f} MB' for name, size in sizes.items())})", flush=True)
    return mine / others, my_peak


resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
top = tempfile.mkdtemp(prefix="vfcert-bench-")
try:
    ratio, peak = compare(top, 10000)
    if "--growth" in sys.argv:
        for number in (100000, 1000000):
            compare(top, number)
finally:
    shutil.rmtree(top)
if ratio >= 1 or peak >= BUDGET_MB:
    raise SystemExit(f"above the budget: {ratio:.2f} of Python's time, {peak:.1f} of {BUDGET_MB} MB")
