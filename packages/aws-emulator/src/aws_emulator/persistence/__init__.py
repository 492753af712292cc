"""State that outlives an emulator: moto's objects as bytes, the file that holds them, and who saves when."""
