"""Weights: the files that recognition, voices and embeddings need, too big to come with the product.

`table` reads which there are and what each file must be, `folder` tells what of them is on this box, `fetch`
brings them from the hub. `ready(models_dir, name)` is what a program asks when it starts: the folder, or a
sentence that says what is missing, so that it can go on one step lower.
"""

from models.weights.folder import NotReady, ready, state

__all__ = ["NotReady", "ready", "state"]
