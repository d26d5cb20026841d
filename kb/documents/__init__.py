"""Readers of documents, one a format, all to one structure of blocks. Pure: bytes in, blocks out.

What a document says is data: nothing here acts on it. `apart` runs a reader in a process of its own, which
may not open a socket, write a file or take more memory and time than it is given.
"""
