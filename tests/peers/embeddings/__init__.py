"""The embedding service as far as we use it: POST /v1/embeddings, with its refusals.

Texts that share words get vectors that are near. May import: aiohttp, numpy, orjson, tests.peers.web_thread.
"""

import asyncio
import hashlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
from aiohttp import web

from tests.peers.web_thread import WebThread

KEY = "sk-test"
MODELS = ("text-embedding-3-small", "text-embedding-3-large")
TOKENS_MOST = 8192
INPUTS_MOST = 2048


@dataclass
class Fault:
    """What happens to the next request instead."""

    status: int = 0
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    loses: int = 0
    """Embeddings that are left out."""
    body: bytes | None = None


def vector(text: str, size: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A vector of length 1 for a text: each word adds its own."""
    made = np.full(size, 1e-3)
    for word in text.lower().split():
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4])
        made += np.random.default_rng(seed).standard_normal(size)
    unit: np.ndarray[Any, np.dtype[np.float64]] = made / np.linalg.norm(made)
    return unit


class EmbeddingService(WebThread):
    """`with EmbeddingService() as service:` serves at `service.url` + /v1."""

    def __init__(self) -> None:
        super().__init__("embeddings", None)
        self.faults: deque[Fault] = deque()
        self.asked: list[dict[str, Any]] = []
        """The bodies of all requests."""

    @property
    def texts(self) -> list[str]:
        """All texts that were sent."""
        return [text for body in self.asked for text in body["input"]]

    def doors(self, app: web.Application) -> None:
        """What is served."""
        app.router.add_post("/v1/embeddings", self._embed)

    async def _embed(self, request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        self.asked.append(body)
        fault = self.faults.popleft() if self.faults else Fault()
        if fault.hangs:
            await asyncio.Event().wait()
        if fault.body is not None:
            return web.Response(body=fault.body, content_type="application/json")
        if fault.status:
            return _refused(fault.status, fault.code, fault.headers)
        return self._answered(request, body, fault)

    def _answered(self, request: web.Request, body: dict[str, Any], fault: Fault) -> web.Response:
        texts: list[str] = body["input"]
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _refused(401, "invalid_api_key")
        if body["model"] not in MODELS:
            return _refused(404, "model_not_found")
        if len(texts) > INPUTS_MOST or any(not text or len(text.split()) > TOKENS_MOST for text in texts):
            return _refused(400, "invalid_request_error")
        told = [
            {"object": "embedding", "index": place, "embedding": vector(text, body["dimensions"]).tolist()}
            for place, text in enumerate(texts)
        ]
        # The order of the answer is not promised.
        data = told[::-1][fault.loses :]
        usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
        return web.json_response({"object": "list", "data": data, "model": body["model"], "usage": usage})


def _refused(status: int, code: str, headers: dict[str, str] | None = None) -> web.Response:
    error = {"message": "refused", "type": "invalid_request_error", "param": None, "code": code}
    return web.json_response({"error": error}, status=status, headers=headers)
