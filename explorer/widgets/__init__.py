"""Dumb parts of the window: they draw what they are given and know no session."""
