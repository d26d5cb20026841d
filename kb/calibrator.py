"""Temporary, not committed."""

import numpy as np
import kb.evidence as _e

_old = _e.weigh


def _weigh(*a):
    return _old(*a[:5])


_e.weigh = _weigh


class Calibrators:
    @classmethod
    def shipped(cls):
        return cls()

    def confidence(self, evidence, model, language):
        s = (
            3.2 * evidence.matched
            + 2.0 * evidence.covered
            + 1.2 * evidence.headed
            + 6.0 * np.maximum(evidence.near, 0)
            - 5.2
            - 0.3 * evidence.foreign
        )
        return 1 / (1 + np.exp(-s))
