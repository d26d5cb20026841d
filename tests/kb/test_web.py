"""Pages of websites: fetched when they changed, as robots.txt allows, never from the inside of a network."""

import socket
from collections.abc import Iterator

import pytest

from kb import web
from kb.documents import kinds
from kb.documents.kinds import Format
from kb.web import Page, PageFailed, Web, checked, public
from tests.peers.website import Answer, Website

HERE = ("127.0.0.1",)
HTML = {"Content-Type": "text/html"}


@pytest.fixture
def site() -> Iterator[Website]:
    with Website() as made:
        yield made


async def fetch(
    url: str,
    hosts: tuple[str, ...] = HERE,
    deadline_s: float = 10.0,
    *,
    etag: str = "",
    last_modified: str = "",
) -> Page | None:
    async with Web(hosts, deadline_s=deadline_s) as here:
        return await here.fetch(url, etag=etag, last_modified=last_modified)


async def failure(url: str, hosts: tuple[str, ...] = HERE, deadline_s: float = 10.0) -> PageFailed:
    with pytest.raises(PageFailed) as failed:
        await fetch(url, hosts, deadline_s)
    return failed.value


async def test_a_page_comes_with_its_marks_and_not_again_while_it_is_the_same(site: Website) -> None:
    site.page("/hours", "<p>We are open.</p>", **{"Last-Modified": "Mon, 02 Nov 2026 09:00:00 GMT"})
    page = await fetch(f"{site.url}/hours?lang=en#top")
    assert page is not None
    assert b"We are open." in page.data
    assert (page.format, page.last_modified) == (Format.PAGE, "Mon, 02 Nov 2026 09:00:00 GMT")
    etag, last_modified = page.etag, page.last_modified
    assert await fetch(f"{site.url}/hours", etag=etag, last_modified=last_modified) is None
    assert site.asked[-1][1]["if-modified-since"] == page.last_modified
    site.page("/hours", "<p>We are closed.</p>")
    again = await fetch(f"{site.url}/hours", etag=etag, last_modified=last_modified)
    assert again is not None
    assert b"closed" in again.data


async def test_who_asks_says_so_and_keeps_nothing(site: Website) -> None:
    site.page("/", "Hi", **{"Set-Cookie": "a=b"})
    async with Web(HERE) as here:
        await here.fetch(site.url + "/")
        await here.fetch(site.url + "/")
    headers = site.asked[-1][1]
    assert headers["user-agent"].startswith(web.AGENT)
    assert "cookie" not in headers


async def test_what_robots_txt_forbids_is_not_asked_for(site: Website) -> None:
    site.page("/staff/list", "Secret")
    site.page("/hours", "Open")
    site.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /staff/\n")
    failed = await failure(f"{site.url}/staff/list")
    assert "robots.txt does not allow" in str(failed)
    assert not failed.again
    assert site.times("/staff/list") == 0
    assert await fetch(f"{site.url}/hours")
    site.answers["/robots.txt"] = Answer(
        f"User-agent: {web.AGENT}\nAllow: /\n\nUser-agent: *\nDisallow: /".encode()
    )
    assert await fetch(f"{site.url}/staff/list")
    site.answers["/robots.txt"] = Answer(status=503)
    assert (await failure(f"{site.url}/hours")).again


@pytest.mark.parametrize(
    ("answer", "told", "again"),
    [
        (Answer(status=404), "no such page any more", False),
        (Answer(status=403), "does not give the page out", False),
        (Answer(status=503, headers={"Retry-After": "120"}), "in trouble", True),
        (Answer(b"x", headers={"Content-Type": "image/png"}), "leads to image/png, which is not read", False),
        (Answer(b"x" * 90, headers={**HTML, "Content-Encoding": "br"}), "packs its pages", False),
        (Answer(b"x" * 90, headers={**HTML, "Content-Encoding": "gzip"}), "unpacked", True),
        (Answer(b"<p>Half", headers=HTML, breaks_off=True), "broke off", True),
        (Answer(b"x" * (kinds.LARGEST + 1), headers=HTML), "MB are the most", False),
        (Answer(bytes(kinds.LARGEST * 3), headers=HTML, packed=True), "MB are the most", False),
    ],
)  # fmt: skip
async def test_what_goes_wrong_is_a_sentence(site: Website, answer: Answer, told: str, again: bool) -> None:
    site.answers["/a"] = answer
    failed = await failure(f"{site.url}/a")
    assert told in str(failed)
    assert failed.again is again
    assert failed.after_s == (120.0 if "Retry-After" in answer.headers else 0.0)


