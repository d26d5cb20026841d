"""The boot settings: what the IT person writes into a TOML file, and secrets from files of their own.

Read once, when a process starts; every mistake is one clear sentence. What staff edit is in staff.py; no
key is in both. May import: the standard library, pydantic, appliance.core.
"""

import difflib
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, Field, ValidationError, model_validator

from appliance.core import changed_settings
from appliance.core.alert_settings import Alerts
from appliance.core.backup_settings import Backups
from appliance.core.calendar_settings import Google, Microsoft
from appliance.core.errors import SettingsError
from appliance.core.front_settings import Front
from appliance.core.frozen import Frozen, Secret
from appliance.core.job_settings import Jobs
from appliance.core.knowledge_settings import Knowledge
from appliance.core.limits import Limits
from appliance.core.notify_settings import Mail, Notify
from appliance.core.phones import Extension, Network
from appliance.core.playout import LONGEST_TOKENS
from appliance.core.recording_settings import Recordings
from appliance.core.reporting_settings import Reporting
from appliance.core.speech_settings import PORT_MOST, Local, Speech
from appliance.core.standby_settings import Standby
from appliance.core.voicemail_settings import Voicemail


class Box(Frozen):
    """The box itself."""

    data_dir: Path = Path("/var/lib/attendant")
    """Where the database, recordings and secrets are kept."""

    languages_dir: Path | None = None
    """Where folders of further languages lie, each named by its code; left out, languages in data_dir."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged; never what is said on a call."""


class Listen(Frozen):
    """Where the bridge listens."""

    public_host: str = "127.0.0.1"
    """Address of the listener that the tunnel or proxy forwards to; it serves /twilio/*, and by their secret
    links calendars and pages to book on."""

    public_port: int = Field(8080, ge=0, le=65535)
    """Port of that listener; 0 takes a free one."""

    local_port: int = Field(8081, ge=0, le=65535)
    """Port on 127.0.0.1 of /alive, /healthz, /metrics and /rehearse; 0 takes a free one."""

    admin_host: str = "127.0.0.1"
    """Address of the admin page."""

    admin_port: int = Field(8082, ge=0, le=65535)
    """Port of the admin page; 0 takes a free one."""

    worker_port: int = Field(8083, ge=0, le=65535)
    """Port on 127.0.0.1 of the worker's /healthz and /metrics; 0 takes a free one."""


class Admin(Frozen):
    """The admin's pages."""

    names: tuple[Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,120}$")], ...] = ()
    """Further names under which the pages are opened, such as attendant.lan; others are not answered."""

    idle_minutes: int = Field(30, ge=5, le=720)
    """A session at which nobody does anything for so long is over."""

    longest_hours: int = Field(12, ge=1, le=24)
    """After so long everybody signs in again."""


class Twilio(Frozen):
    """The Twilio account."""

    account_sid: str = Field("", pattern=r"^(AC[0-9a-fA-F]{32})?$")
    """The account, AC and 32 digits; empty switches Twilio off."""

    auth_token_file: Annotated[Path, Secret()] = Path("twilio_auth_token")
    """File with the account's auth token, which signs webhooks; relative to the secrets folder."""

    public_url: str = Field("", pattern=r"^(https://[^/?#]+)?$")
    """The address under which Twilio reaches this box, such as https://box.example.com."""

    api_url: str = Field("https://api.twilio.com", pattern=r"^https?://[^?#]+[^/?#]$")
    """Where Twilio's REST service is."""

    goodbye_url: str = Field("", pattern=r"^(https://[^\s#]+)?$")
    """The address of the TwiML Bin with the goodbye, for `attendant fallback answer`."""

    sms_from: str = Field("", pattern=r"^(\+[1-9][0-9]{6,14})?$")
    """The number of the account that texts are sent from; empty: none are sent."""

    connect_ms: int = Field(2000, ge=100, le=10000)
    """How long Twilio may take to connect to this box for a webhook (#ct of the URLs that we give)."""

    answer_ms: int = Field(4000, ge=500, le=15000)
    """How long Twilio waits for our answer to a webhook (#rt)."""

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.account_sid and not self.public_url:
            raise ValueError("public_url must be set with account_sid: Twilio calls this box there")
        return self


