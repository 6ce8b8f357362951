"""The laws of signing, tried on every vendor."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import attrs
import pytest
from pypdf import PdfWriter

from los_adapters import registry
from los_core.ports.esign import DocketRequest
from los_core.testing.esign import SignLaws, SignRig
from los_core.testing.provider import Call, Fault

NOW = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)
WIRES = {
    "signzy": {
        "create": "POST /api/v3/contract/initiate",
        "inquire": "POST /api/v3/contract/pullData",
        "fetch_signed": "GET /files/{file}",
    }
}
DAMAGED = {Fault.GARBAGE_AFTER, Fault.TRUNCATED_AFTER, Fault.SCHEMA_AFTER}


@pytest.fixture(params=registry.cases("esign"))
def rig(request: pytest.FixtureRequest, stand: Any) -> SignRig:
    name = request.param
    place = stand("esign", name, effects=frozenset({"create"}), wire=WIRES.get(name))
    asha = place.world.personas["asha"]
    wanted = DocketRequest(
        reference="LN-000042-A1",
        title="Loan agreement LN-000042",
        pdf=_document(),
        signer=asha.aadhaar_name,
        phone=asha.phone,
        email=asha.email,
        signer_last4=asha.aadhaar[-4:],
        signer_birth_year=asha.born_on.year,
        callback_url="http://127.0.0.1:9/webhooks/signzy",
        callback_secret="a value of thirty-two random bytes",
        return_url="http://127.0.0.1:9/signed",
        expires_in=timedelta(days=3),
    )
    vendor = None if place.fake else place.switchboard.vendor(name)

    def sign(docket_id: str) -> None:
        if vendor is None:
            place.adapter.sign(docket_id, at=NOW)
        else:
            vendor.sign(docket_id)

    def meet(fault: Fault, operation: str) -> bool:
        if operation == "fetch_signed" and fault in DAMAGED:
            return False  # a file has no shape to break: its own laws speak of damage
        return bool(place.meet(fault, operation))

    signed = place.adapter.create(wanted).docket_id
    sign(signed)
    report = place.adapter.inquire(signed)
    return SignRig(
        name=name,
        adapter=place.adapter,
        calls=(
            Call("create", effect=True, make=lambda signer: signer.create(wanted)),
            Call("inquire", effect=False, make=lambda signer: signer.inquire(signed)),
            Call("fetch_signed", effect=False, make=lambda signer: signer.fetch_signed(report)),
        ),
        meet=meet,
        secrets=(*place.secrets, wanted.callback_secret, asha.phone, asha.aadhaar_name),
        request=wanted,
        refused=attrs.evolve(wanted, pdf=b"<html>no document</html>"),
        now=NOW,
        sign=sign,
        decline=place.adapter.decline if vendor is None else vendor.decline,
        dockets=lambda: len(
            place.adapter.requests if place.fake else place.world.state(name).all()
        ),
    )


class TestESign(SignLaws):
    pass


def _document() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
