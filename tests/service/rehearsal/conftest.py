"""A migrated database for each test, and what opens it: as the store's own tests have it."""

from tests.store.conftest import path, reader, writer

__all__ = ["path", "reader", "writer"]
