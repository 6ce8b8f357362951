"""The laws every provider obeys, whatever its port, and the rig they are tried on.

A test module names a port's laws and gives them a `rig` fixture, once per provider:

    @pytest.fixture(params=["memory", "msg91"])
    def rig(request): return MessageRig(...)

    class TestMessage(MessageLaws): ...

The laws see adapters through their port only: no law asks which adapter it has.
Source: design decision D7 and the design's section on contract suites.
"""

# ruff: noqa: D102 # a law's name is its sentence

import logging
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Generic, TypeVar

import attrs
import pytest

from los_core.ports.errors import ProviderError, Unavailable, Unknown

P = TypeVar("P")


class Fault(StrEnum):
    """What befalls one call. After the faults named `…_AFTER` the vendor has done as asked."""

    REFUSED = "nobody listens"
    CONNECT_TIMEOUT = "nobody answers the connection"
    BUSY = "429: ask more slowly"
    UNAUTHORISED = "401: our credentials are wrong"
    FORBIDDEN = "403: we may not"
    BROKEN = "5xx, nothing done"
    BROKEN_AFTER = "5xx, and yet done"
    SILENT = "no answer, nothing done"
    SILENT_AFTER = "no answer, and yet done"
    CUT = "connection lost, nothing done"
    CUT_AFTER = "connection lost, and yet done"
    GARBAGE_AFTER = "done, and the answer cannot be read"
    TRUNCATED_AFTER = "done, and half of the answer is missing"
    SCHEMA_AFTER = "done, and the answer is of another shape"

    @property
    def done(self) -> bool:
        """Whether the vendor carried the call out."""
        return self.name.endswith("_AFTER")

    @property
    def misconfigured(self) -> bool:
        """Whether people must mend our settings."""
        return self in (Fault.UNAUTHORISED, Fault.FORBIDDEN)

    @property
    def surely_nothing(self) -> bool:
        """Whether we can know that nothing happened at the vendor."""
        return self.misconfigured or self in (Fault.REFUSED, Fault.CONNECT_TIMEOUT, Fault.BUSY)


def outcome(fault: Fault, *, effect: bool) -> type[ProviderError]:
    """Return what a caller must be told: `Unknown` where a call with effect may have had it."""
    return Unknown if effect and not fault.surely_nothing else Unavailable


@attrs.frozen
class Call(Generic[P]):
    """One method of a port with sound arguments.

    Attributes:
        operation: the method's name.
        effect: it moves money, signs or sends: doing it twice is harm.
        make: calls it.
    """

    operation: str
    effect: bool
    make: Callable[[P], object]


@attrs.frozen(kw_only=True)
class Rig(Generic[P]):
    """An adapter ready for work, and what a law may do to it. Each port adds its own fields.

    Attributes:
        name: the provider's name, as errors carry it.
        calls: every method that asks the vendor.
        meet: lets the next call of an operation meet a fault; False if this vendor's protocol has
            no such fault (there is no 403 in SMTP).
        secrets: text that must never be shown: keys, passwords, numbers of the persons used.
    """

    name: str
    adapter: P
    calls: tuple[Call[P], ...]
    meet: Callable[[Fault, str], bool]
    secrets: tuple[str, ...] = attrs.field(repr=False)


class ProviderLaws:
    """The laws of all ports. A port's laws inherit these and add their own."""

    @pytest.mark.parametrize("fault", Fault)
    def test_a_failed_call_has_its_agreed_outcome(self, rig: Rig[Any], fault: Fault) -> None:
        for call in rig.calls:
            if not rig.meet(fault, call.operation):
                continue
            with pytest.raises(ProviderError) as caught:
                call.make(rig.adapter)
            error = caught.value
            about = f"{call.operation} met {fault}"
            assert type(error) is outcome(fault, effect=call.effect), about
            assert getattr(error, "misconfigured", False) is fault.misconfigured, about
            assert error.provider == rig.name, about

    def test_a_busy_vendor_says_when_to_come_back(self, rig: Rig[Any]) -> None:
        for call in rig.calls:
            rig.meet(Fault.BUSY, call.operation)
            with pytest.raises(Unavailable) as caught:
                call.make(rig.adapter)
            wait = caught.value.retry_after_s
            assert wait is None or wait > 0

    def test_a_vendor_serves_again_once_the_fault_is_gone(self, rig: Rig[Any]) -> None:
        for call in rig.calls:
            rig.meet(Fault.REFUSED, call.operation)
            with pytest.raises(Unavailable):
                call.make(rig.adapter)
            call.make(rig.adapter)

    def test_secrets_stay_out_of_repr_and_logs(
        self, rig: Rig[Any], caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            for call in rig.calls:
                call.make(rig.adapter)
        shown = f"{rig.adapter!r} {getattr(rig.adapter, '__dict__', '')!r} {caplog.text}"
        assert [secret for secret in rig.secrets if secret in shown] == []

    @pytest.mark.parametrize("fault", [Fault.BUSY, Fault.UNAUTHORISED, Fault.SCHEMA_AFTER])
    def test_secrets_stay_out_of_errors(
        self, rig: Rig[Any], fault: Fault, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            for call in rig.calls:
                if not rig.meet(fault, call.operation):
                    continue
                with pytest.raises(ProviderError) as caught:
                    call.make(rig.adapter)
                logging.getLogger("laws").error("failed", exc_info=caught.value)
        assert [secret for secret in rig.secrets if secret in caplog.text] == []
