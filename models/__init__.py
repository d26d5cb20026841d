"""What listens and talks: the cloud brain, our own ear, and what they share.

May import: appliance.core, appliance.store, third-party packages.
"""

import os

# onnxruntime (1.32, seen on Linux) otherwise names the machine, keeps a database of what it does in the home
# folder, and reports to its vendor. It looks when it is loaded; its switch for that comes too late.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
