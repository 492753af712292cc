"""IAM as the emulator enforces it: permissions of calls, policy evaluation, signatures, refusals."""
