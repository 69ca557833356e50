#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""`nnpmd --schema` is a valid JSON Schema, accepts every input of the project and refuses inputs with slips.

usage: test_schema.py NNPMD       exit 77 (skipped) without the Python packages jsonschema and PyYAML
"""
import copy
import json
import pathlib
import subprocess
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}; install python3-jsonschema and python3-yaml to run this test")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Loader(yaml.SafeLoader):
    """YAML 1.2 as nnpmd reads it: only true and false are booleans, 1:30:00 is no number."""


Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp", ":int"))]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile("^(true|false)$"), list("tf"))
Loader.add_implicit_resolver("tag:yaml.org,2002:int", __import__("re").compile("^[-+]?[0-9]+$"), list("-+0123456789"))


def slips(good):
    """Copies of a good input with one thing wrong."""
    def changed(change):
        bad = copy.deepcopy(good)
        change(bad)
        return bad
    yield "unknown key", changed(lambda d: d.update(sede=1))
    yield "wrong type", changed(lambda d: d.update(seed="one"))
    yield "out of range", changed(lambda d: d.update(seed=-1))
    yield "missing structure", changed(lambda d: d.pop("structure"))
    yield "unknown stage", changed(lambda d: d["stages"].append({"nvf": {"steps": 1}}))
    yield "unknown key of a stage", changed(lambda d: d["stages"].append({"nve": {"stepz": 1}}))
    yield "unknown potential", changed(lambda d: d.update(potential={"magic": {}}))
    yield "wrong choice", changed(lambda d: d.update(outputs=[{"trajectory": {"format": "pdf"}}]))
    yield "stages no list", changed(lambda d: d.update(stages={"nve": {"steps": 1}}))


def main():
    schema = json.loads(subprocess.run([sys.argv[1], "--schema"], check=True, capture_output=True, text=True).stdout)
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    checker = validator(schema)
    failures, inputs = 0, []
    for path in sorted((ROOT / "inputs").rglob("*.yaml")):
        good = yaml.load(path.read_text(), Loader)
        if "stages" in good:  # the others are of nnpmd-mixing and its like
            inputs.append((path, good))
    for path, good in inputs:
        for error in checker.iter_errors(good):
            failures += 1
            print(f"{path.relative_to(ROOT)}: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}")
        for what, bad in slips(good):
            if checker.is_valid(bad):
                failures += 1
                print(f"{path.relative_to(ROOT)} with {what}: accepted by the schema")
    print(f"{len(inputs)} inputs, {failures} failures")
    return 1 if failures or not inputs else 0


if __name__ == "__main__":
    sys.exit(main())
