"""Folders of the weights that the product's own table names, without their bytes.

A file has its true name and its true size and takes no room; that it was added up once, and right, stands in
the note that a fetch leaves. May import: the standard library, models.weights.
"""

import os
from pathlib import Path
from typing import Literal

from models.weights import notes, table
from models.weights.table import File, Weights

SHIPPED = table.load()
RECOGNITION = tuple(each for each in SHIPPED.weights if each.kind == "recognition")
VOICES = tuple(each for each in SHIPPED.weights if each.kind == "voice" and each.pinned)
Found = Literal["whole", "truncated", "absent"]


def lay(models: Path, weights: Weights, found: Found = "whole") -> Path:
    """Have these there like that: as they were fetched, with the last file cut short, or not at all."""
    folder = models / weights.name
    if found == "absent":
        return folder
    folder.mkdir(parents=True)
    for file in weights.files:
        (folder / file.local).touch()
        os.truncate(folder / file.local, file.size or 1)
    was_added_up(models, weights)
    if found == "truncated":
        cut_short(folder, weights.files[-1])
    return folder


def was_added_up(models: Path, weights: Weights) -> None:
    """Note that the files, as they are now, were added up and are right."""
    folder = models / weights.name
    seen = {file.local: notes.look(folder / file.local, file.sha256 or "") for file in weights.files}
    notes.note_verified(folder, seen)


def cut_short(folder: Path, file: File) -> None:
    """The file ends early, as after a full disk."""
    os.truncate(folder / file.local, (file.size or 2) - 1)
