import re
from typing import Any

import pytest

from appliance.core.dispositions import PEOPLE, VOICEMAIL
from appliance.core.errors import SettingsError
from appliance.core.menu import DepartmentLine
from appliance.core.phones import Phone
from appliance.core.settings import Asterisk
from appliance.core.staff import Office, StaffSettings
from ari_bridge.plan import Pbx
from ari_bridge.rendering import EMPTY, FILES, mark_of, rendered
from ari_bridge.server import told

PHONES = (
    Phone(extension="101", name="Front desk", secret="s" * 24),
    Phone(extension="102", name="Nurse's room", secret="t" * 24),
)
BILLING = DepartmentLine(slug="billing", name="Billing", numbers=("102", "+14155550111", "999"))


def pbx(asterisk: dict[str, Any] | None = None, **changed: Any) -> Pbx:
    staff = StaffSettings(people=("101", "+14155550110"))
    given: dict[str, Any] = {
        "settings": Asterisk.model_validate({"enabled": True, **(asterisk or {})}),
        "office": Office(staff=staff, departments=(BILLING,)),
        "phones": PHONES,
        "local_base": "http://127.0.0.1:8081",
        "ami_secret": "ami-secret",
        "media_secret": "media-secret",
        "ari_secret": "ari-secret",
        "trunk_secret": "trunk-secret",
    }
    return Pbx(**{**given, **changed})


TRUNK = {"trunk": {"host": "sip.example.net", "user": "clinic", "from_networks": ["203.0.113.0/28"]}}


def test_every_file_is_there_and_no_place_stays_empty() -> None:
    texts = rendered(pbx(TRUNK))
    assert texts.keys() == {*FILES, *(f"{name}.conf" for name in EMPTY)}
    assert [name for name, text in texts.items() if "@{" in text] == []


def test_no_application_is_used_whose_module_is_not_loaded() -> None:
    """Asterisk hangs up at one that it does not have."""
    texts = rendered(pbx(TRUNK))
    lines = re.finditer(
        r"^(?:exten = [^,]+,1| same = n(?:\([^)]+\))?),(\w+)", texts["extensions.conf"], re.MULTILINE
    )
    its_own = {"Answer", "Goto", "GotoIf", "GotoIfTime", "Hangup", "NoOp", "Progress", "Set"}
    loaded = re.findall(r"^load = app_(\w+)\.so", texts["modules.conf"], re.MULTILINE)
    for application in {line[1] for line in lines} - its_own:
        module = "stack" if application in ("Gosub", "GosubIf", "Return") else application.lower()
        assert module in loaded, application


def test_people_ring_together_and_departments_one_after_the_other() -> None:
    dialplan = rendered(pbx(TRUNK))["extensions.conf"]
    assert "Gosub(attendant-ring,s,1(PJSIP/101&PJSIP/+14155550110@attendant-trunk,20,front-desk))" in dialplan
    lines = dialplan[dialplan.index("exten = billing,1") :].splitlines()
    assert lines[2:4] == [
        " same = n,Gosub(attendant-ring,s,1(Local/billing.1@attendant-screened,80,billing))",
        " same = n,Gosub(attendant-ring,s,1(Local/billing.2@attendant-screened,80,billing))",
    ]
    asked = [line for line in context(dialplan, "attendant-screened").splitlines() if line]
    assert asked == [
        "exten = billing.1,1,Gosub(attendant-asks,s,1(PJSIP/102,20))",
        "exten = billing.2,1,Gosub(attendant-asks,s,1(PJSIP/+14155550111@attendant-trunk,20))",
    ]
    # 999 is no phone of the house: nothing is dialled for it.
    assert "999" not in dialplan


def test_the_desk_rings_first_in_the_opening_hours() -> None:
    staff = StaffSettings(people=("101",), desk_first_s=12, time_zone="America/Chicago")
    dialplan = rendered(pbx(office=Office(staff=staff)))["extensions.conf"]
    ring = "attendant-ring,s,1(PJSIP/101,12,desk-first)"
    assert f' same = n,GosubIf($["${{HOURS}}" = "open"]?{ring})' in context(dialplan, "attendant")
    times = [line for line in context(dialplan, "attendant-hours").splitlines() if "GotoIfTime" in line]
    assert times[0] == " same = n,GotoIfTime(08:00-16:59,mon,*,*,America/Chicago?open)"
    assert len(times) == 5
    always = StaffSettings(people=("101",), desk_first_s=12, desk_first_when="always")
    dialplan = rendered(pbx(office=Office(staff=always)))["extensions.conf"]
    assert f' same = n,GosubIf($["${{HOURS}}" != "off"]?{ring})' in context(dialplan, "attendant")
    assert ",desk-first)" not in rendered(pbx())["extensions.conf"]


