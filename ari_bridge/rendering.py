"""Asterisk's configuration as text, made of templates and of what staff decided. Pure, but for the templates.

A template has places `@{name}`. What stands in them is checked where it is entered; here all that could begin
a new line or a comment is refused once more, since a line of this text is a right to dial.
May import: the standard library, appliance.core, ari_bridge.
"""

import hashlib
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files

from appliance.core.errors import SettingsError
from appliance.core.hours import DAYS, Spans
from appliance.core.menu import DepartmentLine
from appliance.core.other_languages import home_of, keys_beside, seen_from, spoken
from appliance.core.phones import Phone
from appliance.core.settings import Asterisk
from appliance.core.staff import EMERGENCY_LINE, Office
from ari_bridge import codes, message_server, outside, passwords
from ari_bridge.passwords import Door

FILES = (
    *("extensions.conf", "pjsip.conf", "manager.conf", "websocket_client.conf"),
    *("asterisk.conf", "chan_websocket.conf", "http.conf", "indications.conf", "logger.conf"),
    *("acl.conf", "ari.conf", "modules.conf", "musiconhold.conf", "rtp.conf"),
)
DIALPLAN = "extensions.conf"
EMPTY = ("ccss", "cdr", "cel", "codecs", "dsp", "features", "pjproject", "stasis", "udptl")
"""Files that Asterisk looks for, and in which nothing differs from the usual."""
HEAD = "; Written by `attendant asterisk render`: what is changed here is lost.\n"
FORMATS = {"ulaw": "ulaw,alaw,g722", "slin24": "g722,ulaw,alaw"}
"""What phones may speak, best first, by how sound comes to us."""
ANSWER_S = 3
"""How long a bridge that has connected may take to answer; the caller hears nothing meanwhile. Before that
Asterisk waits as long as the bridge lives: one that hangs the watchdog ends."""
LEAST_BYTES = 8044
"""A message of half a second, as a file: one that is smaller holds none."""
SELF_CALL_S = 75
"""A call of the box to itself ends after so long, whatever it is at."""
ASKED_MOST_S = 60
"""How long a desk may take until it has heard who calls, and has decided."""
SILENCE_S = 6
GREETING_LONGEST_S = 60
"""How long staff may speak before a greeting is taken for whole; that it is too long is told after that."""
KEY_S = 2
"""How long a key for another language is waited for, once its offer was heard."""
SESSION_S = 180
"""A phone, or a trunk, is asked twice in so long whether it is still there."""
HOLIDAYS_YEARS = 3
TRUNK = "attendant-trunk"
CALLERS = "attendant-caller"
"""The family of the PBX's own database that holds who left a message, until it is filed."""
DESK_FIRST = "desk-first"
"""Whose phones ring before the box answers, as the dialplan tells of it."""
MARKS = "attendant-rendered"
"""The context whose one extension is the mark of the rendering: what the PBX has read, it can say."""
_MARK = re.compile(rf"^\[{MARKS}\]\nexten = (\S+),1,", re.MULTILINE)
_SAFE = re.compile(r"[^\x00-\x1f;\[\]]*")


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie, as Asterisk sees them."""

    sounds: str = "/etc/asterisk/sounds"
    announcements: str = "/etc/asterisk/announcements"
    """Where it lies who calls and why, for the desk."""
    spool: str = "/var/spool/asterisk/voicemail"
    """Where messages of callers are recorded."""
    greetings: str = "/var/spool/asterisk/greetings"
    """Where staff record a greeting."""


@dataclass(frozen=True, slots=True)
class Pbx:
    """Everything that the configuration is made of."""

    settings: Asterisk
    office: Office
    phones: tuple[Phone, ...]
    local_base: str
    """Where our loopback listener is, such as http://127.0.0.1:8081."""
    ami_secret: str
    media_secret: str
    ari_secret: str
    trunk_secret: str = ""
    trunk_addresses: tuple[str, ...] = ()
    """Where the trunk's host is, if that was found out: Asterisk itself looks only when it reads this."""
    places: Places = Places()
    year: int = 0
    """That in which this is written: its holidays are in it, and those of the years after it."""
    system: str = "a"
    """Begins the names of calls, so that those of a box that was set up anew are others."""


class _Template(string.Template):
    delimiter = "@"


