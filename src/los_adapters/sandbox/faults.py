"""Fault switches: what can go wrong with a vendor, on demand.

A switch names a vendor, an operation and a kind. An operation is a path with its method before
it or without, matched segment by segment from the front; `*` and `{anything}` stand for any
segment, so "POST /v1/orders" and "/v1/orders/{id}/payments" are operations and "" is all of them.
Switches are kept in the world's state: they outlive a kill.
"""

from collections.abc import Callable
from enum import StrEnum

import attrs

from los_adapters.sandbox.world import World


class FaultKind(StrEnum):
    """What goes wrong. In the `_after` kinds the vendor does as asked before."""

    DELAY = "delay"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    CUT_BEFORE = "cut_before"
    CUT_AFTER = "cut_after"
    STATUS_401 = "status_401"
    STATUS_403 = "status_403"
    STATUS_429 = "status_429"
    STATUS_5XX = "status_5xx"
    STATUS_5XX_AFTER = "status_5xx_after"
    GARBAGE_AFTER = "garbage_after"
    TRUNCATED_AFTER = "truncated_after"
    SCHEMA_AFTER = "schema_after"
    DUPLICATE = "duplicate"
    WITHHOLD = "withhold"
    REORDER = "reorder"
    FORGE = "forge"


WEBHOOK_KINDS = frozenset(
    {FaultKind.DUPLICATE, FaultKind.WITHHOLD, FaultKind.REORDER, FaultKind.FORGE}
)


@attrs.frozen(kw_only=True)
class Fault:
    """A switch that is on.

    Attributes:
        operation: "" means every call; not used for webhooks.
        times: how many more calls it meets, None for all until it is switched off.
        seconds: how long a delay is.
    """

    vendor: str
    kind: FaultKind
    operation: str = ""
    times: int | None = None
    seconds: float = 1.0


class Faults:
    """The switches of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._table = world.state("_faults")

    def switch_on(self, fault: Fault) -> str:
        """Turn a fault on and return the key to turn it off by."""
        with self._world.turn():
            key = f"{self._table.next_number('fault'):06d}"
            self._table.put(key, attrs.asdict(fault))
        return key

    def switch_off(self, key: str | None = None) -> None:
        """Turn one fault off, or all of them."""
        with self._world.turn():
            for known in [key] if key is not None else list(self._table.all()):
                self._table.delete(known)

    def on(self) -> dict[str, Fault]:
        """Return the faults in force, the oldest first."""
        return {key: _fault(record) for key, record in self._table.all().items()}

    def met_by(self, vendor: str, method: str, path: str) -> list[Fault]:
        """Return the faults a call meets, counting them as used."""
        return self._use(
            vendor,
            lambda fault: (
                fault.kind not in WEBHOOK_KINDS and matches(fault.operation, method, path)
            ),
        )

    def webhook_faults(self, vendor: str) -> frozenset[str]:
        """Return the kinds a webhook meets, counting them as used."""
        used = self._use(vendor, lambda fault: fault.kind in WEBHOOK_KINDS)
        return frozenset(str(fault.kind) for fault in used)

    def _use(self, vendor: str, applies: Callable[[Fault], bool]) -> list[Fault]:
        used = []
        with self._world.turn():
            for key, fault in self.on().items():
                if fault.vendor != vendor or not applies(fault):
                    continue
                used.append(fault)
                if fault.times is not None and fault.times <= 1:
                    self._table.delete(key)
                elif fault.times is not None:
                    left = attrs.evolve(fault, times=fault.times - 1)
                    self._table.put(key, attrs.asdict(left))
        return used


def matches(operation: str, method: str, path: str) -> bool:
    """Say whether a call is of the operation, as the module's docstring has it."""
    wanted_method, _, wanted_path = operation.rpartition(" ")
    if wanted_method and wanted_method.upper() != method:
        return False
    wanted = [part for part in wanted_path.split("/") if part]
    asked = [part for part in path.split("/") if part]
    return len(wanted) <= len(asked) and all(
        want == "*" or want.startswith("{") or want == part
        for want, part in zip(wanted, asked, strict=False)
    )


def _fault(record: dict[str, object]) -> Fault:
    fields = dict(record)
    fields["kind"] = FaultKind(str(fields["kind"]))
    return Fault(**fields)  # type: ignore[arg-type] # written by switch_on, nowhere else
