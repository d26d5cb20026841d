"""What desk phones dial, as lines of the dialplan: each other, help, numbers outside, codes of staff. Pure.

May import: the standard library, appliance.core, ari_bridge.
"""

from collections.abc import Iterator

from appliance.core.errors import SettingsError
from appliance.core.other_languages import home_of, keys_beside
from ari_bridge import codes, outside
from ari_bridge.plan import Pbx, one_line

LANGUAGE_S = 5
"""How long a key for another language is waited for."""
GREETING_LONGEST_S = 60
"""How long staff may speak before a greeting is taken for whole; that it is too long is told after that."""


def dialled_at_desks(pbx: Pbx) -> dict[str, str]:
    """The places of the dialplan that desk phones reach. Raises SettingsError."""
    return {
        "desk": "\n".join(_desk(pbx)),
        "recalled": "\n".join(_recalled(pbx)),
        "help": "\n".join(_help(pbx)),
        "outside": "\n".join(_outside(pbx)),
        "shown": _shown(pbx),
        **_codes(pbx),
    }


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


def _recalled(pbx: Pbx) -> Iterator[str]:
    """The phones that ring again when nobody took whom they handed on; the front desk's ring anyway."""
    for phone in pbx.phones:
        number = phone.extension
        if phone.staff and number not in pbx.office.staff.people:
            ring = f"PJSIP/{number},{pbx.office.staff.ring_s},{number}"
            yield f"exten = {number},1,Gosub(attendant-ring,s,1({ring}))"
            yield " same = n,Return()"


def _help(pbx: Pbx) -> Iterator[str]:
    """Numbers for help, from every phone; without a trunk nothing."""
    if not pbx.settings.trunk.host:
        return
    for number in pbx.settings.emergency_numbers:
        if not (number.isascii() and number.isdigit()):
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


def _voicemail_languages(pbx: Pbx) -> Iterator[str]:
    """For callers of which language a greeting is: the clinic's own, or another by its key."""
    home = home_of(pbx.office)
    others = keys_beside(pbx.office.staff, home)
    yield f" same = n,Set(GREETING={home})"
    if others:
        sounds = one_line(pbx.places.sounds)
        offers = "&".join(f"{sounds}/offer_{code}_{key}" for code, key in others)
        yield f" same = n,Read(KEY,{sounds}/code_voicemail_language&{offers},1,,1,{LANGUAGE_S})"
    for code, key in others:
        yield f' same = n,Set(GREETING=${{IF($["${{KEY}}" = "{key}"]?{code}:${{GREETING}})}})'


def _codes(pbx: Pbx) -> dict[str, str]:
    """What staff dial to have something done, and how the box is asked for it."""
    settings = pbx.settings
    dialled = {
        settings.close_code: "close",
        settings.reopen_code: "reopen",
        settings.greeting_code: "greeting",
        settings.voicemail_code: "voicemail",
    }
    lines = [f"exten = {code},1,Goto(attendant-code,{what},1)" for code, what in dialled.items() if code]
    return {
        "codes": "\n".join(lines),
        "no_codes": "\n".join(f"exten = {code},1,Goto(attendant-refused,s,1)" for code in dialled if code),
        "codes_url": one_line(pbx.local_base + codes.PATH),
        "codes_wait_s": str(codes.WAITS_S),
        "greetings": one_line(pbx.places.greetings),
        "greeting_longest_s": str(GREETING_LONGEST_S),
        "voicemail_languages": "\n".join(_voicemail_languages(pbx)),
    }
