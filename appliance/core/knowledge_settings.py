"""The boot settings of the knowledge base: what turns its passages into numbers, and where pages may be.

May import: the standard library, pydantic, appliance.core.
"""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from appliance.core.frozen import Frozen, Secret


class Knowledge(Frozen):
    """The documents that callers are answered from."""

    embeddings: str = Field("shipped", pattern=r"^[A-Za-z0-9._-]{1,80}$")
    """What finds passages by their meaning: `shipped` (English, on this box), weights by their name in
    `attendant models list`, or `openai`, to which every passage and every question is then sent."""

    openai_url: str = Field("https://api.openai.com/v1", pattern=r"^https?://[^?#\s]+[^/?#\s]$")
    """Where embeddings are made with `openai`; a regional host goes here."""

    openai_model: str = Field("text-embedding-3-small", pattern=r"^[A-Za-z0-9._-]{1,80}$")
    """The model that makes them."""

    openai_size: int = Field(512, ge=64, le=3072)
    """How many numbers an embedding has; it is a multiple of 8."""

    openai_key_file: Annotated[Path, Secret()] = Path("openai_api_key")
    """File with the API key; relative to the secrets folder."""

    openai_ms: int = Field(1500, ge=200, le=30000)
    """Time for the embedding of a question during a call; after it words alone decide."""

    ca_file: Path | None = None
    """Certificates to trust instead of the system's, for a proxy that opens TLS."""

    private_hosts: tuple[str, ...] = ()
    """Hosts in the clinic's own network that pages may be read from, such as intranet.clinic.lan; from other
    private addresses nothing is fetched."""