async def test_a_packed_page_is_unpacked_and_other_kinds_are_known(site: Website) -> None:
    site.answers["/a"] = Answer(b"<p>Open</p>", headers=HTML, packed=True)
    page = await fetch(f"{site.url}/a")
    assert page is not None
    assert page.data == b"<p>Open</p>"
    site.answers["/b"] = Answer(b"%PDF-1.4", headers={"Content-Type": "application/pdf"})
    page = await fetch(f"{site.url}/b")
    assert page is not None
    assert page.format is Format.PDF


async def test_a_server_that_says_nothing_is_not_waited_for(site: Website) -> None:
    site.answers["/a"] = Answer(waits=True)
    failed = await failure(f"{site.url}/a", deadline_s=0.3)
    assert failed.again
    with socket.socket() as gone:
        gone.bind(("127.0.0.1", 0))
        port = gone.getsockname()[1]
    assert "cannot be reached" in str(await failure(f"http://127.0.0.1:{port}/"))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/a", "http://localhost:{port}/a", "http://127.0.0.1/", "http://localhost/",
        "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
        "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://192.168.1.1/", "http://172.20.0.1/",
        "http://100.64.0.1/", "http://0.0.0.0/", "http://224.0.0.1/", "http://[fe80::1%25eth0]/", "http://[fd00::1]/",
        "file:///etc/passwd", "ftp://clinic.example/a",
        "gopher://127.0.0.1:5038/", "http://user:secret@clinic.example/", "https://clinic.example:5038/", "http://",
        "not an address",
    ],
)  # fmt: skip
async def test_nothing_is_asked_for_inside(site: Website, url: str) -> None:
    site.page("/a", "Secret")
    failed = await failure(url.format(port=site.url.rpartition(":")[2]), hosts=())
    assert not failed.again
    assert site.asked == []


@pytest.mark.parametrize("host", ["2130706433", "127.1", "0x7f.1", "017700000001"])
async def test_other_ways_to_write_an_inner_address_lead_nowhere(host: str) -> None:
    assert "127.0.0.1" not in str(await failure(f"http://{host}/", hosts=()))


async def test_a_name_that_means_an_inner_address_is_refused_after_it_was_looked_up(site: Website) -> None:
    port = site.url.rpartition(":")[2]
    site.page("/a", "Open")
    site.page("/robots.txt", "")
    assert await fetch(f"http://localhost:{port}/a", hosts=("localhost",))
    # Allowed is the name, not the address that it leads to.
    site.answers["/go"] = Answer(status=302, headers={"Location": f"http://127.0.0.1:{port}/a"})
    failed = await failure(f"http://localhost:{port}/go", hosts=("localhost",))
    assert "usual ports alone" in str(failed) or "not on the public internet" in str(failed)
    assert site.times("/a") == 1


async def test_redirects_are_looked_at_and_counted(site: Website) -> None:
    site.page("/new", "Open")
    site.answers["/old"] = Answer(status=301, headers={"Location": "/new"})
    assert await fetch(f"{site.url}/old")
    for leads, told in (
        ("http://169.254.169.254/", "not on the public internet"),
        ("file:///etc/passwd", "begins with https"),
        ("/round", "more than 5 times"),
    ):
        site.answers["/round"] = Answer(status=302, headers={"Location": leads})
        assert told in str(await failure(f"{site.url}/round"))


def test_public_addresses_are() -> None:
    assert public("8.8.8.8")
    assert public("2001:4860:4860::8888")
    assert public("::ffff:8.8.8.8")
    assert str(checked(" https://clinic.example/hours ")) == "https://clinic.example/hours"
