"""What no program that uses cdktf can go below: it is imported and an app without stacks is synthesized."""

from cdktf import App

App().synth()
