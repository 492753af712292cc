"""The tests, from the fastest to the slowest: unit, synth, cdktf_lean, emulator, terraform, live."""