def test_without_a_trunk_nothing_outside_can_be_reached() -> None:
    texts = rendered(pbx())
    assert "attendant-trunk" not in texts["pjsip.conf"].replace("context = attendant-from-trunk", "")
    assert "+1415" not in texts["extensions.conf"]
    assert "911" not in texts["extensions.conf"]


def test_desk_phones_reach_each_other_the_assistant_and_help() -> None:
    dialplan = rendered(pbx(TRUNK))["extensions.conf"]
    desk = context(dialplan, "attendant-inside")
    assert "exten = 100,1,Goto(attendant-assistant,s,1)" in desk
    assert " same = n,Dial(PJSIP/101,60,ib(attendant-party^s^1(101)))" in desk
    assert "exten = 911,1,Gosub(attendant-outside,s,1(,911,0))" in desk
    assert "_" not in [
        line.split("=")[1].strip()[0] for line in desk.splitlines() if line.startswith("exten")
    ]


def context(dialplan: str, name: str) -> str:
    """The lines of a context."""
    _, _, rest = dialplan.partition(f"\n[{name}]\n")
    return rest.partition("\n[")[0]


def reached(dialplan: str, begins: str) -> set[str]:
    """The contexts that a call which begins in one can come to."""
    known = set(re.findall(r"^\[([a-z-]+)\]$", dialplan, re.MULTILINE))
    found, open_ends = {begins}, [begins]
    while open_ends:
        lines = [line for line in context(dialplan, open_ends.pop()).splitlines() if line[:1] != ";"]
        named = {name for name in known if re.search(rf"\b{name}(?![a-z-])", " ".join(lines))}
        open_ends += named - found
        found |= named
    return found


def test_no_way_of_a_caller_leads_to_what_desk_phones_dial() -> None:
    staff = StaffSettings(people=("101",), outside_prefixes=("+1",), desk_first_s=10)
    dialplan = rendered(pbx(TRUNK, office=Office(staff=staff, departments=(BILLING,))))["extensions.conf"]
    callers = reached(dialplan, "attendant-from-trunk")
    assert {"attendant", "attendant-ring", "attendant-departments"} <= callers
    assert (
        callers
        & {
            *("attendant-from-desk", "attendant-from-public", "attendant-house", "attendant-inside"),
            "attendant-outside",
            *("attendant-not-allowed", "attendant-refused", "attendant-code"),
        }
        == set()
    )
    # A caller whom a desk hands on gets as far as the desk may send somebody, and not to the codes.
    handed_on = reached(dialplan, "attendant-house")
    assert "attendant-outside" in handed_on
    assert handed_on & {"attendant-from-desk", "attendant-code"} == set()
    assert "attendant-code" in reached(dialplan, "attendant-from-desk")


def test_a_phone_that_anybody_gets_at_dials_no_code_and_outside_for_help_alone() -> None:
    waiting_room = Phone(extension="103", name="Waiting room", secret="u" * 24, staff=False)
    staff = StaffSettings(outside_prefixes=("+1",))
    texts = rendered(pbx(TRUNK, office=Office(staff=staff), phones=(*PHONES, waiting_room)))
    dialplan, phones = texts["extensions.conf"], texts["pjsip.conf"]
    public = reached(dialplan, "attendant-from-public")
    assert public & {"attendant-house", "attendant-from-desk", "attendant-code"} == set()
    ways_out = [line for line in context(dialplan, "attendant-inside").splitlines() if "outside" in line]
    assert ways_out == ["exten = 911,1,Gosub(attendant-outside,s,1(,911,0))"]
    assert "exten = *61,1,Goto(attendant-refused,s,1)" in context(dialplan, "attendant-from-public")
    assert "[101](attendant-desk)" in phones
    assert "[103](attendant-public)" in phones
    for template, begins, hands_on in (
        ("attendant-desk", "attendant-from-desk", "attendant-house"),
        ("attendant-public", "attendant-from-public", "attendant-inside"),
    ):
        lines = phones.partition(f"[{template}](!,attendant-phone)\n")[2].splitlines()
        assert lines[:2] == [f"context = {begins}", f"set_var = TRANSFER_CONTEXT={hands_on}"]
    # What holds for all of them leads nowhere.
    everyone = phones.partition("[attendant-phone](!)")[2].partition("\n[")[0]
    assert "context" not in everyone


