"""The page of controls: one HTML document without scripts and without anything from elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from los_adapters.sandbox.courier import Post
from los_adapters.sandbox.faults import WEBHOOK_KINDS, Fault, FaultKind
from los_adapters.sandbox.personas import Persona
from los_adapters.sandbox.vendors import VENDORS
from los_adapters.sandbox.world import World
from los_core.domain.money import Paise
from los_core.domain.rupees import format_rupees

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem;
  color: #1d2733; background: #fbfbf9 }
h1 { font-size: 1.5rem; margin-bottom: 0 } h2 { font-size: 1.1rem; margin-top: 2.5rem }
nav a { margin-right: 1rem } p.lead { color: #556; margin-top: .3rem }
table { border-collapse: collapse; width: 100% } caption { text-align: left; color: #556 }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0;
  border-bottom: 1px solid #e2e2dc }
th { font-weight: 600; white-space: nowrap } td.text { white-space: pre-wrap }
code { font-size: .92em } form { margin: .3rem 0 } form.row { display: inline }
input, select, button { font: inherit; padding: .15rem .4rem; margin-right: .3rem }
"""

_LATEST = 50


def drawn(
    world: World,
    faults: Mapping[str, Fault],
    actions: Mapping[str, Mapping[str, Sequence[str]]],
    *,
    smtp_port: int | None,
) -> str:
    """Return the page as it stands now; reload it to see more."""
    mail = f", mail on port {smtp_port}" if smtp_port else ""
    sections = [
        _section("messages", "Messages people received", _messages(world.messages())),
        _section("actions", "What a person can do", _actions(actions)),
        _section("webhooks", "Webhooks", _webhooks(world.courier.posts())),
        _section("faults", "Faults", _switches(faults)),
        _section("personas", "People", _people(world.personas)),
    ]
    links = "".join(
        f'<a href="#{name}">{name}</a>'
        for name in ("messages", "actions", "webhooks", "faults", "personas")
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox</title>'
        f"<style>{_STYLE}</style><h1>Sandbox</h1>"
        f'<p class="lead">Vendors at <code>{escape(world.base_url)}/…</code>{mail}. '
        f"Business time {world.clock():%d %b %Y, %H:%M} UTC. Nothing here is real.</p>"
        f"<nav>{links}</nav>{''.join(sections)}</html>"
    )


def _section(name: str, title: str, body: str) -> str:
    return f'<h2 id="{name}">{title}</h2>{body}'


def _table(head: Iterable[str], rows: Iterable[Iterable[str]], none: str) -> str:
    lines = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    if not lines:
        return f"<p>{none}</p>"
    titles = "".join(f"<th>{title}</th>" for title in head)
    return f"<table><tr>{titles}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _messages(messages: Sequence[Mapping[str, object]]) -> str:
    return _table(
        ("when", "by", "to", "text"),
        (
            (
                escape(str(message["at"])[:16].replace("T", " ")),
                escape(str(message["channel"])),
                escape(str(message["to"])),
                escape(f"{message.get('subject', '')}\n{message['text']}".strip()).replace(
                    "\n", "<br>"
                ),
            )
            for message in reversed(messages[-_LATEST:])
        ),
        "None yet.",
    )


def _actions(actions: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    forms = [
        f'<form method="post" action="/_sandbox/actions/{vendor}/{name}">'
        f"<b>{escape(vendor)}</b> {escape(name.replace('_', ' '))} "
        + "".join(
            f'<label>{escape(field)} <input name="{escape(field)}"></label>' for field in fields
        )
        + "<button>do</button></form>"
        for vendor, offered in actions.items()
        for name, fields in offered.items()
    ]
    return "".join(forms) or "<p>Nothing at present.</p>"


def _webhooks(posts: Sequence[Post]) -> str:
    return _table(
        ("no.", "vendor", "event", "state", "tries", "answer", ""),
        (
            (
                str(post.number),
                escape(post.vendor),
                f"<code>{escape(post.event_id)}</code>",
                escape(post.state),
                str(post.tries),
                escape(post.answer),
                _button(f"webhooks/{post.number}/again", "again"),
            )
            for post in reversed(posts[-_LATEST:])
        ),
        "None yet.",
    )


def _button(action: str, word: str, **fields: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    return (
        f'<form class="row" method="post" action="/_sandbox/{action}">{hidden}'
        f"<button>{word}</button></form>"
    )


def _switches(faults: Mapping[str, Fault]) -> str:
    vendors = "".join(f"<option>{name}</option>" for name in (*sorted(VENDORS), "mail"))
    kinds = "".join(
        f"<option value='{kind}'>{kind}{' (webhooks)' if kind in WEBHOOK_KINDS else ''}</option>"
        for kind in FaultKind
    )
    form = (
        '<form method="post" action="/_sandbox/faults">'
        f'<select name="vendor">{vendors}</select><select name="kind">{kinds}</select>'
        '<label>operation <input name="operation" title="POST /path; empty: all"></label>'
        '<label>times <input name="times" size="4" title="empty: until switched off"></label>'
        "<button>switch on</button></form>"
    )
    on = _table(
        ("vendor", "kind", "operation", "calls left", ""),
        (
            (
                escape(fault.vendor),
                fault.kind,
                escape(fault.operation or "all"),
                "all" if fault.times is None else str(fault.times),
                _button("faults/off", "off", key=key),
            )
            for key, fault in faults.items()
        ),
        "All is well: no fault is on.",
    )
    return form + on


def _a_month(net_salary: Paise) -> str:
    return f"{format_rupees(net_salary)} a month"


def _people(people: Iterable[Persona]) -> str:
    return _table(
        ("who", "mobile, e-mail", "PAN, Aadhaar", "bank", "work", "peculiar"),
        (
            (
                f"<b>{escape(person.full_name)}</b><br>{escape(person.address.city)}",
                f"{person.phone}<br>{escape(person.email)}",
                f"{person.pan}<br>{person.aadhaar}",
                f"{person.bank.account_number}<br>{person.bank.ifsc}",
                f"{escape(person.employer)}<br>{_a_month(person.net_salary)}<br>UAN {person.uan}",
                escape(", ".join(sorted(person.behaviours))) or "–",
            )
            for person in people
        ),
        "Nobody.",
    )