@cache
def _template(name: str) -> _Template:
    return _Template((files("ari_bridge") / "etc" / name).read_text("utf-8"))


def rendered(pbx: Pbx) -> dict[str, str]:
    """The text of each file. Raises SettingsError for what cannot be written safely."""
    texts = pieces(pbx)
    if pbx.settings.existing:
        # Of a PBX that is the clinic's own the dialplan alone is ours.
        return _marked({DIALPLAN: texts[DIALPLAN]})
    return _marked(texts | {f"{name}.conf": HEAD for name in EMPTY})


def _marked(texts: dict[str, str]) -> dict[str, str]:
    """The texts, and in the dialplan a mark that no other rendering has."""
    whole = "".join(f"{name}\0{text}\0" for name, text in sorted(texts.items()))
    mark = f"read-{hashlib.sha256(whole.encode()).hexdigest()[:16]}"
    return texts | {DIALPLAN: f"{texts[DIALPLAN]}\n[{MARKS}]\nexten = {mark},1,Hangup()\n"}


def mark_of(texts: Mapping[str, str]) -> str:
    """The mark of a rendering; empty for what is none of ours."""
    found = _MARK.search(texts.get(DIALPLAN, ""))
    return found[1] if found else ""


def pieces(pbx: Pbx) -> dict[str, str]:
    """The text of each file that has anything of ours in it. Raises SettingsError."""
    fields = {**_dialplan(pbx), **_phones(pbx), **_doors(pbx)}
    return {name: _template(name).substitute(fields) for name in FILES}


def _dialplan(pbx: Pbx) -> dict[str, str]:
    staff, settings = pbx.office.staff, pbx.settings
    return {
        "system": _line(pbx.system),
        "language": home_of(pbx.office),
        "languages": "\n".join(_languages(pbx)),
        "sorry": "\n".join(_sorry(pbx)),
        "people": "&".join(_reached(pbx, staff.people)),
        "ring_s": str(staff.ring_s),
        "desk_first": "\n".join(_desk_first(pbx)),
        "alive_url": _line(f"{pbx.local_base}/alive"),
        "next_url": _line(f"{pbx.local_base}/asterisk/next"),
        "kept_url": _line(pbx.local_base + message_server.PATH),
        "kept_wait_s": str(message_server.WAITS_S),
        "least_bytes": str(LEAST_BYTES),
        "box_login": f"{passwords.USER}:{passwords.password(pbx.media_secret, Door.DIALPLAN)}",
        "format": settings.audio,
        "answer_s": str(ANSWER_S),
        "self_call_s": str(SELF_CALL_S),
        "silence_s": str(SILENCE_S),
        "voicemail_longest_s": str(staff.voicemail_longest_s),
        "sounds": _line(pbx.places.sounds),
        "spool": _line(pbx.places.spool),
        "callers": CALLERS,
        "announcements": _line(pbx.places.announcements),
        "music": "attendant",
        "assistant_extension": settings.assistant_dialled,
        "desk": "\n".join(_desk(pbx)),
        "help": "\n".join(_help(pbx)),
        "outside": "\n".join(_outside(pbx)),
        "by_trunk": f"@{TRUNK}",
        "trunk_name": TRUNK,
        "shown": _shown(pbx),
        "ring_shown": "b(attendant-shown^s^1(${SCREEN}))" if staff.caller_id else "",
        "asks_shown": "b(attendant-shown^s^1)" if staff.caller_id else "",
        "shown_for_callers": staff.caller_id or "",
        "departments": "\n".join(_departments(pbx)),
        "screened": "\n".join(_screened(pbx)),
        **_codes(pbx),
    }


def _doors(pbx: Pbx) -> dict[str, str]:
    return {
        "ami_port": str(pbx.settings.ami_port),
        "ami_secret": _line(pbx.ami_secret),
        "http_port": str(pbx.settings.http_port),
        "ari_secret": _line(pbx.ari_secret),
        "media_url": _line(pbx.local_base.replace("http", "ws", 1) + "/asterisk/media"),
        "media_secret": _line(pbx.media_secret),
        "rtp_from": str(pbx.settings.rtp_from),
        "rtp_to": str(pbx.settings.rtp_to),
    }


# The dialplan --------------------------------------------------------------------------------------------


