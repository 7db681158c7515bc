"""The command line. Commands import what they need when they are called: `--help` answers at once."""

from pipeline.cli.main import main

__all__ = ["main"]
