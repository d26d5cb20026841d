"""Another language by its key in the menu that we speak for a PBX, and what the dialplan is told of it."""

from pathlib import Path

from appliance.store import languages
from appliance.store.database import connect_readonly
from tests.ari.stage import CALL, Stage, staged
from tests.ari.test_calls import ASSISTANT, MENU, NEXT, heard, sounding, told
from tests.golden.clinic import until

NEW = {**MENU, "language_keys": {"es": "7"}}


def noted(stage: Stage) -> list[str]:
    """The languages that the call went over to."""
    db = connect_readonly(stage.box.database)
    try:
        return [row.language for row in languages.of_call(db, CALL)]
    finally:
        db.close()


async def test_the_menu_comes_again_in_the_language_of_the_key_and_back(tmp_path: Path) -> None:
    async with staged(tmp_path, ASSISTANT, staff=NEW) as stage, stage.call() as call:
        await call.wait_for(lambda: "Para español, diga español u oprima 7." in told(stage), 20.0)
        call.press("7")
        await call.wait_for(lambda: "For English, say English or press 7." in told(stage), 60.0)
        call.press("7")
        await call.wait_for(lambda: "I will go on in English." in told(stage), 20.0)
        assert await until(lambda: noted(stage)[1:]) == ["en"]


async def test_the_dialplan_goes_on_in_the_language_of_the_call(tmp_path: Path) -> None:
    async with staged(tmp_path, ASSISTANT, staff=NEW) as stage, stage.call() as call:
        await call.wait_for(lambda: sounding(call))
        call.press("7")
        await call.wait_for(lambda: "Sigo en español." in told(stage), 20.0)
        call.press("9")
        await stage.cloud.wait_for(lambda: stage.cloud.sessions, 10.0)
        session = stage.cloud.sessions[0]
        await stage.cloud.wait_for(lambda: session.audio_out)
        (setup, *_) = session.received_of("session.update")
        assert "Speak Spanish." in str(setup)
        answer = bytes(next(iter(session.audio_out.values())))
        await call.wait_for(lambda: answer[:1600] in heard(call))
        call.press("0")
        await call.wait_for(lambda: call.over, 20.0)
        # People are rung as ever, and whoever takes the message does so in Spanish.
        assert stage.ami.variables[NEXT] == "/es"
        assert noted(stage) == ["es"]
