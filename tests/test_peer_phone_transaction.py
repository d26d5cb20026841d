"""SIP transactions of the phone peer, on a clock that the test turns: what is sent when, and for how long."""

from collections.abc import Callable

from tests.peers.phone.address import Uri
from tests.peers.phone.dialog import Dialog, Me, cancel_of
from tests.peers.phone.message import Request, Response, answer, parse
from tests.peers.phone.transaction import (
    ClientTransaction,
    ServerTransaction,
    Timers,
    invite_key,
    server_key,
)

TIMERS = Timers()
ME = Me("anna", ("127.0.0.1", 5070))


def a(method: str) -> Request:
    dialog = Dialog.to_call(ME, Uri("anna", "h"), Uri("ben", "127.0.0.1", 5080), ("127.0.0.1", 5080))
    return dialog.request(method)


def times(due_s: Callable[[], float], tick: Callable[[float], object], until_s: float) -> list[float]:
    """When something was sent, if it is ticked whenever it is due."""
    sent = []
    while (now_s := due_s()) <= until_s:
        if tick(now_s):
            sent.append(round(now_s, 3))
    return sent


def of_client(transaction: ClientTransaction, until_s: float) -> list[float]:
    return times(lambda: transaction.due_s, lambda now_s: transaction.tick(now_s).send, until_s)


def of_server(transaction: ServerTransaction, until_s: float) -> list[float]:
    return times(lambda: transaction.due_s, transaction.tick, until_s)


def only(data: tuple[bytes, ...]) -> Request | Response:
    (one,) = data
    return parse(one)


def test_an_invite_is_repeated_at_doubled_times_and_given_up() -> None:
    transaction = ClientTransaction(a("INVITE"), TIMERS, 0.0)
    assert of_client(transaction, 31.9) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    up = transaction.tick(32.0).up
    assert up is not None
    assert (up.status, transaction.state) == (408, "over")


def test_any_other_request_is_repeated_up_to_t2() -> None:
    transaction = ClientTransaction(a("BYE"), TIMERS, 0.0)
    assert of_client(transaction, 20.0) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5]
    assert transaction.received(answer(transaction.request, 100), 20.0).up
    assert of_client(transaction, 31.9) == [23.5, 27.5, 31.5]
    up = transaction.tick(32.0).up
    assert up is not None
    assert up.status == 408


def test_a_ringing_invite_is_repeated_no_more_and_may_ring_long() -> None:
    transaction = ClientTransaction(a("INVITE"), TIMERS, 0.0)
    assert transaction.received(answer(transaction.request, 180, tag="b"), 1.0).up
    assert of_client(transaction, 180.9) == []
    assert transaction.due_s == 181.0
    transaction.hurry(60.0)
    assert transaction.due_s == 92.0
    transaction.received(answer(transaction.request, 180, tag="b"), 61.0)
    assert transaction.due_s == 92.0


def test_a_refusal_is_acknowledged_as_often_as_it_comes() -> None:
    transaction = ClientTransaction(a("INVITE"), TIMERS, 0.0)
    refusal = answer(transaction.request, 486, tag="b")
    step = transaction.received(refusal, 1.0)
    assert step.up == refusal
    ack = only(step.send)
    assert isinstance(ack, Request)
    assert (ack.method, ack.get("Via"), ack.called.tag) == ("ACK", transaction.request.get("Via"), "b")
    assert (ack.seq, ack.seq_method) == (transaction.request.seq, "ACK")
    again = transaction.received(refusal, 2.0)
    assert (again.send, again.up) == (step.send, None)


def test_a_200_is_acknowledged_by_the_dialog_as_often_as_it_comes() -> None:
    transaction = ClientTransaction(a("INVITE"), TIMERS, 0.0)
    good = answer(transaction.request, 200, tag="b")
    assert transaction.received(good, 1.0).up == good
    assert transaction.received(good, 1.1).send == ()
    sent = transaction.acknowledge(a("ACK"))
    assert transaction.received(good, 2.0).send == sent
    assert transaction.received(good, 2.0).up is None
    assert of_client(transaction, 100.0) == []
    assert transaction.state == "over"


def test_a_phone_may_leave_out_every_ack() -> None:
    for status in (200, 486):
        transaction = ClientTransaction(a("INVITE"), TIMERS, 0.0)
        transaction.acknowledges = False
        assert transaction.received(answer(transaction.request, status, tag="b"), 1.0).send == ()
        assert transaction.acknowledge(a("ACK")) == ()


def test_a_repeated_request_gets_the_same_answer() -> None:
    for method in ("INVITE", "BYE"):
        transaction = ServerTransaction(a(method), TIMERS, 0.0)
        assert transaction.repeated() == ()
        ringing = transaction.respond(answer(transaction.request, 180, tag="b"), 0.0)
        assert transaction.repeated() == ringing
        final = transaction.respond(answer(transaction.request, 486, tag="b"), 1.0)
        assert transaction.repeated() == final
        assert transaction.respond(answer(transaction.request, 200, tag="b"), 1.0) == ()


def test_an_answer_to_an_invite_goes_on_until_its_ack() -> None:
    for status in (200, 486):
        transaction = ServerTransaction(a("INVITE"), TIMERS, 0.0)
        assert transaction.due_s > 1e9
        transaction.respond(answer(transaction.request, status, tag="b"), 0.0)
        assert of_server(transaction, 12.0) == [0.5, 1.5, 3.5, 7.5, 11.5]
        assert transaction.acknowledged(12.0)
        assert not transaction.acknowledged(12.1)
        assert transaction.repeated() == ()
        assert of_server(transaction, 100.0) == []
        assert (transaction.state, transaction.unacknowledged) == ("over", False)


def test_without_an_ack_it_ends_and_says_so() -> None:
    for status in (200, 486):
        transaction = ServerTransaction(a("INVITE"), TIMERS, 0.0)
        transaction.respond(answer(transaction.request, status, tag="b"), 0.0)
        assert of_server(transaction, 100.0)[-1] == 31.5
        assert (transaction.state, transaction.unacknowledged) == ("over", True)


def test_other_answers_are_kept_for_repetitions_and_then_forgotten() -> None:
    transaction = ServerTransaction(a("BYE"), TIMERS, 0.0)
    transaction.respond(answer(transaction.request, 200), 0.0)
    assert of_server(transaction, 31.9) == []
    transaction.tick(32.0)
    assert (transaction.state, transaction.unacknowledged) == ("over", False)


def test_a_cancel_and_an_ack_find_their_invite() -> None:
    invite = a("INVITE")
    cancel = cancel_of(invite)
    assert invite_key(cancel) == server_key(invite)
    assert server_key(cancel) != server_key(invite)
    assert (cancel.get("To"), cancel.seq, cancel.all("Contact")) == (invite.get("To"), invite.seq, [])
    old = invite.having(("Via", "SIP/2.0/UDP 10.0.0.1"))
    other = a("INVITE").having(("Via", "SIP/2.0/UDP 10.0.0.1"))
    assert server_key(old) != server_key(other)
    assert server_key(old) == server_key(old.having(("Via", "SIP/2.0/UDP 10.0.0.1;received=10.0.0.2")))
