"""What the service says when a client's event cannot be done: type, code, message, param.

The texts are those seen from the real service where they are known. May import: nothing.
"""

from typing import Any


class Refused(Exception):
    """One client event failed; the session goes on."""

    def __init__(
        self, code: str | None, message: str, param: str | None = None, kind: str = "invalid_request_error"
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.param, self.kind = code, message, param, kind

    def body(self, event_id: str | None = None) -> dict[str, Any]:
        """The `error` object of an error event, or of an HTTP answer."""
        return {
            "type": self.kind,
            "code": self.code,
            "message": self.message,
            "param": self.param,
            "event_id": event_id,
        }


def missing(param: str) -> Refused:
    return Refused("missing_required_parameter", f"Missing required parameter: '{param}'.", param)


def unknown(param: str) -> Refused:
    return Refused("unknown_parameter", f"Unknown parameter: '{param}'.", param)


def wrong_type(param: str, expected: str, value: object) -> Refused:
    got = _NAMES.get(type(value), type(value).__name__)
    message = f"Invalid type for '{param}': expected {expected}, but got {got} instead."
    return Refused("invalid_type", message, param)


def wrong_value(param: str, value: object, supported: tuple[str, ...]) -> Refused:
    listed = ", ".join(f"'{name}'" for name in supported)
    return Refused("invalid_value", f"Invalid value: '{value}'. Supported values are: {listed}.", param)


def no_such_item(verb: str, doing: str, item_id: str) -> Refused:
    message = f"Error {doing} item: the item with id '{item_id}' does not exist."
    return Refused(f"item_{verb}_invalid_item_id", message, "item_id")


_NAMES: dict[type, str] = {
    str: "a string",
    int: "an integer",
    float: "a decimal number",
    bool: "a boolean",
    list: "an array",
    dict: "an object",
    type(None): "null",
}
