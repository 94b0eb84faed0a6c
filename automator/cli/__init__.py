"""Words to and from the owner: commands, prompts, tables, exit codes, JSON, languages."""

from __future__ import annotations

import io
import sys


def main() -> None:
    """The command `mi-automator`."""
    # A terminal that can't show ✓ or “ must not end a run.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    from automator.cli.app import app

    app()
