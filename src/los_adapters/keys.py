"""The keys of an installation: how they are written, and those the embedded default makes.

Where they are set is config.py's matter; what is done with them, that of the ciphers and tokens.
"""

import base64
import binascii
import fcntl
import json
import os
import re
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import attrs

KEY_BYTES = 32
EMBEDDED_KEY_ID = "embedded"


@attrs.frozen
class Key:
    """A secret of 32 bytes and the id that what it made carries."""

    id: str
    secret: bytes = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Keys:
    """The keys of an installation; of a ring, the first makes and all of them check.

    Attributes:
        jwt: Ed25519 seeds that sign access tokens.
        kek: wrap the data key of each brand; none where a key service does.
        blind_index: makes personal data findable by full value; never stored with the data.
        code: keys the hash of one-time codes.
        link: signs download addresses of files on disk.
        audit: prove the heads of the audit chain, which are kept outside the database.
    """

    jwt: tuple[Key, ...]
    kek: tuple[Key, ...]
    blind_index: Key
    code: Key
    link: Key
    audit: tuple[Key, ...]

    @classmethod
    def parse(cls, texts: Mapping[str, str]) -> Self:
        """Read every key from its text; only `kek` may be missing. Raises: ValueError."""
        rings = {name: parse_ring(text) for name, text in texts.items()}
        return cls(
            jwt=rings["jwt"],
            kek=rings.get("kek", ()),
            blind_index=rings["blind_index"][0],
            code=rings["code"][0],
            link=rings["link"][0],
            audit=rings["audit"],
        )


def embedded_keys(path: Path) -> dict[str, str]:
    """Return the keys kept in `path`, made at the first call; several processes agree on them.

    Raises: PermissionError: the file has become readable by others than its owner.
    """
    if not path.exists():
        _write_once(path, {field.name: new_key(EMBEDDED_KEY_ID) for field in attrs.fields(Keys)})
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"others can read it: chmod 600 {path}")
    found: dict[str, str] = json.loads(path.read_text())
    names = [field.name for field in attrs.fields(Keys)]
    return found if found.keys() >= set(names) else _completed(path, names)


def new_key(key_id: str) -> str:
    """Return a new key as the settings write it."""
    return f"{key_id}:{base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def parse_ring(text: str) -> tuple[Key, ...]:
    """Parse `<id>:<base64url>[,…]`. Raises: ValueError: without the text, which is secret."""
    return tuple(_key(part.strip()) for part in text.split(","))


def _key(text: str) -> Key:
    key_id, _, encoded = text.partition(":")
    try:
        secret = base64.b64decode(encoded, altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("not <id>:<base64url>") from None
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,40}", key_id) or len(secret) != KEY_BYTES:
        raise ValueError(f"not <id>:<{KEY_BYTES} bytes in base64url>")
    return Key(key_id, secret)


def _completed(path: Path, names: Sequence[str]) -> dict[str, str]:
    """Add the keys that a file of an older release lacks; one process does, the others see it."""
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        found: dict[str, str] = json.loads(path.read_text())
        if missing := [name for name in names if name not in found]:
            found |= {name: new_key(EMBEDDED_KEY_ID) for name in missing}
            _written(path, found).replace(path)
    return found


def _write_once(path: Path, content: dict[str, str]) -> None:
    """Write a file whole or not at all; if another process was faster, its file stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = _written(path, content)
    try:
        os.link(whole, path)
    except FileExistsError:
        return
    finally:
        whole.unlink()


def _written(path: Path, content: dict[str, str]) -> Path:
    """Write a new file beside `path`, durable and for its owner only, and return where it is."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    with os.fdopen(handle, "w") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
