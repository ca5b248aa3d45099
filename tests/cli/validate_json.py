"""Usage: validate_json.py SCHEMA FILE...: checks each JSON document, or each line of a .ndjson or each .yaml given.

Prints what is wrong and exits with 1. With --strict, a member that the schema does not name is wrong too, so that a
schema cannot fall behind what the program writes.
"""
import json
import sys

import jsonschema


def strict(schema):
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(value) for key, value in schema.items()}
    if "properties" in closed and "allOf" not in closed and "if" not in schema and closed.get("type") is not None:
        closed.setdefault("additionalProperties", False)
    elif "allOf" in closed and closed.get("type") == "object":
        closed.setdefault("unevaluatedProperties", False)
    return closed


def documents(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".ndjson"):
        return [json.loads(line) for line in text.splitlines()]
    if path.endswith(".yaml"):
        import yaml

        return [yaml.safe_load(text)]
    return [json.loads(text)]


def main():
    words = sys.argv[1:]
    closed = "--strict" in words
    words = [word for word in words if word != "--strict"]
    with open(words[0], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(strict(schema) if closed else schema)
    wrong = 0
    for path in words[1:]:
        for number, document in enumerate(documents(path)):
            for error in validator.iter_errors(document):
                wrong += 1
                print(f"{path}[{number}] at {error.json_path}: {error.message[:300]}")
    return 1 if wrong else 0


sys.exit(main())
