"""What can be wrong with an upload: content and the status it is refused with.

Source: threat table rows 58, 59, 88, 89.
"""


def wrong_uploads(sound: bytes, *, locked: bool) -> dict[str, tuple[bytes, int]]:
    """Return (content, status) by name; `sound` is an upload that nothing is wrong with.

    `locked`: a password may come with the file; where it may not, one is a part too many.
    """
    cases = {
        "nothing": (b"", 400),
        "no parts": (b"--edge--\r\n", 400),
        "garbage": (b"\x00\xff" * 500, 400),
        "cut off": (sound[:-20], 400),
        "another part": (form(other=b"x"), 400),
        "one part too many": (form(file=b"%PDF-1.7\n", other=b"x"), 400),
        "5,000 parts": (
            _parts(None, "", None, [(f'name="p{n}"', b"x") for n in range(5_000)]),
            400,
        ),
        "a text for the file": (form(text="%PDF-1.7"), 400),
        "an empty file": (form(file=b""), 422),
        "no PDF": (form(file=b"\x89PNG\r\n\x1a\n"), 422),
        "HTML": (form(file=b"<html><script>1</script>"), 422),
        "half a PDF": (form(file=b"%PDF-1.7\n"), 422),
        "a wild name": (form(file=b"x", filename="../../etc/passwd\u202e"), 422),
        "a long name": (form(file=b"x", filename="n" * 20_000), 400),
        "a long password": (form(file=b"x", password=b"p" * 100_000), 400),
        "a NUL in the password": (form(file=b"x", password=b"a\x00b"), 422),
        "an unknown charset": (
            form(file=b"x", password=b"a").replace(
                b'name="password"', b'name="password"\r\nContent-Type: text/plain; charset=zz'
            ),
            400,
        ),
        "a password that is no text": (form(file=b"x", password=b"\xff\xfe"), 400),
        "SVG": (form(file=b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"), 422),
        "a program": (form(file=b"MZ\x90\x00" + bytes(60)), 422),
        "a moving picture with a script": (form(file=b"GIF89a/*<script>*/=1"), 422),
    }
    if not locked:
        cases |= {name: (body, 400) for name, (body, _) in cases.items() if "password" in name}
    return cases


def form(
    file: bytes | None = None,
    *,
    filename: str = "a.pdf",
    text: str | None = None,
    **more: bytes,
) -> bytes:
    """Return a multipart body: a file, a text in its place, and further fields."""
    parts = [(f'name="{name}"', value) for name, value in more.items()]
    return _parts(file, filename, text, parts)


def _parts(
    file: bytes | None, filename: str, text: str | None, parts: list[tuple[str, bytes]]
) -> bytes:
    if file is not None:
        parts.insert(0, (f'name="file"; filename="{filename}"', file))
    if text is not None:
        parts.append(('name="file"', text.encode()))
    lines = b"".join(
        b"--edge\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + body + b"\r\n"
        for head, body in parts
    )
    return lines + b"--edge--\r\n"
