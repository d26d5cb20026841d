"""Begins processes of the box without each of them reading the program anew.

A test run starts hundreds of bridges, and each would read and compile for seconds before it listens. Here one
process reads it all once, and forks them: each is a process of its own, with its own arguments, environment
and descriptors, and does what `attendant` does.

May import: the standard library, appliance.
"""
