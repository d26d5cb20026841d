"""A migrated database for each test, as the store's own tests have it; a speech program for a module."""

from tests.speech.conftest import folder, speech
from tests.store.conftest import db, path

__all__ = ["db", "folder", "path", "speech"]