def test_desk_phones_dial_what_staff_allow_with_the_clinics_number() -> None:
    staff = StaffSettings(outside_prefixes=("+1415",), caller_id="+14155550100")
    dialplan = rendered(pbx(TRUNK, office=Office(staff=staff)))["extensions.conf"]
    allowed = "exten = _415[2345678]XXXXXX,1,Gosub(attendant-outside,s,1(+1,${FILTER(0-9,${EXTEN})},0))"
    house = context(dialplan, "attendant-house")
    assert allowed in house
    # What costs does not exist there, so that nobody can be handed on to it; a desk that dials it is told.
    assert "refused" not in house
    assert "exten = _XXXXXX.,1,Goto(attendant-refused,s,1)" in context(dialplan, "attendant-not-allowed")
    outside = context(dialplan, "attendant-outside")
    assert "Set(CALLERID(num)=+14155550100)" in outside
    assert "Dial(PJSIP/${ARG1}${ARG2:${ARG3}}@attendant-trunk," in outside
    # Without a trunk, or without a word of the staff, there is nothing to dial.
    for without in (rendered(pbx(office=Office(staff=staff))), rendered(pbx(TRUNK))):
        assert "Gosub(attendant-outside,s,1(+" not in without["extensions.conf"]


def test_before_a_message_is_left_callers_hear_what_is_for_their_language_and_the_hour() -> None:
    dialplan = rendered(pbx())["extensions.conf"]
    lines = context(dialplan, "attendant").splitlines()
    begins = lines.index("exten = voicemail,1,Answer()")
    assert lines[begins + 1 : begins + 6] == [
        " same = n,Gosub(attendant-hours,s,1)",
        ' same = n,Set(WHEN=${IF($["${HOURS}" != "open"]?_closed)})',
        " same = n,Read(KEY,/etc/asterisk/sounds/voicemail${WHEN}${SAYS},1,,1,0.1)",
        ' same = n,GotoIf($["${KEY}" = "0"]?person)',
        " same = n,Playback(/etc/asterisk/sounds/tone)",
    ]
    record = context(dialplan, "attendant-code")
    assert ' same = n,Set(GREETING=${IF($["${KEY}" = "2"]?es:${GREETING})})' in record
    alone = Office(staff=StaffSettings(languages=("en",)))
    assert "code_voicemail_language" not in rendered(pbx(office=alone))["extensions.conf"]


def test_codes_are_as_the_settings_have_them() -> None:
    desk = context(
        rendered(pbx({"close_code": "*999", "greeting_code": ""}))["extensions.conf"], "attendant-from-desk"
    )
    assert [line for line in desk.splitlines() if line.startswith("exten")] == [
        "exten = *999,1,Goto(attendant-code,close,1)",
        "exten = *62,1,Goto(attendant-code,reopen,1)",
        "exten = *64,1,Goto(attendant-code,voicemail,1)",
    ]


def test_a_clinic_closed_for_today_is_so_for_asterisk_too() -> None:
    staff = StaffSettings(time_zone="America/Chicago", closed_on=["2026-11-25"])
    dialplan = rendered(pbx(office=Office(staff=staff)))["extensions.conf"]
    lines = context(dialplan, "attendant-hours").splitlines()
    assert lines[:3] == [
        "exten = s,1,Set(HOURS=closed)",
        " same = n,Set(TODAY=${STRFTIME(${EPOCH},America/Chicago,%Y-%m-%d)})",
        ' same = n,GotoIf($["${TODAY}" = "2026-11-25"]?off)',
    ]
    assert "GotoIfTime" in lines[3]
    assert lines[lines.index(" same = n(off),Set(HOURS=off)") + 1] == " same = n,Return()"


