"""The certificate of the pages on the office's network: made by the box itself, or the clinic's own.

*Authority* is the box's own: who trusts it trusts the pages. *Front* is what serves them (nginx); it has one
file with key and chain, and reads it anew for each connection.
"""
