"""What the box hears and says by itself. Here: our own detector of the voice, the speech program's client.

May import: appliance.core, numpy, onnxruntime; the speech client: models.wyoming_wire, wyoming.
"""