def test_holidays_and_days_with_hours_of_their_own_hold_while_we_are_dead() -> None:
    staff = StaffSettings(
        time_zone="America/Chicago",
        holidays={"kept": ["Christmas Day"]},
        special_hours={"2026-12-24": [["08:00", "12:00"]], "2027-12-25": [["09:00", "10:00"]]},
    )
    lines = rendered(pbx(office=Office(staff=staff), year=2026))["extensions.conf"].splitlines()

    def leads(day: str) -> str:
        begins = f' same = n,GotoIf($["${{TODAY}}" = "{day}"]?'
        return next((line.removeprefix(begins)[:-1] for line in lines if line.startswith(begins)), "")

    assert leads("2026-12-24") == "day-2026-12-24"
    assert leads("2026-12-25") == leads("2028-12-25") == "off"
    assert leads("2027-12-25") == "day-2027-12-25"
    assert leads("2027-12-24") == "off"  # Christmas of 2027 is a Saturday.
    assert leads("2026-12-23") == leads("2029-12-25") == ""
    eve = lines.index(" same = n(day-2026-12-24),NoOp()")
    assert lines[eve + 1 : eve + 3] == [
        " same = n,GotoIfTime(08:00-11:59,*,*,*,America/Chicago?open)",
        " same = n,Return()",
    ]


@pytest.mark.parametrize("extension", ["100", "999"])
def test_an_extension_that_means_something_else_is_refused(extension: str) -> None:
    phone = Phone(extension=extension, name="Lab", secret="s" * 24)
    with pytest.raises(SettingsError, match=extension):
        rendered(pbx({"emergency_numbers": ["999"], **TRUNK}, phones=(phone,)))


VARIABLE = re.compile(r"\$\{(?:[^${}]|\{[^{}]*\}|\$\{[^{}]*\})*\}")
ONLY_DIGITS = "${FILTER(0-9,${EXTEN})}"


def split(given: str) -> list[str]:
    """Arguments, at the commas that stand in no variable."""
    found, depth = [""], 0
    for letter in given:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return found


def dialled(dialplan: str) -> list[tuple[str, str]]:
    """What is dialled, ARGs as every Gosub gives them, each with the extension in which it is."""
    lines, extension, place = [], "", ""
    for line in dialplan.splitlines():
        if line.startswith("["):
            place = line.strip("[]")
        elif line.startswith("exten"):
            extension = line.partition("=")[2].partition(",")[0].strip()
        lines.append((place, extension, line))
    found = []
    for place, extension, line in lines:
        if "Dial(" not in line:
            continue
        target = line.partition("Dial(")[2].partition(",")[0]
        if "${ARG" not in target:
            found.append((extension, target))
            continue
        calls = [(e, a) for _, e, other in lines for a in re.findall(rf"Gosub\({place},s,1\((.*)\)\)", other)]
        # A way that nothing leads to dials nothing.
        for caller, given in calls:
            arguments = split(given)
            whole = re.sub(r"\$\{ARG(\d)(?::\$\{ARG\d\})?\}", lambda m: arguments[int(m[1]) - 1], target)  # noqa: B023
            found.append((caller, whole))
    return found


def test_no_variable_that_a_caller_sets_is_dialled() -> None:
    staff = StaffSettings(people=("101",), outside_prefixes=("+1", "+44"), desk_first_s=10)
    office = Office(staff=staff, departments=(BILLING,))
    for given in (pbx(TRUNK, office=office), pbx({"existing": True}, office=office)):
        targets = dialled(rendered(given)["extensions.conf"])
        assert ("assistant", "WebSocket/attendant/c(ulaw)f(json)") in targets
        for extension, target in targets:
            variables = VARIABLE.findall(target)
            # What was keyed is dialled by its digits alone, and where nothing but so many digits can stand.
            assert set(variables) <= {ONLY_DIGITS}, target
            if variables:
                assert re.fullmatch(r"_\+?(?:[0-9NXZ]|\[[0-9]+\])+", extension), extension
    through = [target for _, target in dialled(rendered(pbx(TRUNK, office=office))["extensions.conf"])]
    assert any(ONLY_DIGITS in target for target in through)
    assert "PJSIP/911@attendant-trunk" in through


def test_calls_put_through_show_the_number_that_staff_decided() -> None:
    staff = StaffSettings(people=("101",), caller_id="+14155550100")
    dialplan = rendered(pbx(TRUNK, office=Office(staff=staff)))["extensions.conf"]
    assert "Dial(${ARG1},${ARG2},${MUSIC}dgib(attendant-shown^s^1(${SCREEN})))" in dialplan
    assert "U(attendant-screen^${ATTENDANT_CALL})ib(attendant-shown^s^1))" in dialplan
    assert "Set(CONNECTEDLINE(num,i)=+14155550100)" in context(dialplan, "attendant-shown")
    # Left out, they show the caller's own.
    dialplan = rendered(pbx(TRUNK))["extensions.conf"]
    assert "Dial(${ARG1},${ARG2},${MUSIC}dgi)" in dialplan
    assert "U(attendant-screen^${ATTENDANT_CALL})i)" in dialplan


