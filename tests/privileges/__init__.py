"""What identities may do: the handlers, who deploys, and the emulator that holds them to it."""
