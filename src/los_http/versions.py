"""Which version of something a client saw: `ETag` out, `If-Match` in.

A version's tag is its number in quotes; compressing an answer makes it a weak one, which names the
same version. `If-Match: *` would say "whatever it is by now", which is
what the header is there to rule out, so it is refused like any other text that is no tag.
"""

import re
from typing import Annotated, Any, Final

from litestar import Response
from litestar.params import HeaderParameter

from los_core.domain.errors import Invalid, PreconditionRequired

HEADER: Final = "If-Match"
_TAG: Final = re.compile(r'(?:W/)?"(0|[1-9][0-9]{0,8})"', re.ASCII)

IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name=HEADER,
        required=False,
        description='The version you saw, in quotes, as its ETag said it: "3". Without it, 428',
    ),
]


def seen(if_match: IfMatch = None) -> int:
    """Return the version that a command is for.

    Raises: PreconditionRequired: none is named; Invalid: it is no tag of ours.
    """
    if if_match is None:
        raise PreconditionRequired(f"say in {HEADER} which version you saw")
    found = _TAG.fullmatch(if_match)
    if found is None:
        raise Invalid(
            "the version is not readable", fields=[(HEADER, 'must be an ETag such as "3"')]
        )
    return int(found[1])


def tagged(content: Any, version: int, *, status: int = 200) -> Response[Any]:
    """Return an answer with its version's tag."""
    return Response(content, status_code=status, headers={"ETag": f'"{version}"'})
