"""Odd orders: a whole call in simulated time, with a service that says its events in any order that it may.

clock.py lets time jump, service.py is the far end of the cloud's line, rig.py puts the real call together.
"""
