"""Real plans, made by the real Terraform and provider on an emulator, and what a review must say of each."""
