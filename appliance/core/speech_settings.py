"""The settings of recognition and synthesis on the box, and of the assistant that goes on with them.

May import: the standard library, pydantic, appliance.core.
"""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from appliance.core.frozen import Frozen

PORT_MOST = 65535
WYOMING_URI = r"^(unix:///[^?#]+|tcp://[^/?#@\s]+:[0-9]{1,5})?$"


class Speech(Frozen):
    """Recognition and synthesis without the cloud: our own speech program, or another Wyoming server."""

    uri: str = Field("", pattern=WYOMING_URI)
    """Where the speech program listens and the bridge finds it, such as unix:///run/attendant/speech.sock
    or tcp://127.0.0.1:10300. Empty: none."""

    recognition_uri: str = Field("", pattern=WYOMING_URI)
    """Another Wyoming server that recognises instead, such as tcp://192.168.1.20:10300."""

    synthesis_uri: str = Field("", pattern=WYOMING_URI)
    """Another Wyoming server that speaks instead, such as tcp://192.168.1.20:10200."""

    models_dir: Path | None = None
    """Where weights are kept, a folder for each; left out, `models` in the data folder."""

    @model_validator(mode="after")
    def _have_ports(self) -> Self:
        for name in ("uri", "recognition_uri", "synthesis_uri"):
            port = getattr(self, name).rpartition(":")[2]
            if port.isdecimal() and int(port) > PORT_MOST:
                raise ValueError(f"{name}: {port} is no port, which is at most {PORT_MOST}")
        return self

    whisper: str = Field("whisper-tiny", pattern=r"^[A-Za-z0-9._-]{1,80}$")
    """The weights that recognise, by their name in `attendant models list`."""

    whisper_threads: int = Field(2, ge=1, le=64)
    """Threads of recognition; more than the machine has cores makes it slower."""

    piper: bool = True
    """Whether piper speaks; without it espeak-ng does."""

    voices: dict[str, str] = Field({"en": "en_US-ljspeech-medium", "es": "es_MX-ald-medium"})
    """The voice for each language, by its name in `attendant models list` or in the other server."""

    piper_threads: int = Field(1, ge=1, le=64)
    """Threads of synthesis."""

    recognise_ms: int = Field(2000, ge=200, le=30000)
    """Time for an utterance to be recognised; after it keys are offered."""

    synthesise_ms: int = Field(1000, ge=200, le=10000)
    """Time to the first sound of a sentence; when piper takes more than half of it, espeak-ng speaks."""

    rendered_ahead: bool = True
    """Whether the worker speaks the clinic's sentences ahead, so that each sounds at once, which takes a core
    for a while after an edit. Without it a sentence is spoken when it is first wanted."""

    waiting_most: int = Field(3, ge=1, le=100)
    """Utterances that may wait while another is recognised; a further one is refused and keys are offered.
    So is one that cannot be done in its time."""

    @property
    def recognition_at(self) -> str:
        """Where the bridge has utterances recognised; empty for nowhere."""
        return self.recognition_uri or self.uri

    @property
    def synthesis_at(self) -> str:
        """Where the bridge has texts spoken; empty for nowhere."""
        return self.synthesis_uri or self.uri


class Local(Frozen):
    """The local assistant, which goes on when the cloud cannot be reached."""

    enabled: bool = True
    """Whether calls go on with the local assistant; without it people are rung when the cloud is lost."""

    embeddings: str = Field("multilingual-e5-small", pattern=r"^([A-Za-z0-9._-]{1,80})?$")
    """Weights that are asked what a caller means in another language than English when the words leave a
    doubt, by their name in `attendant models list`; where they are not here, and when this is empty, nobody
    is."""
