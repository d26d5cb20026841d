"""The on-call rota as a part of the bridge, which has the carrier's account."""
