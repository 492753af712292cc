"""`python -m tests.privileges [record]`: prove that who deploys can, and needs each action of its policies for it.

Alone, it goes through a deployment's life under the policies and compares what that took with the record, then takes
each action away and sees something fail. `record` only lives, and writes the record anew.
"""

import argparse
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ops.process import status_of
from ops.progress import say
from tests.privileges.life import RECORD, record, recorded
from tests.privileges.removal import cases, prove


def main() -> int:
    """Return the exit status: 0 as it should be, 1 not, 2 bad input, 129, 130 or 143 by a signal."""
    parser = argparse.ArgumentParser(prog="python -m tests.privileges", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["all", "record", "remove"], default="all")
    parser.add_argument("--only", default="", metavar="TEXT", help="take away only what has this in its name")
    parsed = parser.parse_args()
    only: str = parsed.only
    if not any(only in case.name for case in cases()):
        parser.error(f"--only {only}: in no name")
    return status_of(lambda: _prove(parsed.what, only))


def _prove(what: str, only: str) -> int:
    with TemporaryDirectory(prefix="iam-") as directory:
        if what == "record":
            RECORD.write_text(json.dumps(record(Path(directory, "life")), indent=0) + "\n")
            return 0
        lived = what == "remove" or _live(Path(directory, "life"))
        return 0 if _remove(Path(directory, "removal"), only) and lived else 1


def _live(path: Path) -> bool:
    say("a deployment's life under the policies")
    now, before = {(action, resource) for action, resource in record(path)}, set(recorded())
    for taken in sorted(now ^ before):
        print(f"{'taken, and not recorded' if taken in now else 'recorded, and not taken'}: {' on '.join(taken)}")
    print(f"{len(now)} permissions taken, none denied")
    return now == before


def _remove(path: Path, only: str) -> bool:
    chosen = [case for case in cases() if only in case.name]
    say(f"{len(chosen)} actions to take away, one at a time")
    needless = 0
    for case, denied in prove(path, chosen):
        needless += not denied
        print(f"{case.name}: {f'denied {denied}' if denied else 'NOT NEEDED: nothing failed'}", flush=True)
    print(f"{len(chosen) - needless} of {len(chosen)} actions are needed")
    return not needless


if __name__ == "__main__":
    sys.exit(main())