def _reached(pbx: Pbx, numbers: Sequence[str]) -> Iterator[str]:
    """What Asterisk dials for them; a phone that is gone, and a number without a trunk, are left out."""
    extensions = {phone.extension for phone in pbx.phones}
    existing, context = pbx.settings.existing, pbx.settings.existing_context
    for number in numbers:
        if existing and number.startswith("+"):
            yield f"Local/{number}@{context}/n"
        elif existing or number in extensions:
            yield f"PJSIP/{number}"
        elif number.startswith("+") and pbx.settings.trunk.host:
            yield f"PJSIP/{number}@{TRUNK}"


def _languages(pbx: Pbx) -> Iterator[str]:
    """Each language's sounds: those of another than the clinic's own carry its code."""
    home = home_of(pbx.office)
    for code in spoken(pbx.office):
        yield f"exten = {code},1,Set(TONGUE={code})"
        yield f" same = n,Set(SAYS={'' if code == home else '_' + code})"
        yield f" same = n,Set(CHANNEL(language)={code})"
        yield " same = n,Return()"


def _sorry(pbx: Pbx) -> Iterator[str]:
    """What callers hear without us, in each language, with the keys of the others."""
    home = home_of(pbx.office)
    beside = keys_beside(pbx.office.staff, home)
    for code in spoken(pbx.office):
        others = seen_from(code, home, beside)
        said = f"{_line(pbx.places.sounds)}/fallback${{SAYS}}"
        if not others:
            yield f"exten = sorry-{code},1,Playback({said})"
        else:
            offers = "&".join(f"{_line(pbx.places.sounds)}/offer_{other}_{key}" for other, key in others)
            yield f"exten = sorry-{code},1,Read(KEY,{said}&{offers},1,,1,{KEY_S})"
        for other, key in others:
            yield f' same = n,GotoIf($["${{KEY}}" = "{key}"]?sorry-into-{other},1)'
        yield " same = n,Goto(people,1)"
        yield f"exten = sorry-into-{code},1,Gosub(attendant-languages,{code},1)"
        yield f" same = n,Goto(sorry-{code},1)"


def _desk_first(pbx: Pbx) -> Iterator[str]:
    """The desk's phones before the box: by the clock that Asterisk itself reads, and its calendar."""
    staff = pbx.office.staff
    open_on = []
    if staff.desk_first_s:
        yield f" same = n,Set(TODAY=${{STRFTIME(${{EPOCH}},{staff.time_zone},%Y-%m-%d)}})"
        for on in _single_days(pbx):
            day = staff.opening.day(on)
            if day.spans:
                open_on.append(day)
            where = f"day-{on}" if day.spans else "assistant,1"
            yield f' same = n,GotoIf($["${{TODAY}}" = "{on}"]?{where})'
    if staff.desk_first_s and staff.desk_first_when == "always":
        yield " same = n,Goto(desk)"
    elif staff.desk_first_s:
        for weekday in DAYS:
            yield from _spans(pbx, staff.hours.of(weekday), weekday[:3])
    yield " same = n,Goto(assistant,1)"
    for day in open_on:
        yield f" same = n(day-{day.date}),NoOp()"
        if staff.desk_first_when == "always":
            yield " same = n,Goto(desk)"
        yield from _spans(pbx, day.spans, "*")
        yield " same = n,Goto(assistant,1)"
    ring = f"attendant-ring,s,1({'&'.join(_reached(pbx, staff.people))},{staff.desk_first_s},{DESK_FIRST})"
    yield f" same = n(desk),Gosub({ring})"
    yield " same = n,Goto(assistant,1)"


def _spans(pbx: Pbx, spans: Spans, weekday: str) -> Iterator[str]:
    for opens, closes in spans:
        # The last minute that is named counts whole.
        last = (datetime.combine(date.min, closes) - timedelta(minutes=1)).time()
        when = f"{opens:%H:%M}-{last:%H:%M},{weekday},*,*,{pbx.office.staff.time_zone}"
        yield f" same = n,GotoIfTime({when}?desk)"


