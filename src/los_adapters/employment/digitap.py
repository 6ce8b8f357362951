"""Digitap: provident fund records – phone to UAN, UAN to employers.

API: `POST /cv/uan_lookup`, then `POST /cv/v4/uan_basic/sync`, on the `svc` host. Source: Digitap
employment verification as used by public clients.
Auth: HTTP Basic, client id and secret.
Units: dates YYYY-MM-DD, others are understood; an empty exit date means still employed.
Idempotency: none; `client_ref_num` only comes back.
Webhook: none.
Limits: "no record" (103) and "too many" (104) come with HTTP 200; EPFO is often slow or away (422,
503): nothing is then known, and it is worth asking later.

Inferred: where version 4 gives no history, the summary's latest employer stands for it.
"""

from collections.abc import Sequence

from pydantic import BaseModel

from los_adapters.client import Http
from los_adapters.lenient import Day, Flag, Items, Text
from los_adapters.provider import Provider
from los_adapters.vendors import digitap
from los_adapters.vendors.digitap import DigitapSettings, Registered
from los_core.ports.employment import EmploymentRecord, EmploymentVerifier, Job


class Settings(DigitapSettings, frozen=True):
    """The client id with its secret, and both hosts, of which `api` is not used here."""


class _Uans(BaseModel):
    uan: Items[Text] = []


class _Employer(BaseModel):
    establishment_name: Text = ""
    date_of_joining: Day = None
    date_of_exit: Day = None


class _Summary(BaseModel):
    recent_employer_data: _Employer | None = None
    is_employed: Flag = None


class _Basics(BaseModel):
    name: Text = ""


class _Member(BaseModel):
    basic_details: _Basics = _Basics()


class _History(BaseModel):
    uan: Items[Text] = []
    summary: _Summary = _Summary()
    uan_details: dict[str, _Member] = {}
    employment_history: Items[_Employer] = []


class DigitapEmployment:
    """EPFO records through Digitap."""

    def __init__(self, settings: Settings, http: Http) -> None:
        self._settings = settings
        self._http = http

    def find_uans(self, phone: str, *, reference: str) -> Sequence[str]:
        """Return the UANs linked to a mobile number; see the port."""
        answer = self._ask("/cv/uan_lookup", "uan-lookup", reference=reference, mobile=phone)
        if answer.result_code == digitap.NO_RECORD:
            return ()
        if answer.result_code != digitap.SUCCESS:
            raise self._refused("uan-lookup", answer)
        found = digitap.read(self._http, "uan-lookup", _Uans, answer.result)
        return tuple(dict.fromkeys(uan for uan in found.uan if uan))

    def history(self, uan: str, *, reference: str) -> EmploymentRecord:
        """Return the employment history of one UAN; see the port."""
        answer = self._ask("/cv/v4/uan_basic/sync", "uan-history", reference=reference, uan=uan)
        if answer.result_code == digitap.NO_RECORD:
            return EmploymentRecord(uans=(), employed=None, provider_ref=answer.request_id)
        if answer.result_code != digitap.SUCCESS:
            raise self._refused("uan-history", answer)
        history = digitap.read(self._http, "uan-history", _History, answer.result)
        if history.uan and uan not in history.uan:
            raise self._http.unreadable("uan-history", "history of another UAN", effect=False)
        return _to_record(history, uan, answer.request_id)

    def _ask(self, path: str, operation: str, *, reference: str, **body: str) -> Registered:
        return digitap.ask_register(
            self._http, self._settings, path, operation=operation, reference=reference, **body
        )

    def _refused(self, operation: str, answer: Registered) -> Exception:
        code = "AMBIGUOUS" if answer.result_code == digitap.TOO_MANY else str(answer.result_code)
        return self._http.rejected(operation, code)


def _to_record(history: _History, uan: str, request_id: str) -> EmploymentRecord:
    latest = history.summary.recent_employer_data
    spells = history.employment_history or ([latest] if latest is not None else [])
    jobs = {
        Job(
            employer=spell.establishment_name,
            joined_on=spell.date_of_joining,
            left_on=spell.date_of_exit,
        )
        for spell in spells
        if spell.establishment_name
    }
    member = history.uan_details.get(uan)
    return EmploymentRecord(
        uans=tuple(history.uan) or (uan,),
        employed=history.summary.is_employed,
        member_name=member.basic_details.name if member is not None else "",
        jobs=tuple(sorted(jobs, key=_recency, reverse=True)),
        provider_ref=request_id,
    )


def _recency(job: Job) -> tuple[bool, int, bool, str]:
    """Order by joining date; one without a date is the oldest, of equals the running job first."""
    joined = job.joined_on.toordinal() if job.joined_on is not None else 0
    return (job.joined_on is not None, joined, job.left_on is None, job.employer)


PROVIDER: Provider[Settings, EmploymentVerifier] = Provider(Settings, DigitapEmployment)
