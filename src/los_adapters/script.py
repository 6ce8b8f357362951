"""What a fake does on its next calls instead of working. Every memory fake has one.

fake.script.fail(Unknown("no answer"), operation="send", after=True)
"""

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from los_core.ports.errors import ProviderError


@attrs.define
class _Planned:
    error: ProviderError
    operation: str
    after: bool
    times: int


@attrs.define
class Script:
    """Failures planned for a fake, met in the order they were planned."""

    _planned: list[_Planned] = attrs.field(factory=list, init=False)

    def fail(
        self, error: ProviderError, *, operation: str = "", after: bool = False, times: int = 1
    ) -> None:
        """Have the next `times` calls of `operation` (a method's name, "" any) raise `error`.

        With `after` the fake does what it was asked first: the call was carried out, and nobody
        was told.
        """
        self._planned.append(_Planned(error, operation, after, times))

    @contextmanager
    def call(self, operation: str) -> Iterator[None]:
        """Wrap one method of the fake: raises the planned failure before or after it."""
        planned = self._next(operation)
        if planned is not None and not planned.after:
            raise planned.error
        yield
        if planned is not None:
            raise planned.error

    def _next(self, operation: str) -> _Planned | None:
        for planned in self._planned:
            if planned.operation in ("", operation):
                planned.times -= 1
                if planned.times <= 0:
                    self._planned.remove(planned)
                return planned
        return None
