"""What Prometheus is told: bounded labels, and figures of the moment somebody looks."""

import asyncio
import socket
import urllib.request
from uuid import uuid4

import httpx

from los_adapters.config import Settings
from los_adapters.container import in_memory
from los_adapters.metrics import Figure, Metrics
from los_http.app import create_app


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _told(metrics: Metrics) -> str:
    port = _free_port()
    stop = metrics.serve("127.0.0.1", port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:  # ours
        text: str = answer.read().decode()
    stop()
    return text


def test_requests_are_counted_by_template_and_status() -> None:
    metrics = Metrics(lambda: ())
    for status in (200, 200, 404):
        metrics.request("GET", "/api/v1/web/loans/{loan_id}", status, 0.02)

    told = _told(metrics)

    labels = 'method="GET",route="/api/v1/web/loans/{loan_id}"'
    assert f'los_http_request_seconds_count{{{labels},status="200"}} 2.0' in told
    assert f'los_http_request_seconds_count{{{labels},status="404"}} 1.0' in told
    assert f'los_http_request_seconds_bucket{{le="0.025",{labels},status="200"}} 2.0' in told


def test_figures_are_asked_for_at_each_look() -> None:
    due = iter([3, 5])
    metrics = Metrics(lambda: [Figure("los_jobs_due", "Due", next(due), "money")])

    assert 'los_jobs_due{queue="money"} 3.0' in _told(metrics)
    assert 'los_jobs_due{queue="money"} 5.0' in _told(metrics)


def test_no_label_holds_what_a_client_chose() -> None:
    seen: set[tuple[str, str, int]] = set()

    def measure(method: str, route: str, status: int, _: float) -> None:
        seen.add((method, route, status))

    app = create_app(in_memory().services, measure=measure)

    async def ask() -> None:
        wire = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]  # the same protocol
        async with app.lifespan(), httpx.AsyncClient(transport=wire, base_url="http://x") as http:
            for number in range(20):
                await http.request(f"BREW{number}", f"/x/{uuid4()}")
                await http.get(f"/api/v1/web/loans/{uuid4()}?q={number}")

    asyncio.run(ask())

    assert seen == {("OTHER", "-", 405), ("GET", "/api/v1/web/loans/{loan_id}", 401)}


def test_nothing_is_told_unless_a_port_is_named() -> None:
    assert Settings().metrics.port is None