class Cloud(Frozen):
    """The cloud assistant."""

    enabled: bool = True
    """Whether calls may use the cloud."""

    url: str = Field("wss://api.openai.com/v1/realtime", pattern=r"^wss?://[^?#]+$")
    """The realtime service; a regional host goes here."""

    key_file: Annotated[Path, Secret()] = Path("openai_api_key")
    """File with the API key; relative to the secrets folder."""

    ca_file: Path | None = None
    """Certificates to trust instead of the system's, for a proxy that opens TLS."""

    model: str = Field("gpt-realtime-2.1-mini", pattern=r"^[A-Za-z0-9._-]{1,80}$")
    """The model that talks."""

    transcription_model: str = Field("gpt-transcribe", pattern=r"^[A-Za-z0-9._-]{0,80}$")
    """The model that writes down what callers say; empty for none."""

    prices_file: Path | None = None
    """A price table instead of the one that comes with the product."""

    connect_ms: int = Field(1500, ge=200, le=10000)
    """Time for name, connection, TLS and handshake together; after it the cloud counts as lost."""

    first_audio_ms: int = Field(4000, ge=500, le=20000)
    """Time from asking for an answer to its first audio."""

    reply_due_ms: int = Field(2500, ge=500, le=20000)
    """Time from the end of the caller's speech to a sign of the answer, before the service is probed."""

    probe_ms: int = Field(1200, ge=200, le=10000)
    """Time for the answer to a probe; after it the cloud counts as lost."""

    unacked_ms: int = Field(1000, ge=300, le=10000)
    """Time that our audio may stay unacknowledged by the network."""

    session_longest_s: int = Field(3300, ge=10, le=3500)
    """Age at which a session is renewed; the service ends it at 60 minutes."""

    detector: bool = True
    """Whether our own detector listens on cloud calls, so that a silent cloud is noticed; the local assistant
    hears with it in any case."""

    audio: Literal["pcmu", "pcm24"] = "pcmu"
    """What the service is sent: the telephone's own µ-law as it is, or PCM at 24 kHz, resampled."""

    silence_held_ms: int = Field(60, ge=20, le=100)
    """How long silent audio of the caller waits for more before it is sent; speech never waits."""

    max_output_tokens: int = Field(1024, ge=64, le=LONGEST_TOKENS)
    """The longest answer, in tokens; 20 are a second of speech, and more than 90 seconds are never kept."""


class Trunk(Frozen):
    """The SIP trunk over which calls come in and go out."""

    host: str = Field("", pattern=r"^([A-Za-z0-9.-]{1,120}(:[0-9]{1,5})?)?$")
    """The provider's SIP server, such as sip.example.net; empty: no trunk."""

    user: str = Field("", pattern=r"^[A-Za-z0-9+._@-]{0,80}$")
    """The user name that registers there; empty: the provider knows this box by its address."""

    secret_file: Annotated[Path, Secret()] = Path("trunk_secret")
    """File with the password; relative to the secrets folder."""

    caller_id: str = Field("", pattern=r"^(\+[1-9][0-9]{6,14})?$")
    """The number that calls going out show."""

    from_networks: tuple[Network, ...] = ()
    """Networks from which the provider calls, such as 203.0.113.0/28; left out, those of its host."""

    @model_validator(mode="after")
    def _has_a_port(self) -> Self:
        port = self.host.partition(":")[2]
        if port and not 1 <= int(port) <= PORT_MOST:
            raise ValueError(f"host: {port} is no port, which is 1 to {PORT_MOST}")
        return self


