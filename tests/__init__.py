"""The tests, from the fastest to the slowest: unit, synth, lean, emulator, terraform, live."""
