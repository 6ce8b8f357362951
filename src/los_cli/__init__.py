"""The front door: serve, work, demonstrate, check.

`main` answers before anything else is imported: an installation of the core alone has no command
line to offer, and says which extra brings it.
"""

import sys

EXTRAS = {"aiosmtpd": "sandbox", "psycopg": "postgres", "psycopg_pool": "postgres"}


def main() -> None:
    """Run the command line; where a package is missing, name the extra that brings it."""
    try:
        from los_cli.app import cli  # noqa: PLC0415 # the core alone has no click

        cli()
    except ModuleNotFoundError as err:
        missing = (err.name or "").partition(".")[0]
        if not missing or missing.startswith("los_"):
            raise
        extra = EXTRAS.get(missing, "http")
        sys.exit(f"los: this needs {missing}, which is not installed: pip install 'los[{extra}]'")
