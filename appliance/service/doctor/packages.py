"""What has to be installed for what is set: Python's packages, and programs of the system.

Packages are looked for without being loaded. May import: the standard library, appliance.core,
appliance.store.database.
"""

import shutil
from collections.abc import Iterator, Mapping
from importlib.util import find_spec

from appliance.core.examined import Examined, missing, well
from appliance.core.settings import Settings
from appliance.store.database import ENGINE

PART = "packages"
ALWAYS = ("aiohttp", "aiodns", "numpy", "pysqlite3", "flask", "waitress", "argon2", "av", "huey")
OF: Mapping[str, tuple[str, ...]] = {
    "[twilio]": ("twilio",),
    "[asterisk]": ("panoramisk",),
    "[cloud]": ("openai",),
    "[cloud] detector": ("faster_whisper", "onnxruntime"),
    "[google]": ("googleapiclient", "google_auth_httplib2"),
    "[microsoft]": ("msal",),
    "[speech] uri": ("faster_whisper", "wyoming"),
    "[jobs] redis_url": ("redis",),
    "[front]": ("cryptography",),
    "documents": ("sqlite_vec", "pypdf", "mammoth", "lxml", "trafilatura"),
}
"""The packages of each thing that a box may do."""
PLACES = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
"""Where programs are; not every user has the folders of root among its own."""


def examined(
    settings: Settings, of: Mapping[str, tuple[str, ...]] = OF, places: str = PLACES
) -> Iterator[Examined]:
    """Look for all of it."""
    lacking = {
        package: wanted
        for wanted, packages in {"every box": ALWAYS, **_wanted(settings, of)}.items()
        for package in packages
        if find_spec(package) is None
    }
    if lacking:
        named = ", ".join(f"{package} (for {wanted})" for package, wanted in lacking.items())
        yield missing(PART, f"{named}: install anew from requirements.lock, as `attendant update` does.")
    else:
        yield well(PART, f"all that these settings need are installed; SQLite is {ENGINE}")
    for program, wanted in _programs(settings).items():
        if shutil.which(program, path=places) is None:
            yield missing(program, f"it is not installed, and {wanted} needs it: `apt install {program}`.")


def _wanted(settings: Settings, of: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    used = {
        "[twilio]": settings.twilio.account_sid,
        "[asterisk]": settings.asterisk.enabled,
        "[cloud]": settings.cloud.enabled,
        "[cloud] detector": settings.cloud.detector or settings.local.enabled,
        "[google]": (settings.secrets_dir / settings.google.key_file).exists(),
        "[microsoft]": settings.microsoft.tenant,
        "[speech] uri": settings.speech.uri,
        "[jobs] redis_url": settings.jobs.redis_url,
        "[front]": settings.front.name,
        "documents": True,
    }
    return {name: packages for name, packages in of.items() if used[name]}


def _programs(settings: Settings) -> dict[str, str]:
    """Programs that no other line of the doctor names, with what needs each."""
    used = {
        "nginx": settings.front.name and "[front]",
        "rclone": settings.backup.repository.startswith("rclone:") and "[backup] repository",
        "ssh": settings.backup.repository.startswith("sftp:") and "[backup] repository",
    }
    return {name: wanted for name, wanted in used.items() if wanted}
