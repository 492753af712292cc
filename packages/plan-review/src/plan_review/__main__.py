"""`python -m plan_review`: the command `plan-review`."""

import sys

from plan_review.cli import main

if __name__ == "__main__":
    sys.exit(main())
