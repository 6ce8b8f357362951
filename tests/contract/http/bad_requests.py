"""Every bad request to one operation, each wrong in one way, with the answer it must get.

A sound request is made first: the caller who may, their own objects, a sound body. A case changes
one thing of it. Bodies' faults are `wrong_bodies`; what is written down here by hand is a sound
body per route (`SAMPLES`) and nothing else about any route.
"""

import json
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import attrs
from tests.contract.http.asks import Ask, Case
from tests.contract.http.forged_tokens import forged
from tests.contract.http.installation import Installation
from tests.contract.http.operations import Operation, Parameter, allows, choices, format_of, kinds
from tests.contract.http.people import Borrower, Lender
from tests.contract.http.samples import BODY_IDS, SAMPLES
from tests.contract.http.wrong_bodies import BAD_IDS, INVALID, wrong_bodies
from tests.contract.http.wrong_uploads import form, wrong_uploads

from los_core.domain.access import Role, Scope, permissions_of
from los_core.domain.lifecycle import Status
from los_http.auth import Access
from los_http.middleware import JSON_LIMIT, UPLOAD_LIMIT
from los_http.versions import HEADER

JSON: Final = "application/json"
FORM: Final = "multipart/form-data"
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW")
KEY: Final = "Idempotency-Key"
OBJECTS: Final = frozenset(
    f"{name}_id"
    for name in (
        *("loan", "approval", "payment", "payout", "job", "user", "key", "session", "record"),
        *("notification", "customer"),
    )
)
OWN: Final = Status.DISBURSED
"""Whose loan a sound request is about."""


