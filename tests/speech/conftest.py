"""One speech program for the tests of a module that leave it as they found it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.speech import program
from tests.speech.program import Program


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A box's folder with weights in it."""
    made = tmp_path_factory.mktemp("speech")
    program.models(made)
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def speech(folder: Path) -> AsyncIterator[Program]:
    """The program, listening, with weights for digits and voices that are tones."""
    async with program.running(program.settings(folder)) as listening:
        yield listening
