"""Recordings of messages in a bucket elsewhere: moved there, brought back, deleted there.

A recording is *away* once it was read back from the bucket as it was sent; until then the box keeps its
file. May import: the standard library, botocore, appliance.core, appliance.store.
"""
