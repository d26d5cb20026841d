"""Looks at the box and at its PBX, and says of each part in one sentence what is missing and what to do."""
