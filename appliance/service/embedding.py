"""The embedder of the knowledge base that the settings choose: ours, weights that were fetched, or OpenAI's.

May import: the standard library, appliance.core, models.
"""

import logging
from collections.abc import Callable
from threading import Lock

from appliance.core.errors import EmbedderFailed, SettingsError
from appliance.core.ports import Embedder
from appliance.core.settings import Settings

log = logging.getLogger(__name__)

SHIPPED, OPENAI = "shipped", "openai"
BULK_S, BULK_TRIES = 30.0, 4
"""For many passages at once, in the worker."""
BULK_THREADS = 2


def embedder(settings: Settings, *, bulk: bool = False) -> Embedder:
    """The embedder; with `bulk` one that takes its time over many texts. Raises EmbedderFailed."""
    from models import embed  # noqa: PLC0415 -- heavy, and not wanted by all who compose

    chosen = settings.knowledge.embeddings
    threads = BULK_THREADS if bulk else 1
    if chosen == SHIPPED:
        return embed.Embedder(threads=threads)
    if chosen == OPENAI:
        return _cloud(settings, bulk=bulk)
    from models.weights import folder  # noqa: PLC0415
    from models.weights.table import NoSuchWeights  # noqa: PLC0415

    try:
        return embed.Embedder(folder.ready(settings.models_dir, chosen), threads)
    except (folder.NotReady, NoSuchWeights) as exc:
        raise EmbedderFailed(f"[knowledge] embeddings: {exc}") from exc


def _cloud(settings: Settings, *, bulk: bool) -> Embedder:
    from models.cloud_embed import CloudEmbedder  # noqa: PLC0415

    chosen = settings.knowledge
    try:
        key = settings.secret(chosen.openai_key_file)
    except SettingsError as exc:
        raise EmbedderFailed(str(exc)) from exc
    return CloudEmbedder(
        key,
        url=chosen.openai_url,
        model=chosen.openai_model,
        size=chosen.openai_size,
        patience_s=BULK_S if bulk else chosen.openai_ms / 1000,
        tries=BULK_TRIES if bulk else 1,
        ca_file=chosen.ca_file,
    )


def embedder_or_none(load: Callable[[], Embedder]) -> Embedder | None:
    """An embedder; None, and told in the log, where it cannot be used: then words alone decide."""
    try:
        return load()
    except EmbedderFailed as exc:
        log.warning("the documents are searched by words alone", extra={"problem": str(exc)})
        return None


class Lazy:
    """An embedder that is loaded when it is first wanted, once for all threads; a failure is tried again."""

    def __init__(self, load: Callable[[], Embedder]) -> None:
        self._load = load
        self._lock = Lock()
        self._loaded: Embedder | None = None

    def __call__(self) -> Embedder:
        """The embedder. Raises EmbedderFailed."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded
