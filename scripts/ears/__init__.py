"""How well the box hears the caller: measured on recordings and on sounds in which nobody speaks."""