@attrs.define(kw_only=True)
class Table:
    """The bad requests to one operation."""

    made: Installation
    op: Operation

    @property
    def who(self) -> Borrower:
        return self.made.ours.borrowers[OWN]

    def cases(self) -> Iterator[Case]:
        """Yield all of them, those that are refused earliest first."""
        yield from self._sizes()
        yield from self._addresses()
        yield from self._methods()
        if self.op.audience:
            yield from self._tokens()
        if any(p.name == "brand_id" for p in self.op.inside("path")):
            yield from self._brands()
        if self.op.access.audience in ("partner", "admin"):
            yield from self._roles()
        if self.op.media_type == JSON:
            yield from self._content_types()
            yield from self._bodies()
        if self.op.media_type == FORM:
            yield from self._uploads()
        yield from self._queries()
        yield from self._keys()
        yield from self._objects()
        if self.op.access.audience == "vendor":
            yield from self._messages()

    def sample(self) -> dict[str, Any]:
        if self.op.media_type != JSON:
            return {}
        return SAMPLES[self.op.name](self.made, self.who)

    def sound(self) -> Ask:
        """Return a request that nothing is wrong with."""
        headers: dict[str, str | bytes] = {}
        if self.op.audience:
            headers["Authorization"] = f"Bearer {self.token()}"
        content = b""
        if self.op.media_type == JSON:
            headers["Content-Type"] = JSON
            content = json.dumps(self.sample()).encode()
        elif self.op.media_type == FORM:
            headers["Content-Type"] = f"{FORM}; boundary=edge"
            content = form(file=b"%PDF-1.7\n")
        if any(p.name == KEY for p in self.op.inside("header")):
            headers[KEY] = uuid4().hex
        if any(p.name == HEADER for p in self.op.inside("header")):
            headers[HEADER] = '"1"'
        return Ask(
            method=self.op.method,
            path=self._path(self.made.ours, self.who),
            query=self._query(self.made.ours, self.who),
            headers=headers,
            content=content,
        )

    def token(self) -> str:
        if self.op.audience == "web":
            return self.who.token
        return self.made.ours.tokens[self.may()[0]]

    def may(self) -> list[Role]:
        """Return the roles that may call, those whom all rows are open to first."""
        access = self.op.access
        if access.audience == "admin":
            return [Role.SUPER_ADMIN]
        able = [role for role in Role if role is not Role.SUPER_ADMIN and allows(access, role)]
        if not access.permissions:
            return sorted(able, key=lambda role: role is not Role.ADMIN)
        return sorted(able, key=lambda role: _narrow(access, role))

    def path_with(self, **instead: str) -> str:
        """Return the sound path with values replaced."""
        return self._path(self.made.ours, self.who, **instead)

    def path_values(self) -> dict[str, str]:
        """Return what a sound path names, by parameter."""
        values = self._values(self.made.ours, self.who)
        return {p.name: str(values[p.name]) for p in self.op.inside("path")}

    def _path(self, lender: Lender, who: Borrower, **instead: str) -> str:
        values = self._values(lender, who) | instead
        path = self.op.path
        for parameter in self.op.inside("path"):
            path = path.replace(f"{{{parameter.name}}}", str(values[parameter.name]))
        return path

    def _values(self, lender: Lender, who: Borrower) -> dict[str, object]:
        return {
            "brand_id": self.made.ours.id,
            "loan_id": who.loan_id,
            "approval_id": lender.borrowers[Status.DISBURSEMENT_PENDING].approval_id,
            "payment_id": lender.receipt.id if lender.receipt else None,
            "payout_id": self.made.payout_id(lender, who),
            "job_id": self.made.dead_letter,
            "user_id": lender.staff[Role.SUPPORT].staff_id,
            "customer_id": who.caller.customer_id,
            "key_id": lender.key_id,
            "session_id": lender.session_id,
            "record_id": lender.records.get(self.op.path.split("/")[-2]),
            "notification_id": lender.notification_id,
            "provider": "razorpay",
            "brand_token": self._address(lender),
            "token": "bm90LWEtZmlsZQ.signature",
        }

    def _address(self, lender: Lender) -> str:
        if "/esign/" not in self.op.path:
            address = self.made.services.webhooks.address(lender.id, "razorpay")
            return address.rpartition("/")[2]
        with self.made.services.begin(self.made.ours.id) as uow:
            loan_id = self.made.ours.borrowers[Status.AGREEMENT_SENT].loan_id
            agreement = uow.agreements.of_loan(loan_id) if loan_id else None
        assert agreement is not None
        return agreement.callback_token

    def _query(self, lender: Lender, who: Borrower, **instead: str) -> str:
        values = {"brandId": lender.id, "offerId": who.offer_id, "purpose": "LOGO"} | instead
        required = [p.name for p in self.op.inside("query") if p.required]
        return "&".join(f"{name}={values[name]}" for name in required)

    def _case(self, name: str, ask: Ask, *status: int, **told: Any) -> Case:
        return Case(name=name, ask=ask, status=status, **told)

    def _sizes(self) -> Iterator[Case]:
        ask = self.sound()
        limit = UPLOAD_LIMIT if self.op.media_type == FORM else JSON_LIMIT
        for length in (limit + 1, 10**12, 10**30):
            asked = ask.having(Content_Length=str(length))
            yield self._case(f"{length} bytes declared", asked, 413)
        for told in ("-1", "1e9", "many", "0x10", "1 000"):
            asked = ask.having(Content_Length=told)
            yield self._case(f"a length of {told}", asked, 400, 413)
        if self.op.media_type or self.op.access.audience == "vendor":
            filler = b" " * (limit + 1)
            asked = attrs.evolve(ask, content=filler, chunked=True)
            yield self._case("undeclared bytes beyond the limit", asked, 413)

    def _addresses(self) -> Iterator[Case]:
        ask = self.sound()
        for name, path in {
            "more path": f"{ask.path}/more",
            "upper case": ask.path.upper(),
            "two slashes": f"/{ask.path}",
            "a slash at the end": f"{ask.path}/",
            "a matrix parameter": f"{ask.path};admin=1",
            "dots": f"/x/..{ask.path}/..%2f..%2fadmin",
            "another version": ask.path.replace("/api/v1/", "/api/v0/").replace("/health", "/hea"),
        }.items():
            yield self._case(name, attrs.evolve(ask, path=path), 404, 405)
        for name, path in {
            "NUL in the path": f"{ask.path}%00",
            "NUL inside": "/api/%00/v1",
        }.items():
            yield self._case(name, attrs.evolve(ask, path=path), 400, 404)
        query = f"{ask.query}&x=%00".lstrip("&")
        yield self._case("NUL in the query", attrs.evolve(ask, query=query), 400)

    def _methods(self) -> Iterator[Case]:
        for method in METHODS:
            if method not in self.op.methods and not (
                method == "HEAD" and "GET" in self.op.methods  # it is GET without its body
            ):
                ask = attrs.evolve(self.sound(), method=method)
                yield self._case(f"method {method}", ask, 405, code="METHOD_NOT_ALLOWED")

    def _tokens(self) -> Iterator[Case]:
        ask = self.sound()
        other = (
            self.made.ours.tokens[Role.SUPER_ADMIN] if self.op.audience == "web" else self.who.token
        )
        headers: dict[str, str | None] = {
            "no token": None,
            "an empty one": "",
            "no word": "Bearer ",
            "null": "Bearer null",
            "Basic": "Basic dXNlcjpwYXNz",
            "garbage": f"Bearer {'x' * 40}",
            "64 KB": f"Bearer {'x' * 65_536}",
            "the other audience's": f"Bearer {other}",
            "a refresh token": f"Bearer {self.who.refresh}",
            "a token and more": f"Bearer {self.token()} x",
        }
        headers |= {name: f"Bearer {token}" for name, token in forged(self.made, self.token())}
        for name, header in headers.items():
            asked = ask.having(Authorization=header)
            yield self._case(f"token: {name}", asked, 401)
        yield from self._api_keys(ask)
        in_query = f"{ask.query}&token={self.token()}".lstrip("&")
        asked = attrs.evolve(ask.having(Authorization=None), query=in_query)
        yield self._case("token: in the query", asked, 401)

    def _api_keys(self, ask: Ask) -> Iterator[Case]:
        """Yield keys that open nothing here; one with too little is known, and told so."""
        bare = ask.having(Authorization=None)
        ours, theirs = self.made.ours.key, self.made.theirs.key
        for name, asked in {
            "another brand's": bare.having(X_API_Key=theirs),
            "nobody's": bare.having(X_API_Key="los_" + "x" * 43),
            "garbage": bare.having(X_API_Key="' OR 1=1 --"),
            "an empty one": bare.having(X_API_Key=""),
            "one as a token": bare.having(Authorization=f"Bearer {ours}"),
            "one beside a token": ask.having(X_API_Key=ours),
        }.items():
            yield self._case(f"key: {name}", asked, 401, code="UNAUTHENTICATED")
        if not self.op.path.startswith("/api/v1/partner/brand/"):
            asked = bare.having(X_API_Key=ours)
            yield self._case("key: where none is good", asked, 401, code="UNAUTHENTICATED")
        elif "loans:read" not in self.op.access.permissions:
            asked = bare.having(X_API_Key=ours)
            yield self._case("key: without the permission", asked, 403, code="FORBIDDEN")

    def _brands(self) -> Iterator[Case]:
        ask = self.sound()
        for name, brand in {"foreign": self.made.theirs.id, "unknown": uuid4()}.items():
            path = self._path(self.made.ours, self.who, brand_id=str(brand))
            asked = attrs.evolve(ask, path=path)
            yield self._case(f"a {name} brand", asked, 404, code="NOT_FOUND", twin="brand")
        for role in (Role.SUPPORT, Role.FIELD_AGENT):
            path = self._path(self.made.ours, self.who, brand_id=str(self.made.theirs.id))
            asked = attrs.evolve(ask, path=path).having(
                Authorization=f"Bearer {self.made.ours.tokens[role]}"
            )
            yield self._case(f"a foreign brand by {role}", asked, 404, twin="brand")

    def _roles(self) -> Iterator[Case]:
        ask = self.sound()
        for role in Role:
            if not allows(self.op.access, role):
                asked = ask.having(Authorization=f"Bearer {self.made.ours.tokens[role]}")
                yield self._case(f"role {role}", asked, 403, code="FORBIDDEN")

    def _content_types(self) -> Iterator[Case]:
        ask = self.sound()
        for told in (
            None,
            "",
            "text/plain",
            "text/json",
            "application/xml",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=edge",
            "application/msgpack",
            "application/x-msgpack",
            "application/json; charset=utf-16",
            "application/json; charset=utf-99",
            "application/json, text/plain",
            "json",
        ):
            yield self._case(f"content type {told}", ask.having(Content_Type=told), 415)

    def _bodies(self) -> Iterator[Case]:
        ask = self.sound()
        for wrong in wrong_bodies(self.op.body, self.sample()):
            yield self._case(
                wrong.name,
                attrs.evolve(ask, content=wrong.content),
                400,
                code=wrong.code,
                fields=wrong.fields or None,
            )
        sound = ask.content[:-1] + (b"," if len(ask.content) > 2 else b"")
        many = b",".join(b'"field%d":1' % number for number in range(20_000))
        yield self._case(
            "very many unknown fields",
            attrs.evolve(ask, content=sound + many + b"}"),
            400,
            code=INVALID,
        )

    def _uploads(self) -> Iterator[Case]:
        ask = self.sound()
        for told in (None, JSON, "text/plain", "application/pdf"):
            yield self._case(f"content type {told}", ask.having(Content_Type=told), 415)
        yield self._case("no boundary", ask.having(Content_Type=FORM), 400)
        locked = "password" in self.op.body.get("properties", {})
        for name, (content, status) in wrong_uploads(ask.content, locked=locked).items():
            yield self._case(f"upload: {name}", attrs.evolve(ask, content=content), status)

    def _queries(self) -> Iterator[Case]:
        ask = self.sound()
        known = list(self.op.inside("query"))
        for parameter in known:
            rest = [part for part in ask.query.split("&") if part.split("=")[0] != parameter.name]
            if parameter.required:
                asked = attrs.evolve(ask, query="&".join(rest))
                yield self._case(
                    f"{parameter.name} missing", asked, 400, code=INVALID, fields=(parameter.name,)
                )
            for value in _wrong_parameters(parameter):
                query = "&".join([*filter(None, rest), f"{parameter.name}={value}"])
                yield self._case(
                    f"{parameter.name}={value:.30}",
                    attrs.evolve(ask, query=query),
                    400,
                    code=INVALID,
                    fields=(parameter.name,),
                )

    def _keys(self) -> Iterator[Case]:
        ask = self.sound()
        for parameter in self.op.inside("header"):
            values: dict[str, str | bytes | None] = {
                "empty": "",
                "256 letters": "k" * 256,
                "16 KB": "k" * 16_384,
                "UTF-8": "चाबी".encode(),
                "Latin-1": b"cl\xe9",
                "a tab": "a\tb",
                "a bell": b"a\x07b",
            }
            if parameter.required:
                values["missing"] = None
            for name, value in values.items():
                asked = ask.having(**{parameter.name: value})
                yield self._case(
                    f"{parameter.name}: {name}",
                    asked,
                    400,
                    code=INVALID,
                    fields=(parameter.name,),
                )

    def _objects(self) -> Iterator[Case]:
        ask = self.sound()
        for parameter in self.op.inside("path"):
            if parameter.name == "provider":
                for name in ("stripe", "esign2", "x" * 5_000, "%ff"):
                    path = self._path(self.made.ours, self.who, provider=name)
                    yield self._case(f"provider {name:.10}", attrs.evolve(ask, path=path), 404)
                continue
            if format_of(parameter.schema) != "uuid":
                for name in (
                    "x",
                    "é",
                    "%ff",
                    ".",
                    "a.b.c",
                    "0" * 96,
                    "x" * 5_000,
                    "~",
                    "%0d%0aX:1",
                ):
                    path = self._path(self.made.ours, self.who, **{parameter.name: name})
                    asked = attrs.evolve(ask, path=path)
                    yield self._case(f"{parameter.name} = {name:.10}", asked, 404)
                continue
            for name in (*filter(None, BAD_IDS), "%ff", "x" * 5_000):
                if "/" not in name:
                    path = self._path(self.made.ours, self.who, **{parameter.name: name})
                    asked = attrs.evolve(ask, path=path)
                    yield self._case(f"{parameter.name} = {name:.20}", asked, 404)
        yield from self._foreign()

    def _foreign(self) -> Iterator[Case]:
        """Yield objects of others, and of nobody; nobody can tell one from the other."""
        ask, ours = self.sound(), self.made.ours
        for name in {p.name for p in self.op.inside("path")} & OBJECTS:
            paths = {"nobody's": self.path_with(**{name: str(uuid4())})}
            if name == "payout_id":  # of a loan of one's own
                paths |= {
                    told: self.path_with(payout_id=str(self.made.payout_id(lender, who)))
                    for told, lender, who in self._others()
                }
            elif self.op.access.audience != "admin":  # to whom nothing is foreign
                paths |= {
                    told: self._path(lender, who, brand_id=str(ours.id))
                    for told, lender, who in self._others()
                }
            for told, path in paths.items():
                asked = attrs.evolve(ask, path=path)
                yield self._case(f"{told} {name}", asked, 404, code="NOT_FOUND", twin=name)
        for name in BODY_IDS.keys() & self.op.body.get("properties", {}).keys():
            for told, value in self._others_ids(name).items():
                content = json.dumps(self.sample() | {name: value}).encode()
                asked = attrs.evolve(self._about_offers(ask), content=content)
                yield self._case(f"{told} {name}", asked, 404, code="NOT_FOUND", twin=name)
        for parameter in self.op.inside("query"):
            if parameter.required and format_of(parameter.schema) == "uuid":
                for told, value in self._others_ids(parameter.name).items():
                    query = self._query(ours, self.who, **{parameter.name: value})
                    asked = attrs.evolve(ask, query=query)
                    name = f"{told} {parameter.name}"
                    yield self._case(name, asked, 404, code="NOT_FOUND", twin=parameter.name)

    def _others(self) -> list[tuple[str, Lender, Borrower]]:
        ours, theirs = self.made.ours, self.made.theirs
        found = [("another brand's", theirs, theirs.borrowers[OWN])]
        if self.op.audience == "web":
            found.append(("another customer's", ours, ours.borrowers[Status.SANCTIONED]))
        return found

    def _others_ids(self, name: str) -> dict[str, str]:
        """Return ids that a field may not name, by whose they are."""
        ids = {"nobody's": str(uuid4())}
        if name in BODY_IDS:
            ids |= {told: str(getattr(who, BODY_IDS[name])) for told, _, who in self._others()}
        return ids

    def _about_offers(self, ask: Ask) -> Ask:
        """Return the request about a loan whose offers are open, where it is about an offer."""
        if not self.op.path.endswith(("/accept-offer", "/acknowledge")):
            return ask
        who = self.made.ours.borrowers[Status.APPROVED]
        asked = attrs.evolve(ask, path=self._path(self.made.ours, who))
        return asked.having(Authorization=f"Bearer {who.token}")

    def _messages(self) -> Iterator[Case]:
        """Yield messages that do not prove their sender."""
        ask = self.sound()
        contents = {
            "nothing": b"",
            "an event": b'{"event":"payment.captured","payload":{}}',
            "deep": b"[" * 100_000,
            "no UTF-8": b"\xff\xfe",
        }
        for name, content in contents.items():
            for told, header in {
                "no": None,
                "an empty": "",
                "a wrong": "0" * 64,
                "a strange": b"\xc3\xa9",
            }.items():
                asked = attrs.evolve(ask, content=content).having(
                    **{"X-Razorpay-Signature": header, "Authorization": header}
                )
                yield self._case(f"{told} signature under {name}", asked, 401, code="BAD_SIGNATURE")


def _narrow(access: Access, role: Role) -> bool:
    """Whether the role reaches its own rows only."""
    held = permissions_of({role})
    return Scope.ALL not in {held.get(permission) for permission in access.permissions}


def _wrong_parameters(parameter: Parameter) -> Iterator[str]:
    schema, told = parameter.schema, kinds(parameter.schema)
    if format_of(schema) == "uuid":
        yield from (name for name in (*BAD_IDS, "%ff") if name and " " not in name)
    elif "integer" in told:
        beyond = str(schema.get("maximum", 100) + 1)
        yield from ("0", "-1", beyond, "1000000000", "1e3", "1.5", "ten", "%F0%9F%AA%94", "9" * 400)
    elif "array" in told:
        yield from ("NO_SUCH", "disbursed", "DISBURSED%20", "x" * 3_000)
    elif choices(schema):
        yield "NO_SUCH"
    else:
        yield "x" * 5_000
