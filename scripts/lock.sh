#!/bin/sh
# Resolves Pipfile and package.json anew. Neither lock names an index: whoever installs uses the one that is configured.
set -eu
work=.cache/lock
rm -rf "$work"
mkdir -p "$work"
python3 -m venv "$work/pipenv"
"$work/pipenv/bin/pip" install --quiet --disable-pip-version-check pipenv
cp Pipfile "$work"
(cd "$work" && PIPENV_IGNORE_VIRTUALENVS=1 PIPENV_VENV_IN_PROJECT=1 PIPENV_NOSPIN=1 pipenv/bin/pipenv lock --dev >&2)
python3 - "$work/Pipfile.lock" <<'PYTHON'
import json, pathlib, sys

lock = json.loads(pathlib.Path(sys.argv[1]).read_text())
lock["_meta"]["sources"] = []
for group in (lock["default"], lock["develop"]):
    for package in group.values():
        package.pop("index", None)
pathlib.Path("Pipfile.lock").write_text(json.dumps(lock, indent=4) + "\n")
PYTHON
npm install --package-lock-only --no-audit --no-fund --omit-lockfile-registry-resolved >&2
rm -rf "$work"
