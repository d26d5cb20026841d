"""Asterisk's configuration as text, made of templates and of what staff decided. Pure, but for the templates.

A template has places `@{name}`. What stands in them is checked where it is entered; here all that could begin
a new line or a comment is refused once more, since a line of this text is a right to dial.
May import: the standard library, appliance.core, ari_bridge.
"""

import hashlib
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from urllib.parse import quote

from appliance.core.hours import DAYS, Spans
from appliance.core.menu import DepartmentLine
from appliance.core.other_languages import home_of, keys_beside, seen_from, spoken
from appliance.core.phones import Phone
from appliance.core.staff import EMERGENCY_LINE
from ari_bridge import message_server, on_call, passwords, past
from ari_bridge.desk_dialplan import dialled_at_desks
from ari_bridge.passwords import Door
from ari_bridge.plan import TRUNK, Pbx, one_line

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
KEY_S = 2
"""How long a key for another language is waited for, once its offer was heard."""
ZERO_S = 0.1
"""So long 0 may still come when a sentence is over in which it leads to a person."""
SESSION_S = 180
"""A phone, or a trunk, is asked twice in so long whether it is still there."""
REGISTERED_S = 120
"""A phone has to say so often where it is."""
HOLIDAYS_YEARS = 3
CALLERS = "attendant-caller"
"""The family of the PBX's own database that holds who left a message, until it is filed."""
DESK_FIRST = "desk-first"
"""Whose phones ring before the box answers, as the dialplan tells of it."""
MARKS = "attendant-rendered"
"""The context whose one extension is the mark of the rendering: what the PBX has read, it can say."""
_MARK = re.compile(rf"^\[{MARKS}\]\nexten = (\S+),1,", re.MULTILINE)


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
        return _marked({DIALPLAN: texts[DIALPLAN]}, pbx.tunes)
    return _marked(texts | {f"{name}.conf": HEAD for name in EMPTY}, pbx.tunes)


def _marked(texts: dict[str, str], tunes: Sequence[str]) -> dict[str, str]:
    """The texts, and in the dialplan a mark that no other rendering has, nor one of other music."""
    whole = "".join(f"{name}\0{text}\0" for name, text in [*sorted(texts.items()), ("", str(tunes))])
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
        "system": one_line(pbx.system),
        "language": home_of(pbx.office),
        "languages": "\n".join(_languages(pbx)),
        "sorry": "\n".join(_sorry(pbx)),
        "people": "&".join(_reached(pbx, staff.people)),
        "ring_s": str(staff.ring_s),
        "desk_first": "\n".join(_desk_first(pbx)),
        "hours": "\n".join(_hours(pbx)),
        "alive_url": one_line(f"{pbx.local_base}/alive"),
        "next_url": one_line(f"{pbx.local_base}/asterisk/next"),
        "kept_url": one_line(pbx.local_base + message_server.PATH),
        "kept_wait_s": str(message_server.WAITS_S),
        "least_bytes": str(LEAST_BYTES),
        "box_login": f"{passwords.USER}:{passwords.password(pbx.media_secret, Door.DIALPLAN)}",
        "format": settings.audio,
        "answer_s": str(ANSWER_S),
        "self_call_s": str(SELF_CALL_S),
        "silence_s": str(SILENCE_S),
        "zero_s": str(ZERO_S),
        "desk_first_rings": DESK_FIRST,
        "voicemail_longest_s": str(staff.voicemail_longest_s),
        "sounds": one_line(pbx.places.sounds),
        "spool": one_line(pbx.places.spool),
        "callers": CALLERS,
        "past": past.FAMILY,
        "announcements": one_line(pbx.places.announcements),
        "while_ringing": "m(attendant)" if staff.hold_sound == "music" else "r",
        "assistant_extension": settings.assistant_dialled,
        "by_trunk": f"@{TRUNK}",
        "trunk_name": TRUNK,
        "ring_shown": "b(attendant-shown^s^1(${SCREEN}))" if staff.caller_id else "",
        "asks_shown": "b(attendant-shown^s^1)" if staff.caller_id else "",
        "shown_for_callers": staff.caller_id or "",
        "departments": "\n".join(_departments(pbx)),
        "screened": "\n".join(_screened(pbx)),
        **dialled_at_desks(pbx),
        **_on_call(pbx),
    }


