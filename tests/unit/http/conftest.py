import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeVar

import attrs
import httpx
import pytest
from litestar import Litestar

from los_adapters.container import InMemory, in_memory
from los_core.domain.access import Role, needs_totp
from los_core.domain.brand import Brand, Officer, Settings
from los_core.domain.charges import FeeRule
from los_core.domain.due_rules import FixedDay
from los_core.domain.ids import BrandId
from los_core.domain.kyc import Email
from los_core.domain.offers import LoanProduct
from los_core.domain.policies import DayCount, Method
from los_core.domain.pricing import Product
from los_http.addresses import Hosts
from los_http.app import create_app

T = TypeVar("T")
PASSWORD = "Sahyadri-monsoon-2026"
READING = Hosts(brand_domain="los.test")
OFFICER = Officer(name="Meera Iyer", phone="02067001234", email="care@bharat.example")


class Client:
    """Calls the application from a loop in a thread of its own, in which its lifespan is."""

    def __init__(self, app: Litestar) -> None:
        self.app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._ready, self._over = threading.Event(), asyncio.Event()
        self._serving = asyncio.run_coroutine_threadsafe(self._serve(), self._loop)
        assert self._ready.wait(10)

    def __call__(
        self, method: str, path: str, *, token: str | None = None, **kwargs: Any
    ) -> httpx.Response:
        headers = dict(kwargs.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self.send(self.http.build_request(method, path, headers=headers, **kwargs))

    def send(self, request: httpx.Request) -> httpx.Response:
        return self._wait(self.http.send(request))

    def together(self, *requests: httpx.Request) -> list[httpx.Response]:
        """Send requests at the same time."""

        async def gather() -> list[httpx.Response]:
            return await asyncio.gather(*map(self.http.send, requests))

        return self._wait(gather())

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._serving.result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _serve(self) -> None:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)  # type: ignore[arg-type]  # the same protocol
        async with (
            self.app.lifespan(),
            httpx.AsyncClient(transport=transport, base_url="http://los.test") as self.http,
        ):
            self._ready.set()
            await self._over.wait()

    def _wait(self, answer: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(answer, self._loop).result(30)


@attrs.define
class World:
    """A lender with staff over fakes, and the API before it."""

    fakes: InMemory
    brand_id: BrandId
    other_brand_id: BrandId
    secrets: dict[str, str]
    client: Client

    @property
    def brand(self) -> str:
        return f"/api/v1/partner/brand/{self.brand_id}"

    @staticmethod
    def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
        """Check an answer's error shape; return it."""
        body: dict[str, Any] = answer.json()
        assert answer.status_code == status, answer.text
        always = {"statusCode", "message", "error", "timestamp", "path", "code"}
        assert set(body) - {"details"} == always
        assert (body["statusCode"], body["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/json"
        return body

    def who(self, phone: str = "9876543210", brand_id: BrandId | None = None) -> dict[str, str]:
        """Return a phone at a brand, as it is sent."""
        return {"brandId": str(brand_id or self.brand_id), "phone": phone}

    def code_sent(self) -> str:
        return str(self.fakes.message.sent[-1].variables["otp"])

    def customer(self, phone: str = "9876543210", brand_id: BrandId | None = None) -> str:
        """Register a customer; return their access token."""
        who = self.who(phone, brand_id)
        assert self.client("POST", "/api/v1/web/auth/register", json=who).status_code == 202
        answer = self.client(
            "POST", "/api/v1/web/auth/verify-otp", json={**who, "otp": self.code_sent()}
        )
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["accessToken"]
        return token

    def staff(self, name: str) -> str:
        """Log a member of staff in; return their access token."""
        secret = self.secrets[name]
        factor = self.fakes.second_factor
        body = {"email": f"{name}@bharat.example", "password": PASSWORD}
        if secret:
            body["totp"] = factor.code(secret, self.fakes.clock.now())
        answer = self.client("POST", "/api/v1/partner/auth/login", json=body)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["accessToken"]
        return token


PEOPLE = {
    "root": Role.SUPER_ADMIN,
    "executive": Role.CREDIT_EXECUTIVE,
    "manager": Role.CREDIT_MANAGER,
    "maker": Role.DISBURSEMENT,
    "checker": Role.ACCOUNTS,
    "collector": Role.COLLECTION_MANAGER,
    "support": Role.SUPPORT,
}


@pytest.fixture
def world() -> Iterator[World]:
    with _world() as made:
        yield made


@pytest.fixture(scope="module")
def still() -> Iterator[World]:
    """A world for tests that leave it as it is; they may ask often."""
    with _world(patience=50) as made:
        yield made


@contextmanager
def _world(patience: int = 1) -> Iterator[World]:
    fakes = in_memory(patience=patience)
    services = fakes.services
    brand_id, other_id = (_brand(services, code) for code in ("bharat", "other"))
    secrets = {}
    for name, role in PEOPLE.items():
        made = services.brands.hire(
            email=Email.parse(f"{name}@bharat.example"),
            name=name.title(),
            password=PASSWORD,
            roles=frozenset({role}),
            brands=frozenset({brand_id}),
            second_factor=needs_totp({role}),
        )
        secrets[name] = made.totp_secret
    client = Client(create_app(services, threads=4, files=fakes.storage, reading=READING))
    try:
        yield World(fakes, brand_id, other_id, secrets, client)
    finally:
        client.close()


def _brand(services: Any, code: str) -> BrandId:
    brand = Brand(
        id=services.brands.new_brand_id(),
        code=code,
        subdomain=code,
        name=f"{code.title()} Credit",
        lender=f"{code}-finance",
        legal_name=f"{code.title()} Finance Private Limited",
        rbi_reg_no="N-13.02345",
        address="Senapati Bapat Road, Pune 411016",
        gst_state="MH",
        grievance_officer=OFFICER,
        nodal_officer=OFFICER,
    )
    product = LoanProduct(
        code="SALARY_EMI",
        name="Salaried personal loan",
        min_amount=10_000_00,
        max_amount=60_000_00,
        step=1_000_00,
        tenures=(3, 6, 9, 12),
        price=Product(
            method=Method.REDUCING,
            rate_pct=Decimal(24),
            due_rule=FixedDay(cycle_days=(5,), min_first_gap_days=15),
            fee_rule=FeeRule(pct=Decimal("2.5"), minimum=750_00, maximum=5_000_00),
            day_count=DayCount.MONTHLY,
        ),
    )
    services.brands.create(brand, Settings(), products=[product])
    return brand.id
