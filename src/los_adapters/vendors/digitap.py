"""Digitap: what its products share – settings, authentication and the two answer envelopes.

Two hosts answer differently. `svc` (PAN, provident fund) wraps a result in
`{http_response_code, result_code, request_id, client_ref_num, result}`; `api`
(Aadhaar e-KYC) in `{code, msg, model}`, where `code` is text. On both, HTTP 200 is not yet success.

Source: Digitap KYC Validation API Suite 4.91 as used by public clients. Statuses: 400 parameter
at fault, 401 and 403 client or address not allowed, 412 product not enabled, 422 and 503 the
authority could not serve, 429 too many. Inferred: that a status inside the envelope may differ
from HTTP's, in which case the worse one counts.
"""

from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from los_adapters.client import Http
from los_adapters.lenient import Text
from los_adapters.provider import ProviderSettings
from los_core.ports.errors import ProviderError, Unavailable

M = TypeVar("M", bound=BaseModel)

SUCCESS = 101
INVALID_ID = 102
NO_RECORD = 103
TOO_MANY = 104

DEADLINE_S = 15.0


class DigitapSettings(ProviderSettings, frozen=True):
    """A client id with its secret, and both hosts; equal for every port Digitap serves."""

    svc_url: str = "https://svc.digitap.ai"
    api_url: str = "https://api.digitap.ai"
    client_id: str
    client_secret: SecretStr

    @property
    def auth(self) -> tuple[str, str]:
        """The user and password of HTTP Basic."""
        return self.client_id, self.client_secret.get_secret_value()


class Registered(BaseModel):
    """An answer of the `svc` host; `result` has the shape of the product."""

    http_response_code: int | None = None
    result_code: int | None = None
    request_id: Text = ""
    client_ref_num: Text = ""
    result: Any = None


class Enveloped(BaseModel):
    """An answer of the `api` host; `model` has the shape of the product."""

    code: Text
    msg: Text = ""
    model: Any = None


def ask_register(
    http: Http, settings: DigitapSettings, path: str, *, operation: str, reference: str, **body: str
) -> Registered:
    """Ask the `svc` host under our reference, and return an answer with a result code.

    Raises: Unavailable: no trustworthy answer, or the authority cannot serve; misconfigured: the
        product is not enabled; Rejected: the request is at fault.
    """
    response = http.call(
        "POST",
        settings.svc_url + path,
        operation=operation,
        effect=False,
        json={"client_ref_num": reference, **body},
        auth=settings.auth,
        deadline_s=DEADLINE_S,
    )
    if response.status_code >= 400:
        raise refusal(http, operation, response.status_code)
    answer = http.parsed(response, Registered, effect=False)
    if (status := answer.http_response_code) is not None and status >= 400:
        raise refusal(http, operation, status)
    if answer.client_ref_num not in {"", reference}:
        raise http.unreadable(operation, "answer to another request", effect=False)
    if answer.result_code not in {SUCCESS, INVALID_ID, NO_RECORD, TOO_MANY}:
        raise http.unreadable(operation, f"result code {answer.result_code}", effect=False)
    return answer


def refusal(http: Http, operation: str, status: int) -> ProviderError:
    """Return the error for a status of 400 and above, of HTTP or inside an envelope."""
    if status in {401, 403, 412}:
        return http.misconfigured(operation, str(status))
    if status in {408, 422, 429} or status >= 500:
        return Unavailable(
            f"{http.name}: {operation}: status {status}", provider=http.name, code=str(status)
        )
    return http.rejected(operation, str(status))


def read(http: Http, operation: str, shape: type[M], content: object) -> M:
    """Read a result in the product's shape. Raises: Unavailable: it has another.

    The error says which rules broke, and is raised clear of pydantic's, which quotes values.
    """
    try:
        return shape.model_validate(content)
    except ValidationError as err:
        rules = sorted({fault["type"] for fault in err.errors(include_input=False)})
    raise http.unreadable(operation, ", ".join(rules), effect=False)


def gender(word: str) -> str:
    """Return "M", "F" or "T" for however Digitap says it, "" if it does not."""
    return {"m": "M", "male": "M", "f": "F", "female": "F", "t": "T", "transgender": "T"}.get(
        word.casefold(), ""
    )
