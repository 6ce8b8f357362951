"""The command `los demo`: fresh or resumed, to the end or left running."""

import os
import shutil
import signal
import sys
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click
import httpx

from los_adapters.clock import FileClock
from los_cli.demo.api import Refused
from los_cli.demo.children import ChildDied, Children, Ports
from los_cli.demo.lender import PASSWORD, PEOPLE, Lender, address_of
from los_cli.demo.play import INDIA, Failed, Memory, Play
from los_cli.demo.repay import timeline
from los_cli.demo.script import Step, steps
from los_cli.demo.show import Show

if TYPE_CHECKING:
    from los_core.services import Services

BORROWERS = ("asha", "meena", "arjun")


@click.command("demo")
@click.option("--keep", is_flag=True, help="Leave everything running and print addresses.")
@click.option("--resume", is_flag=True, help="Go on where an earlier run stopped.")
@click.option("--stop", is_flag=True, help="End processes that an earlier run left.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="Where database, files and logs go.",
)
@click.option("--db", default="", help="Another database than SQLite in the folder.")
@click.option("--until", type=int, default=0, help="Stop after this many steps.")
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The business date of the first step; by default the real one.",
)
@click.option("--pause-at", type=int, default=-1, hidden=True)
def command(
    *,
    keep: bool,
    resume: bool,
    stop: bool,
    folder: Path,
    db: str,
    until: int,
    today: datetime | None,
    pause_at: int,
) -> None:
    """Live four customers' loans, from the first code to the no-dues certificate.

    Everything is real but the vendors, which are imitated on the wire. Exit code 0 only if every
    step was verified.
    """
    show = Show()
    folder = folder.resolve()
    if stop:
        _stray(folder).end_strays()
        return
    first_day = today.date() if today else datetime.now(INDIA).date()
    try:
        _run(
            show,
            folder,
            _memory(folder, db=db, today=first_day, resume=resume),
            keep=keep,
            until=until,
            pause_at=pause_at,
        )
    except (Failed, ChildDied, Refused, httpx.TransportError) as err:
        show.failed(f"{type(err).__name__}: {err}")
        show.say(f"logs are in {folder}; `los demo --resume` goes on from here")
        sys.exit(1)


def _memory(folder: Path, *, db: str, today: date, resume: bool) -> Memory:
    """Return the notes of the run to go on with, or those of a new one in a cleared folder."""
    memory = Memory.read(folder / "memory.json")
    if resume and memory.get("lender"):
        return memory
    _stray(folder).end_strays()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    memory = Memory(folder / "memory.json")
    memory.put("ports", attrs.asdict(Ports.free()))
    memory.put("db", db or f"sqlite:///{folder / 'los.db'}")
    memory.put("today", today.isoformat())
    return memory


def _run(
    show: Show, folder: Path, memory: Memory, *, keep: bool, until: int, pause_at: int
) -> None:
    ports = Ports(**memory.get("ports"))
    os.environ.update(_environment(folder, ports, memory.get("db")))
    children = Children(folder, ports)
    children.end_strays()
    show.title("LOS – one customer's loan, end to end, and three that go otherwise")
    lender = _lender(memory, ports, folder)
    try:
        children.start()
        play = Play(
            children=children,
            ports=ports,
            memory=memory,
            lender=lender,
            clock=FileClock(folder / "clock"),
            show=show,
        )
        play.sandbox("POST", "actions/razorpay/webhook", json={"url": lender.webhook_url})
        whole = _play(play, until=until, pause_at=pause_at)
        if whole:
            _end(play)
        if keep:
            _keep(play)
    finally:
        children.stop()


def _play(play: Play, *, until: int, pause_at: int) -> bool:
    """Do what is not done; return whether all is.

    At the end of step `pause_at`, before it is noted as done, the driver stops as by SIGSTOP: that
    is where the fault tests kill it, or one of its children. 0 is before the first step.
    """
    script: list[Step] = steps()
    if pause_at == 0:
        _pause()
    for number, step in enumerate(script, start=1):
        if until and number > until:
            return False
        if play.memory.get(f"done:{step.name}"):
            continue
        play.children.check()
        play.step = step.name
        play.show.step(step.name, number, len(script))
        step.act(play)
        if number == pause_at:
            _pause()
        play.memory.put(f"done:{step.name}", value=True)
    return True


