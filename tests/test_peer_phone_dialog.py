"""Dialogs and descriptions of the phone peer: tags, turns and routes; offers, answers, hold."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.peers.phone import sdp
from tests.peers.phone.address import Address, BadMessage, Uri
from tests.peers.phone.dialog import Dialog, Me, Replaces, replacing
from tests.peers.phone.message import Request, Response, answer
from tests.peers.phone.sdp import NothingInCommon

ANNA, BEN = Me("anna", ("127.0.0.1", 5070), "Anna"), Me("ben", ("127.0.0.1", 5080))
PROXIES = ("<sip:10.0.0.1;lr>", "<sip:10.0.0.2;lr>")


def dialogs(*record_routes: str) -> tuple[Dialog, Dialog]:
    """Both sides of a call of Anna to Ben, through proxies."""
    anna = Dialog.to_call(ANNA, Uri("anna", "h"), Uri("ben", "h"), ("127.0.0.1", 5080))
    invite = anna.request("INVITE")
    arrived = replace(invite, headers=(*invite.headers, *(("Record-Route", each) for each in record_routes)))
    ben = Dialog.of_invite(BEN, arrived, ("127.0.0.1", 5070))
    anna.confirm(accepted(arrived, ben))
    return anna, ben


def accepted(invite: Request, ben: Dialog) -> Response:
    contact = (("Contact", f"<{BEN.contact}>"),)
    return answer(invite, 200, tag=ben.local.tag, headers=contact)


def test_both_sides_know_the_same_call() -> None:
    anna, ben = dialogs()
    assert ben.is_of(anna.request("BYE"))
    assert anna.is_of(ben.request("BYE"))
    assert not anna.is_of(dialogs()[1].request("BYE"))
    assert (anna.target, ben.target) == (BEN.contact, ANNA.contact)
    assert ben.remote.display == "Anna"


def test_requests_are_counted_and_an_old_one_is_out_of_turn() -> None:
    anna, ben = dialogs()
    first, second = anna.request("INFO"), anna.request("BYE")
    assert (first.seq, second.seq) == (2, 3)
    assert ben.in_order(second)
    assert not ben.in_order(first)
    assert not ben.in_order(second)
    assert anna.in_order(ben.request("BYE"))
    assert anna.request("ACK", seq=1).seq == 1


def test_requests_go_back_through_the_proxies_of_the_invite() -> None:
    anna, ben = dialogs(*PROXIES)
    assert ben.request("BYE").all("Route") == [*PROXIES]
    assert anna.request("BYE").all("Route") == [*reversed(PROXIES)]
    assert anna.request("BYE").uri == str(BEN.contact)
    assert anna.next_hop == Uri("", "10.0.0.2", None, (("lr", None),))


def test_a_strict_proxy_gets_the_request_to_itself() -> None:
    anna, _ = dialogs(PROXIES[0], "<sip:10.0.0.2>")
    request = anna.request("BYE")
    assert request.uri == "sip:10.0.0.2"
    assert request.all("Route") == [PROXIES[0], f"<{BEN.contact}>"]


def test_an_invite_without_contact_is_none() -> None:
    invite = dialogs()[0].request("INVITE")
    nowhere = replace(invite, headers=tuple(pair for pair in invite.headers if pair[0] != "Contact"))
    with pytest.raises(BadMessage, match="Contact"):
        Dialog.of_invite(BEN, nowhere, ("127.0.0.1", 5070))


def test_a_replaces_means_the_dialog_of_its_receiver() -> None:
    anna, ben = dialogs()
    assert Replaces.parse(replacing(anna)).means(ben)
    assert not Replaces.parse(replacing(anna)).means(anna)
    for wrong in ("", "x;to-tag=1", ";to-tag=1;from-tag=2"):
        with pytest.raises(BadMessage):
            Replaces.parse(wrong)


# Descriptions

HERE, THERE = ("127.0.0.1", 4000), ("127.0.0.2", 5000)
OF_ASTERISK = b"""v=0\r
o=- 1 2 IN IP4 10.0.0.9\r
s=Asterisk\r
c=IN IP4 10.0.0.9\r
t=0 0\r
m=audio 17000 RTP/AVP 9 0 8 101\r
a=rtpmap:9 G722/8000\r
a=rtpmap:0 PCMU/8000\r
a=rtpmap:8 PCMA/8000\r
a=rtpmap:101 telephone-event/8000\r
a=fmtp:101 0-16\r
a=ptime:20\r
a=maxptime:140\r
a=sendrecv\r
"""


def test_a_description_of_a_switchboard_is_read() -> None:
    read = sdp.parse(OF_ASTERISK)
    assert read.where == ("10.0.0.9", 17000)
    assert (read.codecs, read.events, read.direction) == (("G722", "PCMU", "PCMA"), 101, "sendrecv")
    bare = sdp.parse(b"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 9 RTP/AVP 18 8\r\n")
    assert (bare.codecs, bare.events) == (("PCMA",), None)


def test_what_is_offered_is_read_by_the_other_side() -> None:
    offered = sdp.offer(HERE, ("G722", "PCMU"), "sendonly")
    assert sdp.parse(sdp.write(offered)) == offered


def test_the_answer_names_one_codec_by_our_wish_and_their_keys() -> None:
    body = OF_ASTERISK.replace(b"101", b"96")
    answered = sdp.answer(sdp.parse(body), THERE, ("PCMU", "G722"))
    assert (answered.where, answered.codecs, answered.events) == (THERE, ("PCMU",), 96)
    with pytest.raises(NothingInCommon):
        sdp.answer(sdp.parse(OF_ASTERISK.replace(b"9 0 8 101", b"8 101")), THERE, ("PCMU", "G722"))


@pytest.mark.parametrize(
    ("theirs", "wanted", "ours"),
    [
        ("sendrecv", "sendrecv", "sendrecv"),
        ("sendonly", "sendrecv", "recvonly"),
        ("recvonly", "sendrecv", "sendonly"),
        ("inactive", "sendrecv", "inactive"),
        ("sendrecv", "sendonly", "sendonly"),
        ("sendonly", "sendonly", "inactive"),
    ],
)
def test_hold_is_told_by_the_direction(
    theirs: sdp.Direction, wanted: sdp.Direction, ours: sdp.Direction
) -> None:
    offered = sdp.offer(HERE, ("PCMU",), theirs)
    assert sdp.answer(offered, THERE, ("PCMU",), wanted).direction == ours
    assert offered.on_hold == (theirs in ("sendonly", "inactive"))
    assert replace(offered, where=("0.0.0.0", 4000)).on_hold


def test_other_streams_are_answered_as_not_wanted() -> None:
    body = OF_ASTERISK.replace(b"m=audio", b"m=video 5000 RTP/AVP 99\r\nm=audio") + b"m=text 6 RTP/AVP 98\r\n"
    written = sdp.write(sdp.answer(sdp.parse(body), THERE, ("PCMU",)))
    streams = [line for line in written.split(b"\r\n") if line.startswith(b"m=")]
    assert streams == [b"m=video 0 RTP/AVP 99", b"m=audio 5000 RTP/AVP 0 101", b"m=text 0 RTP/AVP 98"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"v=1\r\n",
        b"v=0\r\nc=IN IP4 1.2.3.4\r\n",
        b"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio\r\n",
        b"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio x RTP/AVP 0\r\n",
        b"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 99999 RTP/AVP 0\r\n",
        b"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 9 RTP/AVP 0\r\nm=video\r\n",
        b"v=0\r\nc=IN IP4 pbx.test\r\nm=audio 9 RTP/AVP 0\r\n",
        b"v=0\r\nc=IN IP6 ::1\r\nm=audio 9 RTP/AVP 0\r\n",
        b"v=0\r\nm=audio 9 RTP/AVP 0\r\n",
        b"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 9 RTP/AVP 0\r\na=rtpmap:x y\r\n",
    ],
)
def test_what_is_no_description_is_said(body: bytes) -> None:
    with pytest.raises(BadMessage):
        sdp.parse(body)


@given(st.binary(max_size=200), st.integers(0, len(OF_ASTERISK)))
def test_no_bytes_in_a_description_raise_anything_else(data: bytes, at: int) -> None:
    try:
        description = sdp.parse(OF_ASTERISK[:at] + data + OF_ASTERISK[at:])
    except BadMessage:
        return
    assert Address(Uri("x", description.where[0])).uri.where()
