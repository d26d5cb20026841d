"""What the box hears by itself. Here: our own detector of the caller's voice.

May import: appliance.core, numpy, onnxruntime.
"""