def _pause() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _end(play: Play) -> None:
    """Show timelines, ledgers and files, and check the books."""
    play.step = "the ending"
    for who in BORROWERS:
        loan_id = play.memory.get(f"loan:{who}")
        loan = play.customer(who).get(f"/web/loans/{loan_id}")
        play.show.timeline(
            f"{who.title()} · {loan['loanNo']} · {loan['status']} · ₹", timeline(play, who)
        )
        postings = play.staff("manager").get(f"{play.brand}/loans/{loan_id}/ledger")["postings"]
        balance = sum(e["amountPaise"] for p in postings for e in p["entries"])
        play.equal("the sum of all entries", balance, 0)
        play.show.ledger(f"Ledger of {loan['loanNo']} · ₹", postings)
    play.quiet()
    _files(play)
    transfers = play.vendor_state("idfc")
    play.equal("transfers at the bank", len(transfers), len(BORROWERS))
    report = _services().selfcheck.run()
    play.check(not report.differences, f"selfcheck found {report.differences}")
    dead = play.staff("admin").get("/admin/jobs/runs")["deadLetters"]
    play.equal("dead letters", dead, 0)
    play.show.verified(
        f"Every step verified: {report.loans} loans, {report.facts} facts, {report.entries} "
        "ledger entries, no paisa of difference."
    )


def _files(play: Play) -> None:
    rows = []
    for who in BORROWERS:
        loan_id = play.memory.get(f"loan:{who}")
        found = play.staff("manager").get(f"{play.brand}/loans/{loan_id}/documents")["documents"]
        rows += [(who.title(), d["type"], d["name"], f"{d['size']:,}") for d in found]
    play.show.table("Files written", ("customer", "type", "name", "bytes"), rows)


def _keep(play: Play) -> None:
    """Print where everything is, and stay until interrupted."""
    play.show.title("Running. Stop with Ctrl-C.")
    play.show.say(f"API        {play.ports.api_url}/schema")
    play.show.say(f"sandbox    {play.ports.sandbox_url}/_sandbox/")
    play.show.say(f"brand      {play.lender.brand_id}")
    for person, (name, roles) in PEOPLE.items():
        secret = play.lender.totp.get(person, "")
        factor = f" · TOTP secret {secret}" if secret else ""
        titles = ", ".join(sorted(roles))
        play.show.say(f"{address_of(person)} · {PASSWORD}{factor} · {name}, {titles}")
    play.show.say("customers log in by phone; their codes are on the sandbox's page")
    signal.sigwait({signal.SIGINT, signal.SIGTERM})


def _lender(memory: Memory, ports: Ports, folder: Path) -> Lender:
    """Return the lender, set up when first asked for."""
    kept = memory.get("lender")
    if kept:
        return Lender(**kept)
    from los_cli.demo.seed import seed  # noqa: PLC0415 # a play that goes on does without

    clock = FileClock(folder / "clock")
    today = date.fromisoformat(memory.get("today"))
    clock.move_to(datetime.combine(today, time(10), tzinfo=INDIA))
    lender = seed(_services(), ports, today=clock.business_date())
    memory.put("lender", attrs.asdict(lender))
    return lender


def _services() -> "Services":
    """Return the services as an operator's commands use them; the play goes through the API."""
    from los_adapters.config import load  # noqa: PLC0415 # a play that goes on does without
    from los_adapters.container import embedded  # noqa: PLC0415 # as above

    return embedded(load())


def _environment(folder: Path, ports: Ports, db: str) -> dict[str, str]:
    return {
        "LOS_ENV": "embedded",
        "LOS_DB__URL": db,
        "LOS_CLOCK_FILE": str(folder / "clock"),
        "LOS_KEYS__FILE": str(folder / "keys.json"),
        "LOS_STORAGE__FOLDER": str(folder / "files"),
        "LOS_HTTP__PUBLIC_URL": ports.api_url,
        "LOS_PROVIDERS__SANDBOX_URL": ports.sandbox_url,
    }


def _stray(folder: Path) -> Children:
    return Children(folder, Ports(api=0, sandbox=0, mail=0))