def _single_days(pbx: Pbx) -> Iterator[date]:
    """The days that are not as their weekday; holidays for as long as we may be dead."""
    staff = pbx.office.staff
    years = range(pbx.year, pbx.year + HOLIDAYS_YEARS) if pbx.year else ()
    kept = {day for year in years for day in staff.holidays.of_year(year)} if staff.holidays.kept else set()
    yield from sorted({*staff.closed_on, *staff.special_hours, *kept})


def _lines(pbx: Pbx) -> Iterator[DepartmentLine]:
    on_call = pbx.office.department(EMERGENCY_LINE)
    yield from (*pbx.office.departments, *((on_call,) if on_call else ()))


def _departments(pbx: Pbx) -> Iterator[str]:
    """One after the other; where nothing can be rung, that is how it went."""
    ring_s = pbx.office.staff.ring_s
    for line in _lines(pbx):
        yield f"exten = {_line(line.slug)},1,Set(RANG=CHANUNAVAIL)"
        asked = line.slug != EMERGENCY_LINE
        if asked:
            yield " same = n,Set(SCREEN=1)"
        for place, dialled in enumerate(_reached(pbx, line.numbers), 1):
            rings = (
                f"Local/{line.slug}.{place}@attendant-screened,{ring_s + ASKED_MOST_S}"
                if asked
                else f"{dialled},{ring_s}"
            )
            yield f" same = n,Gosub(attendant-ring,s,1({rings},{line.slug}))"
        yield " same = n,Set(SCREEN=)"
        yield " same = n,Return()"


def _screened(pbx: Pbx) -> Iterator[str]:
    """What rings for a department that is asked first, each phone and number by its place."""
    for line in _lines(pbx):
        if line.slug == EMERGENCY_LINE:
            continue
        for place, dialled in enumerate(_reached(pbx, line.numbers), 1):
            asks = f"attendant-asks,s,1({dialled},{pbx.office.staff.ring_s})"
            yield f"exten = {_line(line.slug)}.{place},1,Gosub({asks})"


def _desk(pbx: Pbx) -> Iterator[str]:
    """Desk phones reach each other; a caller whom a desk hands on is not lost when nobody is there."""
    taken = {pbx.settings.assistant_dialled, *pbx.settings.emergency_numbers}
    for phone in pbx.phones:
        number = phone.extension
        if number in taken:
            raise SettingsError([f"The extension {number} is the assistant's, or dialled for help."])
        yield f'exten = {number},1,GotoIf($["${{TOLD}}${{BLINDTRANSFER}}" != ""]?handed)'
        yield " same = n,Set(HERE=${CHANNEL})"
        yield f" same = n,Dial(PJSIP/{number},60,ib(attendant-party^s^1({number})))"
        yield ' same = n,GotoIf($["${HERE}" != "${CHANNEL}"]?attendant-nobody,moved,1)'
        yield " same = n,Hangup()"
        yield " same = n(handed),Gosub(attendant-handed,s,1)"
        yield f" same = n,Gosub(attendant-ring,s,1(PJSIP/{number},{pbx.office.staff.ring_s},{number}))"
        yield " same = n,Goto(attendant-nobody,s,1)"
        yield f"exten = {number},hint,PJSIP/{number}"


def _help(pbx: Pbx) -> Iterator[str]:
    """Numbers for help, from every phone; without a trunk nothing."""
    if not pbx.settings.trunk.host:
        return
    for number in pbx.settings.emergency_numbers:
        if not number.isdigit():
            raise SettingsError([f"asterisk.emergency_numbers: {number[:20]!r} is not a number."])
        yield f"exten = {number},1,Gosub(attendant-outside,s,1(,{number},0))"


def _outside(pbx: Pbx) -> Iterator[str]:
    """The numbers that staff allow; without a trunk nothing."""
    if not pbx.settings.trunk.host:
        return
    for pattern, left_out, before in outside.dialled(
        pbx.office.staff.outside_prefixes, pbx.settings.country_code
    ):
        dialled = f"attendant-outside,s,1(+{before},${{FILTER(0-9,${{EXTEN}})}},{left_out})"
        yield f"exten = {pattern},1,Gosub({dialled})"


def _shown(pbx: Pbx) -> str:
    """The number that calls of desk phones show: the clinic's, never an extension of the house."""
    trunk = pbx.settings.trunk
    return trunk.caller_id or pbx.office.staff.caller_id or trunk.user


