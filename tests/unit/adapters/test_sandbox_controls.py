"""What can be seen and done under `/_sandbox/`, and how faults are played, without a socket."""

from datetime import UTC, datetime

import httpx
import pytest

from los_adapters.sandbox import msg91
from los_adapters.sandbox.controls import Controls
from los_adapters.sandbox.courier import Courier
from los_adapters.sandbox.faults import Fault, FaultKind
from los_adapters.sandbox.personas import Personas
from los_adapters.sandbox.switchboard import Switchboard
from los_adapters.sandbox.world import MemoryState, World
from los_core.domain.notices import NOTICES

BASE = "http://127.0.0.1:9"
SEND = {
    "template_id": msg91.SANDBOX_TEMPLATES["OTP"],
    "recipients": [{"mobiles": "919822010101", "otp": "482913", "minutes": "5"}],
}


@pytest.fixture
def world() -> World:
    sent = Courier(lambda _post: 200, timer=lambda: 0.0)
    return World(MemoryState(), Personas(), lambda: datetime(2026, 11, 25, tzinfo=UTC), sent)


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def switchboard(world: World, pauses: list[float]) -> Switchboard:
    return Switchboard(world, pause=pauses.append)


@pytest.fixture
def web(switchboard: Switchboard) -> httpx.Client:
    controls = Controls(switchboard, smtp_port=2525)

    def answer(request: httpx.Request) -> httpx.Response:
        return (controls if request.url.path.startswith("/_sandbox") else switchboard)(request)

    return httpx.Client(transport=httpx.MockTransport(answer), base_url=BASE)


def send(web: httpx.Client) -> httpx.Response:
    headers = {"authkey": msg91.SANDBOX_AUTHKEY}
    return web.post("/msg91/api/v5/flow", json=SEND, headers=headers)


def test_health_says_where_everything_is(web: httpx.Client) -> None:
    health = web.get("/_sandbox/health").json()
    assert health["status"] == "ok"
    assert health["smtpPort"] == 2525
    assert health["businessTime"] == "2026-11-25T00:00:00+00:00"


def test_a_code_sent_by_sms_is_read_as_its_recipient_reads_it(web: httpx.Client) -> None:
    assert send(web).json()["type"] == "success"
    [told] = web.get("/_sandbox/messages", params={"to": "9822010101"}).json()
    assert told["variables"]["otp"] == "482913"
    assert told["text"] == NOTICES["OTP"].sms.format(otp="482913", brand_name="", minutes="5")
    assert web.get("/_sandbox/messages", params={"to": "9822010202"}).json() == []


def test_people_are_listed_with_all_their_numbers(web: httpx.Client) -> None:
    people = {person["key"]: person for person in web.get("/_sandbox/personas").json()}
    assert people["asha"]["born_on"] == "1993-07-14"
    assert people["asha"]["full_name"] == "Asha Vinayak Deshpande"
    assert people["farhan"]["behaviours"] == ["aadhaar_name_mismatch"]


def test_faults_are_switched_on_and_off(web: httpx.Client) -> None:
    on = {"vendor": "msg91", "kind": "status_5xx", "operation": "POST /api/v5/flow", "times": 1}
    key = web.post("/_sandbox/faults", json=on).json()["key"]
    assert web.get("/_sandbox/faults").json()[key]["kind"] == "status_5xx"
    assert [send(web).status_code, send(web).status_code] == [503, 200]
    key = web.post("/_sandbox/faults", json={"vendor": "msg91", "kind": "status_429"}).json()["key"]
    assert send(web).status_code == 429
    web.delete(f"/_sandbox/faults/{key}")
    assert send(web).status_code == 200


def test_webhooks_are_listed_and_sent_again(web: httpx.Client, world: World) -> None:
    world.courier.post("razorpay", "http://127.0.0.1/hook", {}, b'{"a": 1}', "ev_1")
    world.courier.deliver_due()
    assert web.post("/_sandbox/webhooks/1/again").json() == {"number": 1, "state": "queued"}
    [hook] = web.get("/_sandbox/webhooks", params={"vendor": "razorpay"}).json()
    assert (hook["eventId"], hook["state"], hook["body"]) == ("ev_1", "queued", '{"a": 1}')
    assert web.get("/_sandbox/webhooks", params={"vendor": "idfc"}).json() == []
    assert web.post("/_sandbox/webhooks/release", json={"vendor": "idfc"}).json() == {"released": 0}


