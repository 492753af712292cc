"""A whole life on the emulator, through the commands that people run."""
