#!/bin/sh
# Runs the project's commands from any folder: .venv/bin/ops COMMAND. Set-up copies it into the environment, whose Python
# finds the project, and nothing of the current folder, with PYTHONSAFEPATH.
PYTHONSAFEPATH=1 exec "$(dirname -- "$0")/python" -m ops "$@"
