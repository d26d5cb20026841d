"""Ports as a doctor sees them: whether each is ours that should be, or somebody else has it.

May import: the standard library, aiohttp, appliance.core, twilio_bridge.
"""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp

from appliance.core.examined import Examined, missing, well
from appliance.core.settings import Settings
from twilio_bridge.server import HERE, UNSIGNED

PART = "ports"
ASK_S = 3.0
READ_MOST = 200


async def examined(settings: Settings, proc: Path = Path("/proc")) -> AsyncIterator[Examined]:
    """Look at all of them; that nobody is there is said of the process itself."""
    problems = [*_twice(settings)]
    listen = settings.listen
    alive = {"bridge": listen.local_port, "worker": listen.worker_port}
    for name, port in alive.items():
        if await _others(f"http://127.0.0.1:{port}/alive", "ok"):
            problems.append(_taken(name, port))
    if settings.twilio.account_sid and await _others(
        f"http://{_near(listen.public_host)}:{listen.public_port}{HERE}", UNSIGNED
    ):
        problems.append(_taken("bridge (for Twilio)", listen.public_port))
    if settings.asterisk.enabled and not _bound(settings.asterisk.sip_port, proc):
        port = settings.asterisk.sip_port
        problems.append(f"no telephone can register: nobody is at UDP port {port}, start Asterisk")
    if problems:
        yield missing(PART, f"{'; '.join(problems)}.")
    else:
        yield well(PART, "nobody else has one of ours")


def _twice(settings: Settings) -> list[str]:
    listen, asterisk = settings.listen, settings.asterisk
    wanted = {
        "[listen] public_port": listen.public_port,
        "[listen] local_port": listen.local_port,
        "[listen] admin_port": listen.admin_port,
        "[listen] worker_port": listen.worker_port,
        **(
            {"[asterisk] ami_port": asterisk.ami_port, "[asterisk] http_port": asterisk.http_port}
            if asterisk.enabled
            else {}
        ),
    }
    count = Counter(port for port in wanted.values() if port)
    return [
        f"{' and '.join(name for name, own in wanted.items() if own == port)} are both {port}: set another"
        for port, times in count.items()
        if times > 1
    ]


def _taken(name: str, port: int) -> str:
    return (
        f"somebody else answers at port {port} of the {name}: `ss -ltnp 'sport = :{port}'` shows who; end"
        " that, or set another port in [listen]"
    )


def _near(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104


async def _others(url: str, ours: str) -> bool:
    """Whether somebody answers there who is not ours; one that is silent is told of by the process's line."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ASK_S)) as http,
            http.get(url, allow_redirects=False) as answer,
        ):
            return (await answer.content.read(READ_MOST)).decode("utf-8", "replace") != ours
    except (aiohttp.ClientConnectorError, TimeoutError, aiohttp.ServerDisconnectedError):
        return False
    except (aiohttp.ClientError, OSError, ValueError):
        return True


def _bound(port: int, proc: Path) -> bool:
    """Whether any program has this UDP port, by the kernel's table (proc_net(5))."""
    wanted = f":{port:04X}"
    for table in ("udp", "udp6"):
        try:
            lines = (proc / "net" / table).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        if any(line.split()[1].endswith(wanted) for line in lines):
            return True
    return False
