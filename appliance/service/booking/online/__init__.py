"""The page behind a link that was texted: it books as a call does, for whoever has the link."""