def test_phones_have_their_secrets_and_only_the_lan_may_register() -> None:
    texts = rendered(pbx({"phone_networks": ["192.168.7.0/24"]}))
    phones, networks = texts["pjsip.conf"], texts["acl.conf"]
    assert 'callerid = "Nurse\'s room" <102>' in phones
    assert f"password = {'t' * 24}" in phones
    assert phones.count("acl = attendant-lan") == len(PHONES)
    assert networks.splitlines()[-3:] == ["deny = 0.0.0.0/0", "deny = ::/0", "permit = 192.168.7.0/24"]
    assert "anonymous" not in phones


def test_a_trunk_registers_and_is_known_by_its_networks() -> None:
    phones = rendered(pbx(TRUNK))["pjsip.conf"]
    assert "client_uri = sip:clinic@sip.example.net" in phones
    assert "match = 203.0.113.0/28" in phones
    assert "password = trunk-secret" in phones
    by_address = rendered(pbx({"trunk": {"host": "sip.example.net"}}))["pjsip.conf"]
    assert "type = registration" not in by_address
    assert "match = sip.example.net" in by_address


def test_a_user_with_an_at_of_its_own_registers_by_a_uri_that_can_be_read() -> None:
    phones = rendered(pbx({"trunk": {"host": "sip.example.net", "user": "clinic@example.org"}}))["pjsip.conf"]
    assert "client_uri = sip:clinic%40example.org@sip.example.net" in phones
    assert "contact_user = clinic%40example.org" in phones
    assert "username = clinic@example.org" in phones


@pytest.mark.parametrize("network", ["192.168.1.*", "192.168.1.0/33", "the LAN", "10.0.0.1-10.0.0.9", ""])
def test_what_is_no_network_is_refused_in_plain_words(network: str) -> None:
    with pytest.raises(ValueError, match="is no network: write it like"):
        Asterisk.model_validate({"phone_networks": [network]})
    with pytest.raises(ValueError, match="is no network: write it like"):
        Asterisk.model_validate({"trunk": {"from_networks": [network]}})


@pytest.mark.parametrize("port", [0, 65536, 99999])
def test_a_trunk_at_what_is_no_port_is_refused_in_plain_words(port: int) -> None:
    with pytest.raises(ValueError, match=f"{port} is no port"):
        Asterisk.model_validate({"trunk": {"host": f"sip.example.net:{port}"}})


def test_a_network_is_written_by_its_first_address() -> None:
    asterisk = Asterisk.model_validate({"phone_networks": ["192.168.1.7/24", "10.1.2.3"]})
    assert asterisk.phone_networks == ("192.168.1.0/24", "10.1.2.3/32")


def test_a_desk_that_hands_on_rings_again_unless_it_rings_with_the_front_desk() -> None:
    waiting_room = Phone(extension="201", name="Waiting room", secret="u" * 24, staff=False)
    dialplan = rendered(pbx(phones=(*PHONES, waiting_room)))["extensions.conf"]
    recalled = context(dialplan, "attendant-recalled")
    assert "exten = 102,1,Gosub(attendant-ring,s,1(PJSIP/102,20,102))" in recalled
    assert "101" not in recalled
    assert "201" not in recalled


def test_while_phones_ring_there_is_music_or_ringing_as_staff_decide() -> None:
    assert rendered(pbx())["extensions.conf"].count("Set(MUSIC=m(attendant))") == 2
    office = Office(staff=StaffSettings(people=("101",), hold_sound="ringing"))
    assert rendered(pbx(office=office))["extensions.conf"].count("Set(MUSIC=r)") == 3


def test_other_music_is_another_rendering() -> None:
    plain, tunes = rendered(pbx()), rendered(pbx(tunes=("summer-1a2b3c4d",)))
    assert mark_of(plain) != mark_of(tunes)


@pytest.mark.parametrize(
    "changed",
    [
        {"ami_secret": "a\nread = all"},
        {"media_secret": "a;b"},
        {"local_base": "http://127.0.0.1:1]\n[x"},
        {"trunk_secret": "a\r\nb"},
        {"system": "a\n"},
    ],
)
def test_what_would_begin_a_line_of_its_own_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        rendered(pbx(TRUNK, **changed))


