"""The commands by name; each module is imported only when its command is asked for.

`import litestar` alone takes a second: `los --help` and `los keys` do without it.
"""

import importlib

import click

COMMANDS = {
    "admin": "los_cli.brand:admin",
    "audit": "los_cli.audit:audit",
    "brand": "los_cli.brand:brand",
    "cron": "los_cli.worker:cron",
    "demo": "los_cli.demo.command:command",
    "jobs": "los_cli.jobs:jobs",
    "keys": "los_cli.keys:keys",
    "migrate": "los_cli.migrate:migrate",
    "providers": "los_cli.brand:providers",
    "reindex": "los_cli.reindex:reindex",
    "sandbox": "los_cli.sandbox:sandbox",
    "selfcheck": "los_cli.checks:selfcheck",
    "serve": "los_cli.serve:serve",
    "worker": "los_cli.worker:worker",
}


class _Lazy(click.Group):
    """A group whose commands are named in a table and imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 # click's signature
        return sorted(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 # click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Lazy)
@click.version_option(package_name="los")
def cli() -> None:
    """Loan origination and servicing."""
