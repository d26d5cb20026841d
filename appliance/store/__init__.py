"""SQLite under everything: the database, its schema, one writer, readers, and all SQL of the business.

May import: appliance.core, pysqlite3, sqlite-utils, orjson, pydantic. Nobody else speaks SQL.
"""
