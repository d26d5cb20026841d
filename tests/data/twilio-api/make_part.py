"""Makes `api_v2010_part.json` of the vendor's own description: `python make_part.py twilio_api_v2010.json`.

Only the operations that we use, and what they refer to; texts and examples are left out. README.md tells its
origin. May import: the standard library.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ACCOUNT = "/2010-04-01/Accounts/{AccountSid}"
USED = {
    "/2010-04-01/Accounts/{Sid}.json": ("get",),
    f"{ACCOUNT}/Calls.json": ("get", "post"),
    f"{ACCOUNT}/Calls/{{Sid}}.json": ("get", "post"),
    f"{ACCOUNT}/Messages.json": ("get", "post"),
    f"{ACCOUNT}/Recordings.json": ("get",),
    f"{ACCOUNT}/Recordings/{{Sid}}.json": ("delete",),
    f"{ACCOUNT}/IncomingPhoneNumbers.json": ("get",),
    f"{ACCOUNT}/IncomingPhoneNumbers/{{Sid}}.json": ("post",),
}
LEFT_OUT = {"description", "summary", "example", "examples", "headers", "tags", "security", "x-twilio"}
NAMED = "#/components/schemas/"


def bare(node: Any, *, names: bool = False) -> Any:
    """Without what is for people; in an object of `names` each key is a name, whatever it is called."""
    if isinstance(node, dict):
        return {
            key: bare(value, names=key == "properties")
            for key, value in node.items()
            if names or key not in LEFT_OUT
        }
    return [bare(each) for each in node] if isinstance(node, list) else node


def referred(node: Any) -> Iterator[str]:
    """The names of the schemas that are referred to."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].removeprefix(NAMED)
        for value in node.values():
            yield from referred(value)
    elif isinstance(node, list):
        for value in node:
            yield from referred(value)


def part(whole: dict[str, Any]) -> dict[str, Any]:
    """The part that we use."""
    paths = {
        path: {method: bare(whole["paths"][path][method]) for method in methods}
        for path, methods in USED.items()
    }
    schemas: dict[str, Any] = {}
    wanted = list(referred(paths))
    while wanted:
        name = wanted.pop()
        if name not in schemas:
            schemas[name] = bare(whole["components"]["schemas"][name])
            wanted += referred(schemas[name])
    return {"info": whole["info"], "paths": paths, "components": {"schemas": dict(sorted(schemas.items()))}}


if __name__ == "__main__":
    made = part(json.loads(Path(sys.argv[1]).read_text()))
    target = Path(__file__).with_name("api_v2010_part.json")
    target.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n")
