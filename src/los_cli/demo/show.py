"""What the demo prints: each step with what was decided and why, then tables of money and files."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from los_core.domain.rupees import format_rupees

MARGIN: Final = 12
AMOUNTS: Final = frozenset(
    {"principal", "interest", "charges", "paid", "debit", "credit", "balance", "bytes"}
)


@attrs.define
class Show:
    """The demo's voice."""

    console: Console = attrs.field(factory=lambda: Console(highlight=False))
    began: float = attrs.field(factory=time.monotonic)

    def title(self, text: str) -> None:
        """Begin a part."""
        self.console.print(f"\n[bold]{text}[/bold]")

    def step(self, name: str, done: int, of: int) -> None:
        """Say that a step begins."""
        elapsed = time.monotonic() - self.began
        self.console.print(f"[dim]{elapsed:5.1f}s {done:2d}/{of}[/dim] [cyan]{name}[/cyan]")

    def say(self, text: str) -> None:
        """Say what was decided, and why."""
        self.console.print(Padding(text, (0, 0, 0, MARGIN)))

    def warn(self, text: str) -> None:
        """Say what a person should look at."""
        self.console.print(f"[yellow]{text}[/yellow]")

    def verified(self, text: str) -> None:
        """Say that everything held."""
        self.console.print(f"\n[green]{text}[/green]")

    def failed(self, text: str) -> None:
        """Say what did not hold."""
        self.console.print(f"\n[red]{text}[/red]")

    def table(self, title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a table; amounts come formatted."""
        table = Table(
            title=title,
            title_justify="left",
            title_style="bold",
            header_style="dim",
            box=box.SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
        )
        for name in head:
            table.add_column(name, justify="right" if name in AMOUNTS else "left", no_wrap=True)
        for row in rows:
            table.add_row(*(str(cell) for cell in row))
        self.console.print(table)

    def timeline(self, title: str, timeline: Mapping[str, Any]) -> None:
        """Print a loan's instalments."""
        rows = [
            (
                row["no"],
                row["adjustedDueOn"],
                _figure(row["principalPaise"]),
                _figure(row["interestPaise"]),
                _figure(row["chargesPaise"]),
                _figure(row["paidPaise"]),
                row["status"],
                row["paidOn"] or "–",
            )
            for row in timeline["rows"]
        ]
        head = ("no", "due", "principal", "interest", "charges", "paid", "status", "paid on")
        self.table(title, head, rows)

    def ledger(self, title: str, postings: Sequence[Mapping[str, Any]]) -> None:
        """Print a loan's ledger summed by account; it balances to the paisa."""
        debits: dict[str, int] = {}
        credits_: dict[str, int] = {}
        for posting in postings:
            for entry in posting["entries"]:
                side = debits if entry["amountPaise"] > 0 else credits_
                side[entry["account"]] = side.get(entry["account"], 0) + abs(entry["amountPaise"])
        accounts = sorted({*debits, *credits_})
        rows: list[Sequence[object]] = [
            (
                name,
                _figure(debits.get(name, 0)),
                _figure(credits_.get(name, 0)),
                _figure(debits.get(name, 0) - credits_.get(name, 0)),
            )
            for name in accounts
        ]
        total_debit, total_credit = sum(debits.values()), sum(credits_.values())
        rows.append(
            ("Σ", _figure(total_debit), _figure(total_credit), _figure(total_debit - total_credit))
        )
        self.table(title, ("account", "debit", "credit", "balance"), rows)


def rupees(paise: int) -> str:
    """Return an amount as people read it."""
    return format_rupees(paise)


def _figure(paise: int) -> str:
    """Return an amount for a table, whose title says that it is in rupees."""
    return format_rupees(paise).replace("₹", "")
