#!/bin/sh
# Resolves each Pipfile and package.json anew. No lock names an index: whoever installs uses the one that is configured.
set -eu
work=$PWD/.cache/lock
rm -rf "$work"
mkdir -p "$work"
.venv/bin/python -m venv "$work/pipenv"
"$work/pipenv/bin/pip" install --quiet --disable-pip-version-check pipenv
for folder in . tools; do
    cp "$folder/Pipfile" "$work"
    rm -f "$work/Pipfile.lock"
    (cd "$work" && PIPENV_IGNORE_VIRTUALENVS=1 PIPENV_VENV_IN_PROJECT=1 PIPENV_NOSPIN=1 pipenv/bin/pipenv lock --dev >&2)
    .venv/bin/python - "$work/Pipfile.lock" "$folder/Pipfile.lock" <<'PYTHON'
import json, pathlib, sys

lock = json.loads(pathlib.Path(sys.argv[1]).read_text())
lock["_meta"]["sources"] = []
for name in lock.keys() - {"_meta"}:
    for package in lock[name].values():
        package.pop("index", None)
pathlib.Path(sys.argv[2]).write_text(json.dumps(lock, indent=4) + "\n")
PYTHON
done
for folder in . tests/review/browser; do
    (cd "$folder" && npm install --package-lock-only --no-audit --no-fund --omit-lockfile-registry-resolved >&2)
done
rm -rf "$work"