def _codes(pbx: Pbx) -> dict[str, str]:
    """What staff dial to have something done, and how the box is asked for it."""
    settings = pbx.settings
    dialled = {
        settings.close_code: "close",
        settings.reopen_code: "reopen",
        settings.greeting_code: "greeting",
    }
    lines = [f"exten = {code},1,Goto(attendant-code,{what},1)" for code, what in dialled.items() if code]
    return {
        "codes": "\n".join(lines),
        "no_codes": "\n".join(f"exten = {code},1,Goto(attendant-refused,s,1)" for code in dialled if code),
        "codes_url": _line(pbx.local_base + codes.PATH),
        "codes_wait_s": str(codes.WAITS_S),
        "greetings": _line(pbx.places.greetings),
        "greeting_longest_s": str(GREETING_LONGEST_S),
    }


# Telephones ----------------------------------------------------------------------------------------------


def _phones(pbx: Pbx) -> dict[str, str]:
    settings = pbx.settings
    bind = f"[{settings.sip_host}]" if ":" in settings.sip_host else settings.sip_host
    return {
        "sip_bind": f"{bind}:{settings.sip_port}",
        "local_nets": "".join(f"local_net = {_line(each)}\n" for each in settings.phone_networks),
        "permits": "".join(f"permit = {_line(each)}\n" for each in settings.phone_networks),
        "session_s": str(SESSION_S),
        "phone_codecs": FORMATS[settings.audio],
        "phones": "".join(map(_phone, pbx.phones)),
        "trunk": _trunk(pbx) if settings.trunk.host else "",
    }


def _phone(phone: Phone) -> str:
    number = phone.extension
    return f"""
[{number}]({"attendant-desk" if phone.staff else "attendant-public"})
auth = {number}
aors = {number}
acl = attendant-lan
callerid = "{_line(phone.name)}" <{number}>
[{number}](attendant-phone-auth)
username = {number}
password = {phone.secret}
[{number}](attendant-phone-aor)
"""


def _trunk(pbx: Pbx) -> str:
    trunk = pbx.settings.trunk
    host = trunk.host.partition(":")[0]
    auth = f"outbound_auth = {TRUNK}\n" if trunk.user else ""
    number = trunk.caller_id or trunk.user
    shown = f"from_user = {number}\nsend_pai = yes\n" if number else ""
    matches = "".join(map(_match, trunk.from_networks or pbx.trunk_addresses or (host,)))
    text = f"""
[{TRUNK}]
type = endpoint
transport = attendant-udp
context = attendant-from-trunk
identify_by = ip
allow_transfer = no
moh_suggest = attendant
disallow = all
allow = ulaw,alaw
direct_media = no
rtp_symmetric = yes
dtmf_mode = rfc4733
rtp_keepalive = 2
timers = always
timers_sess_expires = {SESSION_S}
aors = {TRUNK}
from_domain = {host}
{shown}{auth}
[{TRUNK}]
type = aor
contact = sip:{trunk.host}
qualify_frequency = 60

[{TRUNK}]
type = identify
endpoint = {TRUNK}
{matches}"""
    if pbx.trunk_addresses and not trunk.from_networks:
        # Beside them and apart, since Asterisk drops a whole section of which a name is not found.
        text += f"\n[{TRUNK}-name]\ntype = identify\nendpoint = {TRUNK}\n{_match(host)}"
    return text + _registration(pbx) if trunk.user else text


def _match(where: str) -> str:
    return f"match = {_line(where)}\n"


def _registration(pbx: Pbx) -> str:
    trunk = pbx.settings.trunk
    return f"""
[{TRUNK}]
type = auth
auth_type = userpass
username = {trunk.user}
password = {_line(pbx.trunk_secret)}

[{TRUNK}]
type = registration
transport = attendant-udp
outbound_auth = {TRUNK}
server_uri = sip:{trunk.host}
client_uri = sip:{trunk.user}@{trunk.host}
contact_user = {trunk.user}
retry_interval = 30
forbidden_retry_interval = 300
fatal_retry_interval = 300
max_retries = 100000
expiration = 600
"""


def _line(text: str) -> str:
    """A text that stays within its line. Raises SettingsError."""
    if not _SAFE.fullmatch(text):
        raise SettingsError(["The PBX's configuration cannot hold a line break, a semicolon or a bracket."])
    return text