def test_the_page_shows_everything_and_asks_nobody_else(web: httpx.Client, world: World) -> None:
    world.tell(vendor="msg91", channel="SMS", to="9822010101", text="<script>alert(1)</script>")
    web.post("/_sandbox/faults", json={"vendor": "idfc", "kind": "delay", "operation": "<b>"})
    page = web.get("/_sandbox/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Asha Vinayak Deshpande" in page.text
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text
    assert "&lt;b&gt;" in page.text
    assert "https://" not in page.text


def test_a_form_of_the_page_works_and_leads_back_to_it(web: httpx.Client) -> None:
    form = {"vendor": "msg91", "kind": "garbage_after", "operation": "", "times": ""}
    answer = web.post("/_sandbox/faults", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/_sandbox/#faults")
    [key] = web.get("/_sandbox/faults").json()
    assert web.post("/_sandbox/faults/off", data={"key": key}).status_code == 303
    assert web.get("/_sandbox/faults").json() == {}


@pytest.mark.parametrize(
    "headers", [{"host": "sandbox.example.in"}, {"origin": "https://evil.example"}, {"host": "a b"}]
)
def test_other_machines_and_foreign_pages_are_refused(
    web: httpx.Client, headers: dict[str, str]
) -> None:
    asked = {"vendor": "msg91", "kind": "status_429"}
    assert web.post("/_sandbox/faults", json=asked, headers=headers).status_code == 403
    assert web.get("/_sandbox/faults").json() == {}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "nothing", None, 404),
        ("PUT", "faults", {}, 404),
        ("POST", "faults", {"vendor": "msg91", "kind": "gremlins"}, 400),
        ("POST", "faults", {"kind": "delay"}, 400),
        ("POST", "faults", ["no object"], 400),
        ("POST", "webhooks/77/again", {}, 400),
        ("POST", "actions/msg91/dance", {}, 400),
        ("POST", "actions/nobody/dance", {}, 400),
    ],
)
def test_what_cannot_be_done_is_said(
    web: httpx.Client, method: str, path: str, body: object, status: int
) -> None:
    answer = web.request(method, f"/_sandbox/{path}", json=body)
    assert answer.status_code == status
    assert answer.json()["message"]


def test_a_vendor_the_sandbox_does_not_have_is_404(web: httpx.Client) -> None:
    assert web.post("/easebuzz/pay").status_code == 404


@pytest.mark.parametrize(("kind", "sent"), [(FaultKind.DROP_BEFORE, 0), (FaultKind.DROP_AFTER, 1)])
def test_silence_after_keeps_what_was_done(
    web: httpx.Client, switchboard: Switchboard, kind: FaultKind, sent: int
) -> None:
    switchboard.faults.switch_on(Fault(vendor="msg91", kind=kind, times=1))
    with pytest.raises(httpx.ReadTimeout):
        send(web)
    assert len(switchboard.world.messages()) == sent


def test_a_delay_is_waited_for_and_the_answer_comes(
    web: httpx.Client, switchboard: Switchboard, pauses: list[float]
) -> None:
    switchboard.faults.switch_on(Fault(vendor="msg91", kind=FaultKind.DELAY, seconds=2.5))
    assert send(web).status_code == 200
    assert pauses == [2.5]


def test_a_vendor_sees_its_own_path_query_and_body(web: httpx.Client, world: World) -> None:
    answer = web.post("/msg91/api/v5/flow?x=1%2F2", json=SEND)
    assert answer.json()["code"] == "207"
    assert world.messages() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"template_id": "f" * 24}, "211"),
        ({"template_id": None}, "211"),
        ({"recipients": []}, "101"),
        ({"recipients": "919822010101"}, "101"),
        ({"recipients": ["919822010101"]}, "101"),
        ({"recipients": [{"mobiles": "9822010101"}]}, "202"),
        ({"recipients": [{"mobiles": 919822010101}]}, "202"),
        ({"recipients": [{"mobiles": "919822010101", "otp": 482913}]}, "400"),
        ({"recipients": [{"mobiles": f"91{msg91.REFUSED_NUMBER}"}]}, "17"),
    ],
)
def test_msg91_refuses_what_it_should_with_http_200(
    web: httpx.Client, world: World, change: dict[str, object], code: str
) -> None:
    headers = {"authkey": msg91.SANDBOX_AUTHKEY}
    answer = web.post("/msg91/api/v5/flow", json={**SEND, **change}, headers=headers)
    assert (answer.status_code, answer.json()["type"], answer.json()["code"]) == (
        200,
        "error",
        code,
    )
    assert world.messages() == []
