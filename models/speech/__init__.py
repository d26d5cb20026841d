"""The speech program: recognition and synthesis behind the Wyoming protocol, a process of its own.

The program holds the connections, the queues and the deadlines. What infers runs in two children, one that
hears and one that speaks: neither waits for the other, and when one crashes the program starts it again.
Only the speaking child imports piper (GPL); nothing outside this package imports it, or this package, but
the command line. May import: appliance.core, models.wyoming_wire, models.weights, third-party packages.
"""
