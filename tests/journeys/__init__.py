"""Commands, run whole as their users run them: most of them deploy to an emulator."""
