"""What the service's errors mean for a call, as one table. No I/O.

Source: the service's published error objects and close codes, and what its users report of them; a code
that is not in the table is harmless, because the session goes on. May import: the standard library.
"""

from enum import StrEnum


class Action(StrEnum):
    """What to do about an error."""

    HARMLESS = "harmless"
    RETRY = "retry"
    WAIT = "wait"
    REBUILD = "rebuild"
    GIVE_UP = "give_up"


BY_CODE = {
    # A race with the service's own turn taking; our request is repeated after the running answer.
    "conversation_already_has_active_response": Action.HARMLESS,
    "response_cancel_not_active": Action.HARMLESS,
    "input_audio_buffer_commit_empty": Action.HARMLESS,
    # Mistakes of ours: they cost one message, not the call.
    "invalid_value": Action.HARMLESS,
    "invalid_event": Action.HARMLESS,
    "invalid_request_error": Action.HARMLESS,
    "missing_required_parameter": Action.HARMLESS,
    "unknown_parameter": Action.HARMLESS,
    "item_not_found": Action.HARMLESS,
    "cannot_update_voice": Action.HARMLESS,
    "server_error": Action.RETRY,
    # Asked again at once it would fail again: the limit says when there is room.
    "rate_limit_exceeded": Action.WAIT,
    "inference_rate_limit_exceeded": Action.WAIT,
    "session_expired": Action.REBUILD,
    "insufficient_quota": Action.GIVE_UP,
    "billing_hard_limit_reached": Action.GIVE_UP,
    "invalid_api_key": Action.GIVE_UP,
    "account_deactivated": Action.GIVE_UP,
    "model_not_found": Action.GIVE_UP,
}

REBUILD_CLOSES = frozenset({1000, 1001, 1005, 1006, 1011, 1012, 1013, 1015})


def of_error(code: str | None, kind: str | None) -> Action:
    """What an error event, or the error of a failed answer, asks for."""
    return BY_CODE.get(code or "") or BY_CODE.get(kind or "") or Action.HARMLESS


def of_close(code: int | None) -> Action:
    """What the end of the socket asks for; None is an end without a close frame."""
    return Action.REBUILD if code is None or code in REBUILD_CLOSES else Action.GIVE_UP


def of_status(status: int) -> Action:
    """What a refused handshake asks for."""
    return Action.RETRY if status == 429 or status >= 500 else Action.GIVE_UP
