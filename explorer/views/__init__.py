"""The panels of the window, one a file: each reads the session, calls an intent and hears a signal."""
