#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes results of a run that never was, for tests of what is made of results.

Usage: synthetic.py [--checks N] [--run N] [--hostile] [--kernel K] [--qemu Q] [--change N] FILE

The same arguments give the same file. --run varies the start of the run, --change the verdicts of
every Nth check, --hostile puts markup, control characters and other traps wherever text is.
"""
import argparse
import json
import random

SUITES = ["ready", "provision", "inventory", "iommu", "config", "isolation", "mac", "vlan", "spoof",
          "trust", "multicast", "rate", "link", "mtu", "counters", "leak", "reset", "faults"]
WEIGHTS = {"pass": 80, "known": 12, "skip": 4, "fail": 2, "broken": 1, "changed": 1}
TRAPS = ["<script>alert(1)</script>", "\u001b[31mred\u0007", "a\"b'c&d>", "]]>", "\u202egnp.exe",
         "x\ufffe\u2028y", "| cell | `code` @all", "# 1..0", "</title></style><img src=x onerror=alert(1)>",
         "'; --", "\ud7ff", "..", "-->"]


def check(number, rng, arguments):
    suite = SUITES[number % len(SUITES)]
    verdict = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    if arguments.change and number % arguments.change == 0:
        verdict = "fail" if verdict == "pass" else "pass"
    trap = rng.choice(TRAPS) if arguments.hostile else ""
    evidence = [
        {"name": f"frames sent{trap}", "value": rng.randrange(1000), "unit": "frames"},
        {"name": "frames received", "value": rng.randrange(1000), "unit": "frames"},
        {"name": "seen on the wire", "value": f"52:54:00:00:00:{rng.randrange(256):02x} {trap}",
         "unit": None},
        {"name": "waited", "value": round(rng.uniform(0, 90), 3), "unit": "ms"},
    ]
    quirk = verdict in ("known", "changed")
    return {
        "id": f"{suite}.statement-{number}{trap}",
        "suite": suite,
        "title": f"Statement {number} of the suite {suite} holds for every VF{trap}",
        "verdict": verdict,
        "reason": None if verdict == "pass" else f"VF {number % 7} did not do what was asked{trap}",
        "quirk": f"quirk-{number % 5}{trap}" if quirk else None,
        "origin": "emulated",
        "duration_s": round(rng.uniform(0.001, 0.8), 6),
        "kernel_s": round(rng.uniform(0, 0.1), 6),
        "at_s": round(number * 0.4, 3),
        "evidence": evidence[: 1 + number % 4],
        "why": f"One guest could reach what is another guest's.{trap}",
        "log": [f"igb 0000:01:00.0: VF {number % 7} attempted to set what it may not{trap}"]
        if number % 3 == 0 else [],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--checks", type=int, default=300)
    parser.add_argument("--run", type=int, default=0)
    parser.add_argument("--change", type=int, default=0)
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--kernel", default="6.12.95+deb13-amd64")
    parser.add_argument("--qemu", default="10.0.2")
    parser.add_argument("file")
    arguments = parser.parse_args()
    trap = "<script>alert('firmware')</script>" if arguments.hostile else ""
    rng = random.Random(1)
    head = {
        "schema": "vfcert-results/1",
        "run": {"started": f"2026-03-{1 + arguments.run // 24 % 28:02d}T"
                           f"{arguments.run % 24:02d}:20:30Z",
                "duration_s": 78.5, "kernel_s": 50.2, "rig_up_s": 1.7, "seed": 1, "complete": True,
                "why": None, "command": f"vfcert run -o out{trap}", "version": "0.1.0",
                "not_run": []},
        "identity": {
            "card": {"vendor": "8086", "device": "10c9", "subvendor": "8086", "subdevice": "a02c",
                     "revision": "01", "vf_device": "10ca", "total_vfs": 8, "driver_limit": 7,
                     "model": f"82576 Gigabit Network Connection{trap}"},
            "software": {"kernel": arguments.kernel, "driver": "igb",
                         "driver_version": arguments.kernel, "firmware": f"3.25{trap}"},
            "platform": {"iommu": "dmar0", "iommu_mode": "DMA", "interrupt_remapping": True,
                         "vendor": "QEMU", "product": "Standard PC (Q35 + ICH9, 2009)"},
            "rig": {"kind": "emulated", "topology": "igb", "accelerator": "tcg",
                    "qemu": arguments.qemu, "machine": "q35", "origin": "emulated"},
            "config_digest": "0" * 64, "config_bytes": 4096},
        "summary": dict.fromkeys(["pass", "fail", "skip", "broken", "known", "changed"], 0),
    }
    with open(arguments.file, "w", encoding="utf-8") as out:
        out.write('{"checks":[')
        for number in range(arguments.checks):
            made = check(number, rng, arguments)
            head["summary"][made["verdict"]] += 1
            out.write((",\n" if number else "\n") + json.dumps(made))
        out.write("\n]," + json.dumps(head)[1:] + "\n")


main()
