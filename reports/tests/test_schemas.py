#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a certificate is made of fits the schemas that are published in reports/schemas.

Usage: test_schemas.py VFCERT WRITE_CERTIFIABLE SOURCE

Ends with 77 and says why where the validator is missing (ci/bootstrap --tests installs it).
"""
import base64
import copy
import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

VFCERT, WRITE, SOURCE = sys.argv[1:4]

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


SCHEMAS = {os.path.basename(path): load(path)
           for path in glob.glob(f"{SOURCE}/reports/schemas/*.schema.json")}


def validate(record, name):
    schema = SCHEMAS[f"{name}.schema.json"]
    resolver = jsonschema.RefResolver("", schema, store=SCHEMAS)
    jsonschema.Draft202012Validator(schema, resolver=resolver).validate(record)


def body(path):
    envelope = load(path)
    validate(envelope, "envelope")
    return json.loads(base64.b64decode(envelope["payload"]))


class Schemas(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.TemporaryDirectory(prefix="vfcert-schemas-")
        cls.folder = cls.kept.name
        run = lambda *words: subprocess.run(words, check=True, capture_output=True)
        run(WRITE, f"{SOURCE}/suites/profiles", cls.folder)
        key, cert = f"{cls.folder}/key", f"{cls.folder}/cert.dsse.json"
        run(VFCERT, "keygen", key)
        run(VFCERT, "sign", cls.folder, "--key", key, "--proof", cls.folder)
        run(VFCERT, "revoke", cert, "--key", key, "--list", f"{cls.folder}/revoked.json")

    @classmethod
    def tearDownClass(cls):
        cls.kept.cleanup()

    def test_each_schema_is_one(self):
        self.assertLess(4, len(SCHEMAS))
        for schema in SCHEMAS.values():
            jsonschema.Draft202012Validator.check_schema(schema)

    def test_what_vfcert_writes_fits(self):
        validate(load(f"{self.folder}/identity.json"), "identity")
        validate(load(f"{self.folder}/proof.json"), "proof")
        validate(body(f"{self.folder}/cert.dsse.json"), "certificate")
        validate(body(f"{self.folder}/revoked.json"), "revocations")

    def test_what_lacks_a_member_does_not(self):
        statement = body(f"{self.folder}/cert.dsse.json")
        for member in statement["predicate"]["certificate"]:
            bad = copy.deepcopy(statement)
            del bad["predicate"]["certificate"][member]
            with self.assertRaises(jsonschema.ValidationError, msg=member):
                validate(bad, "certificate")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