class Asterisk(Frozen):
    """Desk phones and trunks, by an Asterisk on this machine."""

    enabled: bool = False
    """Whether calls come by way of Asterisk."""

    existing: bool = False
    """Whether it is the clinic's own Asterisk or FreePBX on this machine, with phones and trunks of its own.
    Then the dialplan alone is ours, and `attendant asterisk render --existing` prints what includes it."""

    existing_context: str = Field("from-internal", pattern=r"^[A-Za-z0-9_-]{1,79}$")
    """The context of that PBX in which its phones dial numbers outside."""

    folder: Path = Path("asterisk")
    """Where configuration, sounds and recordings for it lie; relative to the data folder."""

    ami_port: int = Field(5038, ge=1, le=65535)
    """Port of its manager interface on 127.0.0.1."""

    ami_secret_file: Annotated[Path, Secret(made=True)] = Path("asterisk_ami")
    """File with the manager's password, made when missing; relative to the secrets folder."""

    http_port: int = Field(8088, ge=1, le=65535)
    """Port of its web server on 127.0.0.1, for ARI and for the box's calls to itself."""

    ari_secret_file: Annotated[Path, Secret(made=True)] = Path("asterisk_ari")
    """File with the password for ARI, made when missing; relative to the secrets folder."""

    media_secret_file: Annotated[Path, Secret(made=True)] = Path("asterisk_media")
    """File with the password with which it connects for the media, made when missing."""

    sip_host: str = Field("0.0.0.0", pattern=r"^[0-9a-fA-F.:]{3,45}$")  # noqa: S104 -- phones are on the LAN
    """Address at which phones register."""

    sip_port: int = Field(5060, ge=1, le=65535)
    """Port at which phones register (UDP)."""

    rtp_from: int = Field(10000, ge=1024, le=65000)
    """The first of the UDP ports for sound."""

    rtp_to: int = Field(10199, ge=1024, le=65535)
    """The last of them; a call takes two, and two more for each phone in it."""

    phone_networks: tuple[Network, ...] = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    """Networks from which phones may register; all others are refused."""

    audio: Literal["ulaw", "slin24"] = "ulaw"
    """How sound comes to us: the telephone's own µ-law, or PCM at 24 kHz for wideband phones."""

    country_code: str = Field("1", pattern=r"^[1-9][0-9]{0,2}$")
    """The country whose numbers a trunk gives without their country code."""

    assistant_extension: Extension | Literal[""] = ""
    """The extension at which desk phones reach the assistant. Left out it is 100, and none with `existing`:
    that PBX may have given it to somebody."""

    close_code: str = Field("*61", pattern=r"^(\*[0-9]{2,4})?$")
    """What a desk phone dials to close the clinic for today; empty for no such code."""

    reopen_code: str = Field("*62", pattern=r"^(\*[0-9]{2,4})?$")
    """What it dials to take that back."""

    greeting_code: str = Field("*63", pattern=r"^(\*[0-9]{2,4})?$")
    """What it dials to record the greeting of the menus."""

    voicemail_code: str = Field("*64", pattern=r"^(\*[0-9]{2,4})?$")
    """What it dials to record what callers hear before they leave a message."""

    self_call_minutes: int = Field(60, ge=0, le=1440)
    """How often the box rings itself, to see that callers are served; 0 is never."""

    emergency_numbers: tuple[str, ...] = ("911",)
    """Numbers that every desk phone may call over the trunk, whatever else is allowed."""

    trunk: Trunk = Trunk()
    """The trunk."""

    @property
    def assistant_dialled(self) -> str:
        """What leads to the assistant; in a PBX that is not ours a name that no key can dial."""
        return self.assistant_extension or ("attendant" if self.existing else "100")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.rtp_to - self.rtp_from < 19:
            raise ValueError("rtp_to must be at least 19 above rtp_from")
        dialled = (self.close_code, self.reopen_code, self.greeting_code, self.voicemail_code)
        codes = [code for code in dialled if code]
        if len(codes) != len(set(codes)):
            raise ValueError("close_code, reopen_code, greeting_code and voicemail_code must differ")
        return self


