"""A webhook: signed, known again by its key, and tried again where that can help."""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson
import pytest

from appliance.core.notify_settings import Notify
from appliance.notify import webhook
from appliance.notify.failed import NotifyFailed
from tests.peers.webhook import Receiver

AT = datetime(2026, 11, 27, 15, tzinfo=UTC)
TOLD = {"event": "callbacks_overdue", "overdue": 3}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


async def posted(receiver: Receiver, key: str = "k1") -> None:
    notify = Notify(webhook_url=f"{receiver.url}/hook")
    await webhook.post(notify, "secret", TOLD, key=key, at=AT)


async def test_what_is_posted_is_signed(receiver: Receiver) -> None:
    await posted(receiver)
    (got,) = receiver.got
    assert (orjson.loads(got.body), got.headers["Idempotency-Key"]) == (TOLD, "k1")
    stamp, _, digest = got.headers["Attendant-Signature"].partition(",")
    assert stamp == f"t={int(AT.timestamp())}"
    wanted = hmac.new(b"secret", f"{int(AT.timestamp())}.".encode() + got.body, hashlib.sha256).hexdigest()
    assert digest == f"v1={wanted}"


@pytest.mark.parametrize(
    ("status", "again"), [(204, None), (302, False), (400, False), (410, False), (429, True), (503, True)]
)
async def test_its_answer_decides_whether_it_is_tried_again(
    receiver: Receiver, status: int, again: bool | None
) -> None:
    receiver.status = status
    if again is None:
        await posted(receiver)
        return
    with pytest.raises(NotifyFailed, match=f"answered {status}") as failed:
        await posted(receiver)
    assert (failed.value.again, failed.value.after_s) == (again, 0)
    # It is asked once: where it sends us elsewhere we do not follow with what we tell.
    assert len(receiver.got) == 1


async def test_it_says_itself_when_to_come_again(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 503, {"Retry-After": "120"}
    with pytest.raises(NotifyFailed) as failed:
        await posted(receiver)
    assert failed.value.after_s == 120


async def test_what_does_not_answer_is_given_up_in_time(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answers = False
    monkeypatch.setattr(webhook, "TIMEOUT_S", 0.3)
    with pytest.raises(NotifyFailed, match="not reached") as failed:
        await posted(receiver)
    assert failed.value.again


async def test_without_one_nothing_is_posted() -> None:
    with pytest.raises(NotifyFailed, match="No webhook is set"):
        await webhook.post(Notify(), "secret", TOLD, key="k1", at=AT)


@pytest.mark.parametrize("url", ["http://example.com/hook", "ftp://example.com", "https://"])
def test_what_would_be_read_on_the_way_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="webhook_url"):
        Notify(webhook_url=url)
