"""What processes say: one line an event, for people or machines, without personal data.

Every line of structlog and of the standard library passes `redacted`. It is the last line of
defence: what is logged are ids, codes and counts; bodies, headers and query strings never are.
Source: reliability design §15; threat table, logs.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Final

import structlog

from los_adapters.config import LogSettings
from los_core.domain.redaction import HIDDEN, covered

_SECRET_NAMES: Final = re.compile(
    r"(?i)password|secret|authori[sz]ation|cookie|token|otp|totp|api_?key|signature|account_number"
    r"|aadhaar|\bpan\b|body|phone|email|dob|born_on"
)
_PATTERNS: Final = (
    re.compile(r"(?i)\b(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?"),
    re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,180}\.[A-Za-z]{2,24}"),
)


def configure(settings: LogSettings) -> None:
    """Have structlog and the standard library write to standard error, redacted."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: list[Any] = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    if settings.format == "json":
        render = [structlog.processors.JSONRenderer()]
    level = logging.getLevelNamesMapping()[settings.level]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, redacted, *render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redacted,
                *render,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Clients log every address they ask for, with what is in it; the fonts every table they cut.
    for name in ("alembic", "httpx", "httpcore", "uvicorn.access", "fontTools"):
        logging.getLogger(name).setLevel(logging.WARNING)


def redacted(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Hide what looks like a secret or a person, by name and by form; a structlog processor."""
    for name, value in event.items():
        event[name] = _clean(name, value)
    return event


def _clean(name: str, value: Any) -> Any:
    if name != "event" and _SECRET_NAMES.search(name):
        return HIDDEN
    if isinstance(value, str):
        return value if name == "timestamp" else hidden(value)
    if isinstance(value, Mapping):
        return {key: _clean(str(key), each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_clean(name, each) for each in value]
    if value is None or isinstance(value, int | float | bool):
        return value
    return hidden(str(value))


def hidden(text: str) -> str:
    """Return a text with everything that looks like a secret or a person covered."""
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return covered(text)
