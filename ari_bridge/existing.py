"""What a clinic's own Asterisk or FreePBX includes to work with the box: pieces of files, and where they go.

Nothing is written there by us. Every name in them begins with `attendant`, so that none is there already. The
dialplan itself is a file of ours, which the first piece includes: what staff decide later needs no new piece.
May import: the standard library, appliance.core, ari_bridge.
"""

from dataclasses import dataclass

from ari_bridge.plan import Pbx
from ari_bridge.rendering import DIALPLAN, pieces


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file of Asterisk's, the file's name in a FreePBX, and what is to be known about it."""

    file: str
    freepbx: str
    about: str
    text: str


CUSTOM = {
    "extensions.conf": "extensions_custom.conf",
    "manager.conf": "manager_custom.conf",
    "ari.conf": "ari_additional_custom.conf",
    "http.conf": "http_custom.conf",
    "websocket_client.conf": "websocket_client.conf",
    "musiconhold.conf": "musiconhold_custom.conf",
}
"""The files that a FreePBX never writes over, by those of a plain Asterisk."""
ABOUT = {
    "manager.conf": "The manager interface listens on 127.0.0.1: [general] enabled = yes, port = {ami_port}.",
    "ari.conf": "ARI is switched on: [general] enabled = yes.",
    "http.conf": "FreePBX: Advanced Settings, mini-HTTP server on, port {http_port}. Elsewhere in [general]:",
    "websocket_client.conf": "Where the sound of a call goes. Make the file if there is none.",
    "musiconhold.conf": "What callers hear while phones ring.",
}
OWN_SECTION = "[attendant]"


def snippets(pbx: Pbx, folder: str) -> list[Piece]:
    """The pieces in the order in which they are put in; `folder` holds our dialplan. Raises SettingsError."""
    texts = pieces(pbx)
    found = [Piece(DIALPLAN, CUSTOM[DIALPLAN], _ABOUT_DIALPLAN, _dialplan(pbx, folder))]
    for name, about in ABOUT.items():
        said = about.format(ami_port=pbx.settings.ami_port, http_port=pbx.settings.http_port)
        found.append(Piece(name, CUSTOM[name], said, _ours(name, texts[name])))
    return found


def _ours(name: str, text: str) -> str:
    """Our own section of a file; of the web server, which has none, what is set in [general]."""
    if name == "http.conf":
        return "enabled = yes\nbindaddr = 127.0.0.1\n" + next(
            f"{line}\n" for line in text.splitlines() if line.startswith("bindport")
        )
    return text[text.index(OWN_SECTION) :]


_ABOUT_DIALPLAN = (
    "Callers come to the context attendant-from-trunk with the number that they dialled: in a FreePBX by a"
    " Custom Destination attendant-from-trunk,${EXTEN},1 behind the inbound route. Phones of the house reach"
    " the assistant by attendant-assistant,s,1, or by the number that [asterisk] assistant_extension names."
)


def _dialplan(pbx: Pbx, folder: str) -> str:
    """Our contexts, and the extension of the assistant among those of the house.

    Unless a number was chosen for it, that is a name which cannot be one of theirs. Without our file the
    clinic's own dialplan has to load all the same: so it is tried, not demanded.
    """
    return (
        f'#tryinclude "{folder}/{DIALPLAN}"\n'
        f"\n[{pbx.settings.existing_context}-custom]\n"
        f"exten = {pbx.settings.assistant_dialled},1,Goto(attendant-assistant,s,1)\n"
    )
