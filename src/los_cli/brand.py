"""`los brand`, `los admin` and `los providers`: setting up lenders on the machine itself.

What is typed in a file is checked by the domain's own types; unknown names are refused.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from los_adapters import registry
from los_cli.opening import opened
from los_core.domain.access import Role, needs_totp
from los_core.domain.brand import Brand, NonRepaymentDate, Settings
from los_core.domain.documents import from_document
from los_core.domain.errors import DomainError
from los_core.domain.kyc import Email
from los_core.domain.offers import LoanProduct
from los_core.ports.work import ProviderRow
from los_core.services import Services


@click.group()
def brand() -> None:
    """Lenders of this installation."""


@brand.command()
@click.option(
    "--file", "source", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True
)
def create(source: Path) -> None:
    """Create a brand from a JSON file: brand, settings, products, holidays, providers."""
    content = json.loads(source.read_text())
    with opened() as installation:
        try:
            made = _create(installation.services, content)
        except (DomainError, ValueError, LookupError, TypeError) as err:
            raise click.ClickException(f"{type(err).__name__}: {err}") from err
    click.echo(json.dumps({"id": str(made.id), "code": made.code}))


@click.group()
def admin() -> None:
    """People who administer the installation."""


@admin.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.password_option(help="Asked for if not given; at least twelve characters.")
def create_admin(email: str, name: str, password: str) -> None:
    """Create a super administrator; the second factor's secret is printed this once."""
    roles = frozenset({Role.SUPER_ADMIN})
    with opened() as installation:
        services = installation.services
        try:
            hired = services.brands.hire(
                email=Email.parse(email),
                name=name,
                password=password,
                roles=roles,
                brands=frozenset(),
                second_factor=needs_totp(roles),
            )
        except DomainError as err:
            fields = "; ".join(f"{field} {why}" for field, why in getattr(err, "fields", ()))
            raise click.ClickException(": ".join(filter(None, (err.message, fields)))) from err
        uri = services.brands.second_factor.uri(hired.totp_secret, account=email, issuer="LOS")
    click.echo(json.dumps({"id": str(hired.staff.id), "totp": uri}))


@click.command()
def providers() -> None:
    """List every provider there is, and who uses it."""
    with opened() as installation:
        platform = installation.services.platform
        table = Table("port", "provider", "used by")
        for port in sorted(registry.FAKES):
            rows = [
                (found.code, row)
                for found in platform.brands()
                for row in platform.provider_rows(found.id, port)
            ]
            for name in registry.names(port):
                users = [_use(code, row) for code, row in rows if row.name == name]
                table.add_row(port, name, ", ".join(users))
    Console().print(table)


def _use(code: str, row: ProviderRow) -> str:
    return code + (" (primary)" if row.is_primary else "") + ("" if row.is_active else " (off)")


def _create(services: Services, content: Mapping[str, Any]) -> Brand:
    unknown = set(content) - {"brand", "settings", "products", "holidays", "providers"}
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    brand_id = services.brands.new_brand_id()
    made = from_document(Brand, {**content["brand"], "id": str(brand_id)}, fill=True)
    rows = [_checked(ProviderRow(brand_id=brand_id, **row)) for row in content.get("providers", [])]
    settings = from_document(Settings, content.get("settings", {}), fill=True)
    services.brands.create(
        made,
        settings,
        products=[
            from_document(LoanProduct, product, fill=True)
            for product in content.get("products", [])
        ],
        holidays=[from_document(NonRepaymentDate, day) for day in content.get("holidays", [])],
    )
    for row in rows:
        services.brands.connect(row)
    return made


def _checked(row: ProviderRow) -> ProviderRow:
    """Return a row whose provider exists and can read its settings.

    Raises: LookupError: no such provider; ValueError: names the fields that do not serve.
    """
    registry.provider(row.port, row.name).settings.model_validate(row.settings)
    return row
