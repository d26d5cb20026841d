"""A vendor's own description of its service (OpenAPI 3.0), and what goes against it in an exchange.

May import: the standard library, jsonschema.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema import Draft7Validator

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class Description:
    """What a service takes and answers. `document` is its description as JSON."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = _with_null(document)
        self._paths = {_pattern(path): methods for path, methods in self._document["paths"].items()}

    def wrong_in_request(
        self, method: str, path: str, query: Mapping[str, str], form: Mapping[str, str]
    ) -> list[str]:
        """What goes against the description in a request; empty when nothing does.

        A field that is sent several times stands in `form` several times, as in a multidict.
        """
        operation, of_path = self._operation(method, path)
        if operation is None:
            return [f"there is no {method} {path}"]
        declared = {(each["in"], each["name"]): each["schema"] for each in operation["parameters"]}
        wrong = [
            line
            for where, given in (("path", of_path), ("query", query))
            for name, value in given.items()
            for line in self._wrong_in_text(value, declared.get((where, name)), f"{where} {name}")
        ]
        body = operation.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {})
        fields = body.get("properties", {})
        wrong += [f"form {name}: is missing" for name in body.get("required", ()) if name not in form]
        for name, value in form.items():
            wrong += self._wrong_in_text(value, fields.get(name), f"form {name}")
        return wrong

    def wrong_in_answer(self, method: str, path: str, status: int, body: object) -> list[str]:
        """What goes against the description in an answer; empty when nothing does."""
        operation, _ = self._operation(method, path)
        if operation is None or str(status) not in operation["responses"]:
            return [f"{method} {path} is not answered with {status}"]
        content = operation["responses"][str(status)].get("content", {}).get(JSON, {})
        return self._wrong(_unset(body), content.get("schema", {}), str(status))

    def _operation(self, method: str, path: str) -> tuple[Any, dict[str, str]]:
        for pattern, methods in self._paths.items():
            found = pattern.fullmatch(path)
            if found and method.lower() in methods:
                return methods[method.lower()], found.groupdict()
        return None, {}

    def _wrong_in_text(self, value: str, schema: Mapping[str, Any] | None, where: str) -> list[str]:
        """A path, a query and a form hold text only, which may stand for a number or a truth."""
        if schema is None:
            return [f"{where}: is not declared"]
        kind = schema.get("type")
        if kind == "array":
            # A list is one field, sent once for each of its entries.
            return self._wrong_in_text(value, schema["items"], where)
        if kind == "integer" and re.fullmatch(r"-?\d+", value):
            return self._wrong(int(value), schema, where)
        if kind == "boolean" and value in {"true", "false"}:
            return self._wrong(value == "true", schema, where)
        return self._wrong(value, schema, where)

    def _wrong(self, value: object, schema: Mapping[str, Any], where: str) -> list[str]:
        checked = {**schema, "components": self._document["components"]}
        errors: Sequence[Any] = list(Draft7Validator(checked).iter_errors(value))
        return [f"{where} {'.'.join(str(part) for part in each.path)}: {each.message}" for each in errors]


def _pattern(path: str) -> re.Pattern[str]:
    """`/Calls/{Sid}.json` as a pattern with a group `Sid`."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))


def _unset(node: Any) -> Any:
    """An empty text stands for what is not set: the vendors' examples have it in place of an id, too."""
    if isinstance(node, dict):
        return {key: _unset(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_unset(each) for each in node]
    return None if node == "" else node


def _with_null(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has the type `null`."""
    if isinstance(node, list):
        return [_with_null(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: _with_null(value) for key, value in node.items()}
    if made.get("nullable") is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    return made
