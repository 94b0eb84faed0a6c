"""Words to and from the owner: commands, prompts, tables, exit codes, JSON, languages."""

from __future__ import annotations


def main() -> None:
    """The command `mi-automator`."""
    from automator.cli.app import app

    app()