@pytest.mark.parametrize(
    "phone",
    [
        {"extension": "101", "name": 'A" <911>', "secret": "s" * 24},
        {"extension": "101", "name": "A\nB", "secret": "s" * 24},
        {"extension": "0101", "name": "A", "secret": "s" * 24},
        {"extension": "101", "name": "A", "secret": "short"},
        {"extension": "101", "name": "A", "secret": "s" * 20 + "\n"},
    ],
)
def test_a_phone_that_would_is_none(phone: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        Phone(**phone)


def test_each_rendering_has_a_mark_of_its_own() -> None:
    one, same, other = rendered(pbx()), rendered(pbx()), rendered(pbx(ami_secret="another"))
    assert mark_of(one) == mark_of(same) != mark_of(other)
    assert re.fullmatch(r"read-[0-9a-f]{16}", mark_of(one))
    assert mark_of({"extensions.conf": "[clinics-own]\n"}) == ""


def test_a_trunk_is_known_by_the_addresses_that_were_found_and_by_its_name_apart() -> None:
    named = {"trunk": {"host": "sip.example.net:5061"}}
    plain = rendered(pbx(named))["pjsip.conf"]
    assert re.findall(r"^match = (.*)$", plain, re.MULTILINE) == ["sip.example.net"]
    found = rendered(pbx(named, trunk_addresses=("203.0.113.5", "2001:db8::5")))["pjsip.conf"]
    one, other = re.findall(r"type = identify\nendpoint = attendant-trunk\n((?:match = .*\n)+)", found)
    assert one == "match = 203.0.113.5\nmatch = 2001:db8::5\n"
    assert other == "match = sip.example.net\n"
    told = rendered(pbx(TRUNK, trunk_addresses=("203.0.113.5",)))["pjsip.conf"]
    assert re.findall(r"^match = (.*)$", told, re.MULTILINE) == ["203.0.113.0/28"]


def test_another_language_is_offered_also_while_nothing_of_ours_runs() -> None:
    dialplan = rendered(pbx())["extensions.conf"]
    sounds = "/etc/asterisk/sounds"
    main = context(dialplan, "attendant").splitlines()
    assert "exten = sorry,1,Goto(sorry-${TONGUE},1)" in main
    at = main.index(f"exten = sorry-en,1,Read(KEY,{sounds}/fallback${{SAYS}}&{sounds}/offer_es_2,1,,1,2)")
    assert main[at + 1 : at + 3] == [
        ' same = n,GotoIf($["${KEY}" = "2"]?sorry-into-es,1)',
        " same = n,Goto(people,1)",
    ]
    back = main.index(f"exten = sorry-es,1,Read(KEY,{sounds}/fallback${{SAYS}}&{sounds}/offer_en_2,1,,1,2)")
    assert main[back + 1] == ' same = n,GotoIf($["${KEY}" = "2"]?sorry-into-en,1)'
    assert "exten = sorry-into-es,1,Gosub(attendant-languages,es,1)" in main
    spoken = context(dialplan, "attendant-languages").splitlines()
    assert [line for line in spoken if "SAYS" in line] == [" same = n,Set(SAYS=)", " same = n,Set(SAYS=_es)"]


def test_a_clinic_of_one_language_offers_none() -> None:
    staff = StaffSettings(people=("101",), languages=("es",), language="es-US")
    dialplan = rendered(pbx(office=Office(staff=staff)))["extensions.conf"]
    main = context(dialplan, "attendant")
    assert "exten = sorry-es,1,Playback(/etc/asterisk/sounds/fallback${SAYS})" in main
    assert "offer_" not in dialplan
    assert " same = n,Gosub(attendant-languages,es,1)" in context(dialplan, "attendant-begun")


def test_where_a_call_goes_next_tells_its_language() -> None:
    assert [told(VOICEMAIL, ""), told(VOICEMAIL, "es"), told(PEOPLE, "es")] == [
        "voicemail",
        "voicemail/es",
        "/es",
    ]
    following = context(rendered(pbx())["extensions.conf"], "attendant").splitlines()
    at = following.index(" same = n(left),Set(SPOKEN=${FILTER(a-z,${CUT(ATTENDANT_NEXT,/,2)})})")
    assert following[at + 2] == " same = n,Set(NEXT=${FILTER(:a-z0-9-,${CUT(ATTENDANT_NEXT,/,1)})})"
