"""Sentence embeddings by OpenAI's service, for clinics that choose it: every text is sent there.

May import: appliance.core, models.embed, numpy, openai.
"""

import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import openai

from appliance.core.errors import EmbedderFailed
from models.embed import Float32

AT_ONCE = 128
LETTERS_AT_ONCE = 200_000
"""The service takes 300,000 tokens in one request; a token is rarely less than a letter."""
LONGEST_LETTERS = 16_000
"""Of a text; the service takes 8,192 tokens."""
CONNECT_S = 3.0


class CloudEmbedder:
    """Texts to unit vectors. `embed` may be called from several threads; each request has `patience_s`."""

    def __init__(
        self,
        key: str,
        *,
        url: str,
        model: str,
        size: int,
        patience_s: float,
        tries: int = 3,
        ca_file: Path | None = None,
    ) -> None:
        self.model_id = f"{model}-{size}"
        self.size = size
        self._model = model
        self._url = url
        trust = ssl.create_default_context(cafile=ca_file)
        self._client = openai.OpenAI(
            api_key=key,
            base_url=url,
            timeout=openai.Timeout(patience_s, connect=min(CONNECT_S, patience_s)),
            max_retries=tries - 1,
            http_client=openai.DefaultHttpxClient(verify=trust),
        )

    def embed(self, texts: Sequence[str], *, asked: bool = False) -> Float32:
        """One row a text, in order, each of length 1; questions as passages. Raises EmbedderFailed."""
        made = np.zeros((len(texts), self.size), np.float32)
        for begin, some in _batches(texts):
            made[begin : begin + len(some)] = self._asked(some)
        lengths = np.linalg.norm(made, axis=1, keepdims=True)
        unit: Float32 = made / np.maximum(lengths, 1e-12)
        return unit

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _asked(self, texts: list[str]) -> Float32:
        try:
            answer = self._client.embeddings.create(
                model=self._model, input=texts, dimensions=self.size, encoding_format="float"
            )
        except openai.APIError as exc:
            raise self._failed(exc) from exc
        # What is no answer at all comes as one without data.
        rows = {each.index: each.embedding for each in answer.data or ()}
        if rows.keys() != set(range(len(texts))) or any(len(row) != self.size for row in rows.values()):
            raise EmbedderFailed(
                f"{self._url} gave other embeddings than were asked for: is [knowledge] openai_size right?",
                again=False,
            )
        return np.array([rows[place] for place in range(len(texts))], np.float32)

    def _failed(self, error: openai.APIError) -> EmbedderFailed:
        match error:
            case openai.APITimeoutError():
                return EmbedderFailed(f"{self._url} did not answer in time.", again=True)
            case openai.APIConnectionError():
                return EmbedderFailed(f"{self._url} cannot be reached.", again=True)
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                return EmbedderFailed(
                    "The embedding service refuses the API key: put a valid one into the key file.",
                    again=False,
                )
            case openai.NotFoundError():
                return EmbedderFailed(
                    f"The embedding service has no model {self._model}: change [knowledge] openai_model.",
                    again=False,
                )
            case openai.RateLimitError() | openai.InternalServerError():
                wait = error.response.headers.get("retry-after", "")
                after_s = float(wait) if wait.isdecimal() and len(wait) < 5 else 0.0
                told = f"The embedding service has no room (status {error.status_code})."
                return EmbedderFailed(told, again=_may_help(error), after_s=after_s)
            case openai.APIStatusError():
                told = f"The embedding service refuses the texts (status {error.status_code})."
                return EmbedderFailed(told, again=False)
            case _:
                return EmbedderFailed(f"{self._url} sent what is no answer.", again=True)


def _may_help(error: openai.APIStatusError) -> bool:
    """Whether to try again: an account without money stays so."""
    return error.code != "insufficient_quota"


def _batches(texts: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """The texts in portions that one request takes, each with the place of its first."""
    some: list[str] = []
    begin = letters = 0
    for text in texts:
        # The service refuses a text without a letter.
        sent = text[:LONGEST_LETTERS] or " "
        if some and (len(some) == AT_ONCE or letters + len(sent) > LETTERS_AT_ONCE):
            yield begin, some
            begin, some, letters = begin + len(some), [], 0
        some.append(sent)
        letters += len(sent)
    if some:
        yield begin, some
