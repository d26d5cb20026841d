"""What jobs need of the outside: the carrier's recordings and texts, speech, the cloud's summaries.

Each is reached anew for each try, on the loop of that try. May import: appliance.core, appliance.jobs,
appliance.service, models, twilio_bridge.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from appliance.core.cloud_address import rest_url
from appliance.core.errors import CarrierFailed
from appliance.core.settings import Settings
from appliance.jobs.alerts import Text
from appliance.jobs.summing import OpenAiSummaries, Summary
from models.local.speech_client import SpeechClient
from twilio_bridge.download import Bounds

if TYPE_CHECKING:
    from twilio_bridge.rest import TwilioRest

MB = 1024 * 1024


class CarrierRecordings:
    """Recordings of the Twilio account."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        wishes = settings.voicemail
        self._bounds = Bounds(wishes.recording_most_mb * MB, float(wishes.fetch_s))

    async def fetch_recording(self, recording_sid: str, path: Path) -> int:
        """Download one. Raises CarrierFailed, SettingsError, NoRoom."""
        async with self._rest() as rest:
            return await rest.fetch_recording(recording_sid, path, self._bounds)

    async def delete_recording(self, recording_sid: str) -> None:
        """Have Twilio delete one. Raises CarrierFailed, SettingsError."""
        async with self._rest() as rest:
            await rest.delete_recording(recording_sid)

    def _rest(self) -> "TwilioRest":
        return _rest_of(self._settings)


def texting(settings: Settings) -> Text:
    """What sends texts of the Twilio account itself: the bridge may be what is wrong."""

    async def text(to: str, body: str) -> str:
        async with _rest_of(settings) as rest:
            return await rest.text(to, body)

    return text


def _rest_of(settings: Settings) -> "TwilioRest":
    from twilio_bridge.rest import TwilioRest  # noqa: PLC0415 -- slow to load, and not every box has Twilio

    twilio = settings.twilio
    if not twilio.account_sid:
        raise CarrierFailed("[twilio] account_sid is not set", retry=True)
    return TwilioRest(twilio, settings.secret(twilio.auth_token_file))


def speech_of(settings: Settings) -> SpeechClient | None:
    """The speech program that writes messages down; None where there is none."""
    address = settings.speech.recognition_at
    return SpeechClient(address) if address else None


class CloudSummaries:
    """The cloud, with the key as it is at each try."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.model = settings.voicemail.cloud_model

    async def summary(self, text: str, language: str) -> Summary:
        """The text summed up. Raises JobFailed, SettingsError."""
        cloud = self._settings.cloud
        asked = OpenAiSummaries(rest_url(cloud), self._settings.secret(cloud.key_file), self.model)
        return await asked.summary(text, language)


def cloud_of(settings: Settings) -> CloudSummaries | None:
    """The cloud that sums messages up; None where the clinic does not allow it."""
    return CloudSummaries(settings) if settings.voicemail.cloud and settings.cloud.enabled else None
