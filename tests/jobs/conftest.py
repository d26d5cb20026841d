"""A migrated database for each test, as the store's own tests have it."""

from tests.store.conftest import db, path

__all__ = ["db", "path"]