def _doors(pbx: Pbx) -> dict[str, str]:
    return {
        "ami_port": str(pbx.settings.ami_port),
        "ami_secret": one_line(pbx.ami_secret),
        "http_port": str(pbx.settings.http_port),
        "ari_secret": one_line(pbx.ari_secret),
        "media_url": one_line(pbx.local_base.replace("http", "ws", 1) + "/asterisk/media"),
        "media_secret": one_line(pbx.media_secret),
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
        said = f"{one_line(pbx.places.sounds)}/fallback${{SAYS}}"
        if not others:
            yield f"exten = sorry-{code},1,Playback({said})"
        else:
            offers = "&".join(f"{one_line(pbx.places.sounds)}/offer_{other}_{key}" for other, key in others)
            yield f"exten = sorry-{code},1,Read(KEY,{said}&{offers},1,,1,{KEY_S})"
        for other, key in others:
            yield f' same = n,GotoIf($["${{KEY}}" = "{key}"]?sorry-into-{other},1)'
        yield " same = n,Goto(people,1)"
        yield f"exten = sorry-into-{code},1,Gosub(attendant-languages,{code},1)"
        yield f" same = n,Goto(sorry-{code},1)"


def _desk_first(pbx: Pbx) -> Iterator[str]:
    """The desk's phones before the box."""
    staff = pbx.office.staff
    if staff.desk_first_s:
        rings = '!= "off"' if staff.desk_first_when == "always" else '= "open"'
        ring = (
            f"attendant-ring,s,1({'&'.join(_reached(pbx, staff.people))},{staff.desk_first_s},{DESK_FIRST})"
        )
        yield " same = n,Gosub(attendant-hours,s,1)"
        yield f' same = n,GosubIf($["${{HOURS}}" {rings}]?{ring})'
    yield " same = n,Goto(assistant,1)"


def _hours(pbx: Pbx) -> Iterator[str]:
    """Whether the clinic is open: single days before their weekday."""
    staff, open_on = pbx.office.staff, []
    yield "exten = s,1,Set(HOURS=closed)"
    yield f" same = n,Set(TODAY=${{STRFTIME(${{EPOCH}},{staff.time_zone},%Y-%m-%d)}})"
    for on in _single_days(pbx):
        day = staff.opening.day(on)
        if day.spans:
            open_on.append(day)
        yield f' same = n,GotoIf($["${{TODAY}}" = "{on}"]?{f"day-{on}" if day.spans else "off"})'
    for weekday in DAYS:
        yield from _spans(pbx, staff.hours.of(weekday), weekday[:3])
    yield " same = n,Return()"
    for day in open_on:
        yield f" same = n(day-{day.date}),NoOp()"
        yield from _spans(pbx, day.spans, "*")
        yield " same = n,Return()"
    for name in ("off", "open"):
        yield f" same = n({name}),Set(HOURS={name})"
        yield " same = n,Return()"


def _spans(pbx: Pbx, spans: Spans, weekday: str) -> Iterator[str]:
    for opens, closes in spans:
        # The last minute that is named counts whole.
        last = (datetime.combine(date.min, closes) - timedelta(minutes=1)).time()
        when = f"{opens:%H:%M}-{last:%H:%M},{weekday},*,*,{pbx.office.staff.time_zone}"
        yield f" same = n,GotoIfTime({when}?open)"


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
        yield f"exten = {one_line(line.slug)},1,Set(RANG=CHANUNAVAIL)"
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
            yield f"exten = {one_line(line.slug)}.{place},1,Gosub({asks})"


def _on_call(pbx: Pbx) -> dict[str, str]:
    """Who is on call, each number once; without a way outside nobody can be rung."""
    numbers = {person.number for shift in pbx.office.staff.on_call_rota for person in shift.people}
    rings = {number: "&".join(_reached(pbx, [number])) for number in sorted(numbers)}
    lines = (
        f"exten = {number.removeprefix('+')},1,Gosub(attendant-on-call-rings,s,1({dialled}))"
        for number, dialled in rings.items()
        if dialled
    )
    return {
        "on_call": "\n".join(lines),
        "on_call_url": one_line(pbx.local_base + on_call.PATH),
        "on_call_wait_s": str(on_call.WAITS_S),
        "on_call_longest_s": str(on_call.LONGEST_S),
        "on_call_asked_times": str(on_call.ASKED_TIMES),
        "on_call_key_s": str(on_call.KEY_S),
    }


# Telephones ----------------------------------------------------------------------------------------------


def _phones(pbx: Pbx) -> dict[str, str]:
    settings = pbx.settings
    bind = f"[{settings.sip_host}]" if ":" in settings.sip_host else settings.sip_host
    return {
        "sip_bind": f"{bind}:{settings.sip_port}",
        "local_nets": "".join(f"local_net = {one_line(each)}\n" for each in settings.phone_networks),
        "permits": "".join(f"permit = {one_line(each)}\n" for each in settings.phone_networks),
        "session_s": str(SESSION_S),
        "registered_s": str(REGISTERED_S),
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
callerid = "{one_line(phone.name)}" <{number}>
[{number}](attendant-phone-auth)
username = {number}
password = {phone.secret}
[{number}](attendant-phone-aor)
"""


def _trunk(pbx: Pbx) -> str:
    trunk = pbx.settings.trunk
    host = trunk.host.partition(":")[0]
    auth = f"outbound_auth = {TRUNK}\n" if trunk.user else ""
    number = trunk.caller_id or _in_uri(trunk.user)
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
qualify_frequency = 30

[{TRUNK}]
type = identify
endpoint = {TRUNK}
{matches}"""
    if pbx.trunk_addresses and not trunk.from_networks:
        # Beside them and apart, since Asterisk drops a whole section of which a name is not found.
        text += f"\n[{TRUNK}-name]\ntype = identify\nendpoint = {TRUNK}\n{_match(host)}"
    return text + _registration(pbx) if trunk.user else text


def _in_uri(user: str) -> str:
    """A user name as it stands in a URI: some have an @ of their own."""
    return quote(user, safe="+._-")


def _match(where: str) -> str:
    return f"match = {one_line(where)}\n"


def _registration(pbx: Pbx) -> str:
    trunk = pbx.settings.trunk
    return f"""
[{TRUNK}]
type = auth
auth_type = userpass
username = {trunk.user}
password = {one_line(pbx.trunk_secret)}

[{TRUNK}]
type = registration
transport = attendant-udp
outbound_auth = {TRUNK}
server_uri = sip:{trunk.host}
client_uri = sip:{_in_uri(trunk.user)}@{trunk.host}
contact_user = {_in_uri(trunk.user)}
retry_interval = 30
forbidden_retry_interval = 300
fatal_retry_interval = 300
max_retries = 100000
expiration = 600
"""
