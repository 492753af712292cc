"""What the project is made of: its configuration judged by checkov, its packages by advisories, its parts listed."""
