"""Has the PBX read a configuration, and finds out whether it did, on a connection of its own.

On the connection of the calls a reload would stand before every disposition, for as long as it takes.
May import: the standard library, appliance.core, ari_bridge.
"""

from appliance.core.errors import CarrierFailed
from appliance.core.phones import Phone
from appliance.core.staff import Office
from ari_bridge.ami_session import ManagerSession
from ari_bridge.control import Access
from ari_bridge.plan import TRUNK
from ari_bridge.rendering import MARKS

CONTEXTS = (
    *("attendant", "attendant-ring", "attendant-rang", "attendant-asks", "attendant-over"),
    *("attendant-departments", "attendant-size", "attendant-from-desk", "attendant-from-public"),
    *("attendant-house", "attendant-inside", "attendant-code", "attendant-self"),
    *("attendant-hours", "attendant-on-call", "attendant-on-call-asks"),
)
BOOT_S = 30.0
RELOAD_S = 60.0
OF_ANOTHER = ("pbx_config.so", "res_musiconhold.so")
"""What a PBX of the clinic's own reads anew: our dialplan, and the music that lies in our folder."""


class Trial:
    """Asks a PBX at `access`; of one that is not ours it has the dialplan alone read anew.

    `trunk` says whether one is to be there.
    """

    def __init__(self, access: Access, *, existing: bool, trunk: bool = False) -> None:
        self._access = access
        self._existing = existing
        self._trunk = trunk

    async def problem(self, mark: str, office: Office, phones: tuple[Phone, ...], *, reload: bool) -> str:
        """What is missing once it has read the rendering of this mark; empty when all is there.

        It is told to read when it has not, or with `reload`. Raises CarrierFailed when there is no telling.
        """
        async with ManagerSession(self._access) as ami:
            # One that is still booting has read nothing yet, and would put off what it is told.
            await ami.ask("Command", within_s=BOOT_S, Command="core waitfullybooted")
            if reload or not await _has_read(ami, mark):
                await self._reload(ami)
            return await self._missing(ami, mark, office, phones)

    async def _reload(self, ami: ManagerSession) -> None:
        """Have it read what is ours, and wait until it has. Raises CarrierFailed, also while it does so."""
        for only in [{"Module": module} for module in OF_ANOTHER] if self._existing else [{}]:
            answer = await ami.ask("Reload", within_s=RELOAD_S, **only)
            if answer.get("Response") != "Success" and not _without_module(answer):
                raise CarrierFailed(f"it does not read anew: {answer.get('Message', '')[:80]}", retry=True)

    async def _missing(
        self, ami: ManagerSession, mark: str, office: Office, phones: tuple[Phone, ...]
    ) -> str:
        for context in CONTEXTS:
            if f"'{context}'" not in await _told(ami, f"dialplan show {context}"):
                return f"the context {context} is missing"
        departments = await _told(ami, "dialplan show attendant-departments")
        for line in office.departments:
            if f"'{line.slug}'" not in departments:
                return f"the department {line.slug} is missing"
        if not await _has_read(ami, mark):
            return "it kept the dialplan that it had"
        if self._existing:
            return ""
        endpoints = await _told(ami, "pjsip list endpoints")
        for phone in phones:
            if f" {phone.extension}/{phone.extension} " not in f"{endpoints} ":
                return f"the phone {phone.extension} is missing"
        return "the trunk is missing" if self._trunk and f" {TRUNK} " not in endpoints else ""


async def _has_read(ami: ManagerSession, mark: str) -> bool:
    return f"'{mark}'" in await _told(ami, f"dialplan show {mark}@{MARKS}")


async def _told(ami: ManagerSession, command: str) -> str:
    """What it says to a command; nothing when it refuses it, as for what it does not have."""
    answer = await ami.ask("Command", Command=command)
    return answer.get("Output", "") if answer.get("Response") == "Success" else ""


def _without_module(answer: dict[str, str]) -> bool:
    """A PBX without such a module has nothing to read there: what is missing then tells the rest."""
    return "No such module" in answer.get("Message", "")
