"""Permissions of identities: the handlers, who deploys, and the emulator that holds them to it."""
