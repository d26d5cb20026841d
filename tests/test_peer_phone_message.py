"""SIP messages and addresses of the phone peer: every form that RFC 3261 allows, and what is no SIP."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.peers.phone.address import Address, BadMessage, Uri, Via, split_outside
from tests.peers.phone.message import Request, Response, answer, parse, write

INVITE = (
    b"INVITE sip:100@pbx.test SIP/2.0\r\n"
    b"v: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKa;rport , SIP / 2.0 / TCP  first.test;branch=z9hG4bKb\r\n"
    b"VIA: SIP/2.0/UDP 10.0.0.3\r\n"
    b"Record-Route: <sip:p2.test;lr>,\r\n"
    b"  <sip:p1.test;lr>\r\n"
    b"max-forwards :70\r\n"
    b'f: "A \\"quoted\\", <name>" <sip:anna@10.0.0.1>;tag=88\r\n'
    b"t: sip:100@pbx.test\r\n"
    b"i: abc@10.0.0.1\r\n"
    b"m: <sip:anna@10.0.0.1:5070;transport=udp>\r\n"
    b"CSeq:  7   INVITE\r\n"
    b"Subject: folded\r\n\tover three\r\n lines\r\n"
    b"c: application/sdp\r\n"
    b"l: 4\r\n"
    b"\r\n"
    b"v=0\r\n"
)


def request(data: bytes = INVITE) -> Request:
    message = parse(data)
    assert isinstance(message, Request)
    return message


def test_folded_lines_compact_names_and_lists_are_read() -> None:
    message = request()
    assert (message.method, message.uri, message.body) == ("INVITE", "sip:100@pbx.test", b"v=0\r")
    assert message.get("Subject") == "folded over three lines"
    assert [Via.parse(value).host for value in message.all("Via")] == ["10.0.0.1", "first.test", "10.0.0.3"]
    assert message.all("Record-Route") == ["<sip:p2.test;lr>", "<sip:p1.test;lr>"]
    assert (message.seq, message.seq_method, message.call_id) == (7, "INVITE", "abc@10.0.0.1")
    assert (message.get("Max-Forwards"), message.get("Content-Type")) == ("70", "application/sdp")
    assert message.caller.display == 'A "quoted", <name>'
    assert (message.caller.tag, message.called.tag) == ("88", "")
    assert message.contact == Uri("anna", "10.0.0.1", 5070, (("transport", "udp"),))


def test_what_is_written_is_read_again() -> None:
    message = request()
    again = request(write(message))
    without_length = tuple(pair for pair in message.headers if pair[0] != "Content-Length")
    assert again.headers == (*without_length, ("Content-Length", "4"))
    assert (again.body, again.uri) == (message.body, message.uri)


def test_an_answer_names_its_request_and_goes_back_its_way() -> None:
    response = answer(request(), 180, tag="us")
    assert (response.status, response.reason) == (180, "Ringing")
    assert response.all("Via") == request().all("Via")
    assert response.all("Record-Route") == request().all("Record-Route")
    assert response.called == Address(Uri("100", "pbx.test"), "", (("tag", "us"),))
    read = parse(write(response))
    assert isinstance(read, Response)
    assert (read.status, read.reason, read.get("CSeq")) == (180, "Ringing", "7   INVITE")
    assert answer(request(), 100, tag="us").called.tag == ""


def test_a_via_notes_where_the_request_came_from() -> None:
    via = Via.parse("SIP/2.0/UDP 10.0.0.1:5070;branch=b;rport")
    seen = Via.parse(str(via.seen_from(("10.9.9.9", 4444))))
    assert seen.back() == ("10.9.9.9", 4444)
    plain = Via.parse("SIP/2.0/UDP 10.0.0.1;branch=b")
    assert plain.back() == ("10.0.0.1", 5060)
    assert plain.seen_from(("10.9.9.9", 4444)).back() == ("10.9.9.9", 5060)
    assert plain.seen_from(("10.0.0.1", 4444)) == plain


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("sip:100@10.0.0.1:5062;transport=udp", Uri("100", "10.0.0.1", 5062, (("transport", "udp"),))),
        ("SIP:pbx.test", Uri("", "pbx.test")),
        ("sip:+1555;ext=2@h;lr", Uri("+1555;ext=2", "h", None, (("lr", None),))),
        ("sip:a:secret@h", Uri("a", "h")),
        ("sip:a@[2001:db8::1]:5060", Uri("a", "[2001:db8::1]", 5060)),
        ("sip:c@h?Replaces=x%3Bto-tag%3D1", Uri("c", "h", None, (), "Replaces=x%3Bto-tag%3D1")),
        (
            "tel:+15551230001;phone-context=x",
            Uri("+15551230001", "", None, (("phone-context", "x"),), "", "tel"),
        ),
    ],
)
def test_uris_of_every_form(text: str, uri: Uri) -> None:
    assert Uri.parse(text) == uri
    assert Uri.parse(str(uri)) == uri


def test_a_number_is_read_out_of_a_uri() -> None:
    assert Uri.parse("sip:%2B15551230001;x=1@h").number == "+15551230001"
    assert Uri.parse("sip:a@127.0.0.1").where() == ("127.0.0.1", 5060)
    assert Uri.parse("sip:a@999.0.0.1:5").where() is None
    assert Uri.parse("sip:a@pbx.test").where() is None


def test_addresses_of_every_form() -> None:
    bare = Address.parse("sip:a@h;tag=1")
    assert (bare.uri, bare.tag) == (Uri("a", "h"), "1")
    plain = Address.parse("Doctor Who  <sip:who@h;lr>;tag=2;x")
    assert (plain.display, plain.uri.loose, plain.params) == ("Doctor Who", True, (("tag", "2"), ("x", None)))
    shown = Address(Uri("a", "h"), 'say "hi" \\o/', (("tag", "3"),))
    assert Address.parse(str(shown)) == shown
    assert shown.with_tag("4").tag == "4"
    assert split_outside('"a;b" <c;d>;e;', ";") == ['"a;b" <c;d>', "e", ""]
    assert split_outside(r'"a\";b";c', ";") == [r'"a\";b"', "c"]


def with_header(name: bytes, line: bytes) -> bytes:
    """The INVITE with another line instead of the one that begins so."""
    head, _, body = INVITE.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").partition(b"\r\n\r\n")
    lines = [line if each.startswith(name) else each for each in head.split(b"\r\n")]
    return b"\r\n".join(each for each in lines if each) + b"\r\n\r\n" + body


HOSTILE = {
    "nothing": b"\r\n\r\n",
    "noise": bytes(range(256)) * 4,
    "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "no end": INVITE[:200],
    "cut in the body": INVITE[:-2],
    "not UTF-8": INVITE.replace(b"folded", b"\xff\xfe"),
    "begins folded": INVITE.replace(b"v: SIP", b" v: SIP", 1),
    "many headers": INVITE.replace(b"l: 4", b"l: 4" + b"\r\nX: y" * 400),
    "no Via": with_header(b"VIA", b"").replace(b"v: SIP", b"w: SIP"),
    "no Call-ID": with_header(b"i:", b""),
    "empty CSeq": with_header(b"CSeq", b"CSeq:"),
    "CSeq of another": with_header(b"CSeq", b"CSeq: 7 BYE"),
    "CSeq without end": with_header(b"CSeq", b"CSeq: " + b"9" * 5000 + b" INVITE"),
    "CSeq too large": with_header(b"CSeq", b"CSeq: 2147483648 INVITE"),
    "negative CSeq": with_header(b"CSeq", b"CSeq: -7 INVITE"),
    "length of words": with_header(b"l:", b"l: four"),
    "negative length": with_header(b"l:", b"l: -4"),
    "huge length": with_header(b"l:", b"l: 999999999999"),
    "open bracket": with_header(b"f:", b"f: <sip:a@h"),
    "no URI": with_header(b"t:", b"t: mailto:a@h"),
    "port of a contact": with_header(b"m:", b"m: <sip:a@h:99999>"),
    "route": INVITE.replace(b"<sip:p1.test;lr>", b"<p1.test>"),
    "header without colon": with_header(b"max", b"max-forwards"),
    "strange header": with_header(b"max", b"max forwards: 7"),
    "method": INVITE.replace(b"INVITE sip", b"INV(TE sip", 1),
    "version": INVITE.replace(b"SIP/2.0\r\nv", b"SIP/3.0\r\nv", 1),
    "status": b"SIP/2.0 99999 OK\r\n" + INVITE.partition(b"\r\n")[2],
    "status of letters": b"SIP/2.0 abc OK\r\n" + INVITE.partition(b"\r\n")[2],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_message_is_one_clear_error(name: str) -> None:
    with pytest.raises(BadMessage) as raised:
        parse(HOSTILE[name])
    assert len(str(raised.value)) < 400


def test_the_hostile_ones_differ_from_a_good_one_in_one_thing() -> None:
    assert request(with_header(b"X", b"")).seq == 7
    huge = request(with_header(b"max", b"X-Huge: " + b'"<;,' * 15_000))
    assert huge.seq == 7


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    for hostile in (data, INVITE[:30] + data + INVITE[30:], INVITE.replace(b"<sip:anna", data, 1)):
        try:
            parse(hostile)
        except BadMessage:
            continue
