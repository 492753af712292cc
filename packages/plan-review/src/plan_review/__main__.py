"""The command `plan-review`, also as `python -m plan_review`."""

import gc
import sys


def main() -> int:
    """Review a plan; return the exit status."""
    # Nothing of what is loaded becomes garbage; to look for it takes a twentieth of the time of a short run.
    gc.disable()
    from plan_review.cli import main as run  # noqa: PLC0415

    return run()


if __name__ == "__main__":
    sys.exit(main())
