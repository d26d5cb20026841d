"""The pieces for a PBX that is not ours: names that cannot collide, and no more than our own section."""

import re
from typing import Any

from appliance.core.menu import DepartmentLine
from appliance.core.settings import Asterisk
from appliance.core.staff import Office, StaffSettings
from ari_bridge.existing import CUSTOM, snippets
from ari_bridge.plan import Pbx, Places
from ari_bridge.rendering import rendered

FOLDER = "/var/lib/attendant-pbx/etc"


def pbx(**asterisk: Any) -> Pbx:
    settings = Asterisk.model_validate({"enabled": True, "existing": True, **asterisk})
    line = DepartmentLine(slug="billing", name="Billing", numbers=("301", "+14155550111"))
    return Pbx(
        settings=settings,
        office=Office(staff=StaffSettings(people=("302",)), departments=(line,)),
        phones=(),
        local_base="http://127.0.0.1:8081",
        ami_secret="ami-secret",
        media_secret="media-secret",
        ari_secret="ari-secret",
        places=Places(
            f"{FOLDER}/sounds", f"{FOLDER}/announcements", "/var/lib/attendant-pbx/spool/voicemail"
        ),
    )


def test_every_section_is_called_after_us() -> None:
    pieces = {piece.file: piece for piece in snippets(pbx(http_port=8089), FOLDER)}
    assert [*pieces] == [*CUSTOM]
    for name, piece in pieces.items():
        sections = re.findall(r"^\[([^\]]+)\]", piece.text, re.MULTILINE)
        assert sections == {"extensions.conf": ["from-internal-custom"], "http.conf": []}.get(
            name, ["attendant"]
        )
        assert "@{" not in piece.text
    assert "secret = ami-secret" in pieces["manager.conf"].text
    assert "password = media-secret" in pieces["websocket_client.conf"].text
    assert "uri = ws://127.0.0.1:8081/asterisk/media" in pieces["websocket_client.conf"].text
    assert pieces["http.conf"].text == "enabled = yes\nbindaddr = 127.0.0.1\nbindport = 8089\n"
    assert f'#tryinclude "{FOLDER}/extensions.conf"' in pieces["extensions.conf"].text


def test_the_dialplan_alone_is_ours_and_rings_what_that_pbx_has() -> None:
    texts = rendered(pbx(existing_context="phones"))
    assert [*texts] == ["extensions.conf"]
    dialplan = texts["extensions.conf"]
    assert "attendant-asks,s,1(PJSIP/301," in dialplan
    assert "attendant-asks,s,1(Local/+14155550111@phones/n," in dialplan
    assert "attendant-ring,s,1(PJSIP/302," in dialplan
    assert f"{FOLDER}/sounds/voicemail" in dialplan
    assert "/etc/asterisk" not in dialplan
    # What we include must not end or change what stands around it.
    contexts = re.findall(r"^\[([^\]]+)\]", dialplan, re.MULTILINE)
    assert contexts
    assert all(context.startswith("attendant") for context in contexts)


def test_no_extension_of_that_pbx_is_taken_over_unless_one_was_chosen() -> None:
    (mine,) = (piece.text for piece in snippets(pbx(), FOLDER) if piece.file == "extensions.conf")
    assert "exten = attendant,1,Goto(attendant-assistant,s,1)" in mine
    assert not re.search(r"^exten = _?[0-9*#+]", mine, re.MULTILINE)
    (mine,) = (
        piece.text
        for piece in snippets(pbx(assistant_extension="8100"), FOLDER)
        if piece.file == "extensions.conf"
    )
    assert "exten = 8100,1,Goto(attendant-assistant,s,1)" in mine