class Settings(Frozen):
    """Everything in the settings file."""

    box: Box = Box()
    listen: Listen = Listen()
    admin: Admin = Admin()
    front: Front = Front()
    twilio: Twilio = Twilio()
    cloud: Cloud = Cloud()
    speech: Speech = Speech()
    local: Local = Local()
    google: Google = Google()
    asterisk: Asterisk = Asterisk()
    microsoft: Microsoft = Microsoft()
    limits: Limits = Limits()
    jobs: Jobs = Jobs()
    backup: Backups = Backups()
    standby: Standby = Standby()
    recordings: Recordings = Recordings()
    knowledge: Knowledge = Knowledge()
    voicemail: Voicemail = Voicemail()
    mail: Mail = Mail()
    notify: Notify = Notify()
    alerts: Alerts = Alerts()
    reporting: Reporting = Reporting()

    @property
    def database(self) -> Path:
        """The database file."""
        return self.box.data_dir / "attendant.db"

    @property
    def languages_dir(self) -> Path:
        """Where folders of further languages lie, if there are any."""
        return self.box.languages_dir or self.box.data_dir / "languages"

    @property
    def models_dir(self) -> Path:
        """Where weights are kept."""
        return self.speech.models_dir or self.box.data_dir / "models"

    @property
    def knowledge_dir(self) -> Path:
        """Where the index of the knowledge base is, and files that wait to be read."""
        return self.box.data_dir / "knowledge"

    @property
    def knowledge_index(self) -> Path:
        """The index that searches the knowledge base; it is made anew from the database."""
        return self.knowledge_dir / "index.db"

    @property
    def asterisk_dir(self) -> Path:
        """Where Asterisk's configuration, sounds and recordings lie."""
        return self.box.data_dir / self.asterisk.folder

    @property
    def secrets_dir(self) -> Path:
        """Where secret files lie: the service manager's folder for them, or ours."""
        return Path(os.environ.get("CREDENTIALS_DIRECTORY", self.box.data_dir / "secrets"))

    def secret(self, file: Path) -> str:
        """The content of a secret file. Raises SettingsError when it is missing, empty or open to others."""
        text = self.secret_text(file)
        if not (text.isascii() and text.isprintable()):
            path = self.secrets_dir / file
            raise SettingsError([f"The secret file {path} must hold one line of plain text."])
        return text

    def secret_text(self, file: Path) -> str:
        """The same of a file that may have many lines, such as a certificate with its key."""
        path = self.secrets_dir / file
        try:
            text = path.read_text("utf-8").strip()
            readable_by_all = path.stat().st_mode & 0o007
        except (OSError, UnicodeDecodeError) as exc:
            raise SettingsError([f"The secret file {path} cannot be read: {exc}."]) from exc
        if readable_by_all:
            raise SettingsError([f"The secret file {path} can be read by everybody: chmod 600 it."])
        if not text:
            raise SettingsError([f"The secret file {path} is empty."])
        return text


def load(path: Path) -> Settings:
    """Read a settings file and what was changed beside it. Raises SettingsError, a sentence per mistake."""
    tree = written_by_hand(path)
    own = checked(tree, str(path))
    changes = changed_settings.read(own.box.data_dir)
    if not changes.settings:
        return own
    return checked(changes.over(tree), str(own.box.data_dir / changed_settings.FILE))


def written_by_hand(path: Path) -> dict[str, Any]:
    """What stands in a settings file, unchecked. Raises SettingsError."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as exc:
        raise SettingsError([f"The settings file {path} cannot be read: {exc.strerror}."]) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise SettingsError([f"{path} is not valid TOML: {exc}."]) from exc


def checked(tree: dict[str, Any], origin: str) -> Settings:
    """Make settings of a tree of values. Raises SettingsError with one sentence per mistake."""
    try:
        return Settings.model_validate(tree)
    except ValidationError as exc:
        raise SettingsError([f"{origin}: {said}" for said in told(exc, Settings)]) from exc


def told(error: ValidationError, model: type[BaseModel], *, called: str = "a setting") -> list[str]:
    """A sentence for each mistake that pydantic found; an unknown key is answered by the nearest one."""
    return [_sentence(mistake, model, called) for mistake in error.errors(include_url=False)]


def _sentence(mistake: Any, model: type[BaseModel], called: str) -> str:
    path = [str(part) for part in mistake["loc"]]
    name = ".".join(path)
    if mistake["type"] != "extra_forbidden":
        return f"{name or 'All of it'}: {mistake['msg']} (it is {str(mistake['input'])[:80]!r})."
    near = difflib.get_close_matches(path[-1], _keys(model, path[:-1]), n=1, cutoff=0.5)
    hint = f" Did you mean {'.'.join([*path[:-1], near[0]])}?" if near else ""
    return f"{name} is not {called}.{hint}"


def _keys(model: type[BaseModel], path: list[str]) -> list[str]:
    for part in path:
        if part.isdecimal():
            # The place in a list of what the part before names.
            continue
        field = model.model_fields.get(part)
        kinds = [] if field is None else [field.annotation, *get_args(field.annotation)]
        inner = next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)
        if inner is None:
            return []
        model = inner
    return list(model.model_fields)
