"""Commands for who writes a handler: variables of the emulator, roles, and the data of what is deployed."""
