"""Runs a program of this project with cdktf and its provider as they are: `stock.py PROGRAM ARGUMENT...`."""

import runpy
import sys
from types import ModuleType

sys.modules["cdktf_lean"] = ModuleType("cdktf_lean")
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
