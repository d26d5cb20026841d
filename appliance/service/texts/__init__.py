"""Texts that the box sends and hears: owed in the store first, given to the carrier once."""
