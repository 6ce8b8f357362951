"""The sandbox on real sockets: answers, silence, cuts, mail, webhooks, and a kill survived."""

import json
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from los_adapters import registry
from los_adapters.directory import ProviderRow
from los_adapters.sandbox import mail, vendors
from los_adapters.sandbox.server import serve
from los_core.ports.errors import Unknown
from los_core.ports.message import Attachment, Channel, Message

SMS = Message(
    id="0199d6a2-7c11-7000-8000-0000000000a1",
    channel=Channel.SMS,
    to="9822010101",
    template="OTP",
    variables={"otp": "482913"},
)

RUN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from los_adapters.sandbox.server import serve

def ready(base_url, smtp_port):
    print(base_url, smtp_port, flush=True)

serve("127.0.0.1", int(sys.argv[2]), 0, Path(sys.argv[1]), lambda: datetime.now(UTC), ready=ready)
"""


class Running:
    """A sandbox in a process of its own."""

    def __init__(self, state: Path, port: int = 0) -> None:
        self.process = subprocess.Popen(  # noqa: S603 # this interpreter, our own words
            [sys.executable, "-c", RUN, str(state), str(port)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        told = self.process.stdout.readline().split()
        self.base_url, self.smtp_port = told[0], int(told[1])

    def get(self, path: str) -> Any:
        return httpx.get(f"{self.base_url}/_sandbox/{path}").json()

    def switch_on(self, vendor: str, kind: str) -> None:
        fault = {"vendor": vendor, "kind": kind, "times": 1}
        httpx.post(f"{self.base_url}/_sandbox/faults", json=fault).raise_for_status()

    def kill(self) -> None:
        self.process.kill()
        self._wait()

    def stop(self) -> int:
        self.process.terminate()
        return self._wait()

    def _wait(self) -> int:
        code = self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path / "sandbox.db")
    yield running
    if running.process.poll() is None:
        running.stop()


def send(base_url: str) -> str:
    settings = vendors.settings("msg91", f"{base_url}/msg91")
    built = registry.opened("message", ProviderRow(name="msg91", settings=settings))
    try:
        return str(built.adapter.send(SMS).provider_ref)
    finally:
        built.close()


def test_an_adapter_reaches_its_vendor_over_http(sandbox: Running) -> None:
    assert send(sandbox.base_url).startswith("sbx")
    [told] = sandbox.get("messages?to=9822010101")
    assert told["variables"] == {"otp": "482913"}
    assert "Nothing here is real" in httpx.get(f"{sandbox.base_url}/_sandbox/").text


def test_a_cut_after_success_is_a_cut_on_the_wire(sandbox: Running) -> None:
    sandbox.switch_on("msg91", "cut_after")
    with pytest.raises(Unknown):
        send(sandbox.base_url)
    assert len(sandbox.get("messages")) == 1


def test_silence_is_silence_until_the_caller_hangs_up(sandbox: Running) -> None:
    sandbox.switch_on("msg91", "drop_before")
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{sandbox.base_url}/msg91/api/v5/flow", timeout=0.3)
    assert sandbox.get("messages") == []


def test_what_was_answered_is_still_so_after_a_kill(tmp_path: Path) -> None:
    state = tmp_path / "sandbox.db"
    first = Running(state)
    reference = send(first.base_url)
    first.kill()
    second = Running(state)
    try:
        [told] = second.get("messages")
        assert told["request_id"] == reference
        assert send(second.base_url) != reference
    finally:
        assert second.stop() == 0


def test_mail_is_kept_with_its_files_and_needs_a_log_in(sandbox: Running) -> None:
    settings = mail.settings("127.0.0.1", sandbox.smtp_port)
    adapter = registry.opened("message", ProviderRow(name="smtp", settings=settings)).adapter
    adapter.send(
        Message(
            id="m1",
            channel=Channel.EMAIL,
            to="asha.deshpande@example.in",
            template="NO_DUES",
            subject="No dues",
            text="Nothing is owed.",
            attachments=(Attachment("noc.pdf", "application/pdf", b"%PDF-1.7"),),
        )
    )
    [told] = sandbox.get("messages?to=asha.deshpande@example.in")
    assert (told["subject"], told["files"][0]["name"]) == ("No dues", "noc.pdf")
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, local_hostname="x") as session:
        session.ehlo()
        assert session.mail("a@example.in")[0] == 530


@contextmanager
def receiver(statuses: list[int]) -> Iterator[tuple[str, list[bytes], Event]]:
    """Run a webhook endpoint that answers with each status in turn, then 200."""
    got: list[bytes] = []
    taken = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["content-length"])))
            status = statuses.pop(0) if statuses else 200
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()
            if status == 200:
                taken.set()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", got, taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_queued_webhook_outlives_a_kill(tmp_path: Path) -> None:
    state = tmp_path / "sandbox.db"
    queue = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime\n"
        "from los_adapters.sandbox.world import SqliteState, World\n"
        "from los_adapters.sandbox.courier import Courier\n"
        "from los_adapters.sandbox.personas import Personas\n"
        "world = World(SqliteState(Path(sys.argv[1])), Personas(), lambda: datetime.now(UTC),"
        " Courier())\n"
        "world.courier.post('razorpay', sys.argv[2], {'x-id': '1'}, b'{\"n\": 1}', 'ev_1')\n"
    )
    with receiver([]) as (url, got, taken):
        subprocess.run([sys.executable, "-c", queue, str(state), url], check=True)  # noqa: S603 # as above
        running = Running(state)
        try:
            assert taken.wait(10)
        finally:
            running.stop()
    assert [json.loads(body) for body in got] == [{"n": 1}]


def test_the_sandbox_listens_on_this_machine_only(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="this machine"):
        serve("0.0.0.0", 0, 0, tmp_path, lambda: datetime.now(UTC), ready=lambda *_: None)  # noqa: S104 # refused
