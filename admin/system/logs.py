"""The page of logs: the last lines of each program, by how grave they are, for whoever looks after the box.

Nobody's number, name or words are in them: `appliance.core.last_lines`. May import: flask, admin,
appliance.core.
"""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from admin.box import the_box
from admin.system.shown import BRIDGE, PAGES, WORKER
from admin.tongue import later
from appliance.core import last_lines
from appliance.core.last_lines import GRAVE, LEVELS, Line

SHOWN = 100
"""So many lines stand on a page: the latest."""
BYTES = 24_000
WORDS_MOST = 60
PROGRAMS = {"bridge": BRIDGE, "worker": WORKER, "admin": PAGES}
LEAST = {
    "debug": later("Everything"),
    "info": later("What happens"),
    "warning": later("What somebody may want to know"),
    "error": later("What went wrong"),
}
TONES = {level: "bad" if level in ("error", "critical") else "care" for level in GRAVE}


def install(system: Blueprint) -> None:
    """Give the page of the box this one."""
    system.get("/logs")(logs)


def logs() -> ResponseReturnValue:
    """The last lines, the newest first: of one program or all, from a level on, with some words in them."""
    program, least = request.args.get("program", ""), request.args.get("level", "info")
    if (program and program not in PROGRAMS) or least not in LEAST:
        abort(404)
    words = " ".join(request.args.get("words", "").split())[:WORDS_MOST]
    found = _found(program, least, words.casefold())
    shown = _fitting(found[:SHOWN])
    return render_template(
        "system/logs.html",
        lines=shown,
        more=len(found) > len(shown),
        programs=PROGRAMS,
        levels=LEAST,
        tones=TONES,
        chosen={"program": program, "level": least, "words": words},
    )


def _found(program: str, least: str, words: str) -> list[tuple[str, Line]]:
    """The lines that are wanted, each with its program."""
    levels, folder = LEVELS[LEVELS.index(least) :], the_box().settings.box.data_dir
    lines = [
        (each, line)
        for each in ([program] if program else PROGRAMS)
        for line in last_lines.read(folder, each)
        if line.level in levels and words in f"{line.logger} {line.said} {line.more}".casefold()
    ]
    return sorted(lines, key=lambda each: each[1].at, reverse=True)


def _fitting(found: list[tuple[str, Line]]) -> list[tuple[str, Line]]:
    """As many as a page has room for."""
    room, shown = BYTES, list[tuple[str, Line]]()
    for program, line in found:
        room -= 220 + 2 * (len(line.said) + len(line.more) + len(line.logger))
        if room < 0:
            break
        shown.append((program, line))
    return shown
