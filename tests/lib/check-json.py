# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Validates lines of --format=json against the schema that --json-schema prints.

check-json.py SCHEMA FILE [TYPE...]: all lines are of the schema, with no key that it lacks; the first
is the header, the last two are lost and end; each TYPE is there. Prints how many lines of each type.
"""
import collections
import json
import sys

import jsonschema


def strict(node):
    """A key that the schema does not have is an error here, though readers are to ignore it."""
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            node.setdefault("additionalProperties", False)
        for value in node.values():
            strict(value)
    elif isinstance(node, list):
        for value in node:
            strict(value)


def main():
    with open(sys.argv[1], encoding="ascii") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    strict(schema)
    validators = {
        name: jsonschema.Draft202012Validator({"$ref": "#/$defs/" + name, "$defs": schema["$defs"]})
        for name in (ref["$ref"].rsplit("/", 1)[1] for ref in schema["oneOf"])
    }
    types = []
    with open(sys.argv[2], encoding="ascii") as f:  # escapes leave nothing else
        for number, line in enumerate(f, 1):
            value = json.loads(line)
            types.append(value["type"])
            try:
                validators[value["type"]].validate(value)
            except jsonschema.ValidationError as e:
                sys.exit(f"line {number}: {e.message} at {list(e.absolute_path)}: {line}")
    if types[0] != "header" or types[-2:] != ["lost", "end"]:
        sys.exit(f"not framed: {types[0]} ... {types[-2:]}")
    missing = set(sys.argv[3:]) - set(types)
    if missing:
        sys.exit(f"no line of {sorted(missing)}")
    for name, count in sorted(collections.Counter(types).items()):
        print(name, count)


main()
