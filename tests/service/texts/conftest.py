"""A surgery whose carrier takes texts, for the tests of this folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from appliance.store.reader import Reader
from appliance.store.writer import Writer
from tests.peers.carrier import Number
from tests.service.surgery import CLINIC, PUBLIC, Surgery, open_surgery


@pytest_asyncio.fixture
async def surgery(writer: Writer, reader: Reader, tmp_path: Path) -> AsyncIterator[Surgery]:
    async with open_surgery(writer, reader, tmp_path / "recordings") as made:
        made.carrier.network.numbers[CLINIC] = Number(
            f"{PUBLIC}/twilio/voice", sms_url=f"{PUBLIC}/twilio/sms"
        )
        yield made
