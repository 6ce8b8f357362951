"""A sound body for every route that takes one: all that is written down by hand of a route."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.contract.http.installation import Installation
from tests.contract.http.people import Borrower

from los_core.domain.access import Role

Sample = Callable[[Installation, Borrower], dict[str, Any]]
_HOME: Final = {"line1": "1 MG Road", "city": "Pune", "state": "MH", "pincode": "411001"}
_OFFICER: Final = {"name": "Meera Iyer", "phone": "02067001234", "email": "care@new.example"}
_PART: Final = {"name": "Newcomer", "roles": ["SUPPORT"], "granted": [], "denied": ["calls:read"]}
_COLLECTION: Final = "POST /api/v1/partner/brand/{brand_id}/collection/{loan_id}"
_SETTINGS: Final = "/api/v1/partner/brand/{brand_id}/settings"
_BLOG: Final = {
    "slug": "kfs-explained",
    "title": "The Key Facts Statement",
    "body": "<p>All on one page.</p>",
    "markup": "HTML",
    "seo": {"title": "KFS", "keywords": ["kfs"]},
    "published": True,
}
_RELOAN: Final = {"minDaysSinceClosure": 3, "minOnTimePct": "82.5", "autoCreate": False}
_REASON: Final = {"code": "TOO_YOUNG", "label": "Too young", "appliesTo": ["REJECTED"]}
_CRITERION: Final = {
    "code": "BOUNCE_PCT",
    "weight": "10",
    "method": {"kind": "LOWER_BETTER", "ceiling": "50", "target": "0"},
}
_REMINDER: Final = {"kind": "PRE_DUE", "offsetDays": -6, "channels": ["SMS"], "template": "PRE_DUE"}
_TEMPLATE: Final = {
    "code": "DISBURSED",
    "channel": "SMS",
    "dltTemplateId": "1107161234567890124",
    "body": "Paid out: loan {loan_no}. {brand_name}",
}
_RULE: Final = {
    "code": "DIWALI",
    "name": "Diwali loan",
    "minAmountPaise": 10_000_00,
    "maxAmountPaise": 50_000_00,
    "stepPaise": 1_000_00,
    "tenures": [3, 6],
    "method": "REDUCING",
    "ratePct": "24",
    "fee": {"pct": "2.5", "minPaise": 500_00, "maxPaise": 2_000_00},
    "penal": {"ratePerDayPct": "0.1", "maxPerInstalmentPaise": 1_000_00},
    "cycleDays": [5],
}
_ACCOUNT: Final = {
    "purpose": "COLLECTION",
    "accountNumber": "004501234569",
    "ifsc": "HDFC0000124",
    "beneficiaryName": "Bharat Finance Private Limited",
    "isPrimary": True,
}
_COUPON: Final = {
    "code": "HOLI27",
    "pct": "50",
    "capPaise": 500_00,
    "products": ["SALARY_EMI"],
    "maxUses": 100,
    "validFrom": "2026-11-01",
    "validTo": "2027-03-31",
}
_PROVIDER: Final = {
    "name": "razorpay",
    "settings": {"account": "acc_1", "key_id": "rzp_test_1", "key_secret": "hush"},
}
_CARD: Final = {
    "name": "Sahyadri Gold",
    "type": "CREDIT",
    "limitPaise": 1_00_000_00,
    "ratePct": "36",
    "eligibility": {"minSalaryPaise": 30_000_00, "minAge": 23, "maxAge": 58, "minScore": 720},
}
_NEW: Final = {"email": "new@bharat.example", "password": "Konkan-express-0111", **_PART}


def _phone(made: Installation, **more: str) -> dict[str, Any]:
    return {"brandId": str(made.ours.id), "phone": "9876501234", **more}


def _part(made: Installation) -> dict[str, Any]:
    found = made.services.platform.staff(made.ours.staff[Role.SUPPORT].staff_id)
    assert found is not None
    return {**_PART, "version": found.security_version, "brandIds": [str(made.ours.id)]}


def _version(made: Installation, who: Borrower) -> int:
    assert who.loan_id is not None
    return made.loan(made.ours, who.loan_id).version


SAMPLES: Final[Mapping[str, Sample]] = {
    "POST /api/v1/web/auth/register": lambda m, _w: _phone(m),
    "POST /api/v1/web/auth/login": lambda m, _w: _phone(m),
    "POST /api/v1/web/auth/resend-otp": lambda m, _w: _phone(m),
    "POST /api/v1/web/auth/verify-otp": lambda m, _w: _phone(m, otp="918273"),
    "POST /api/v1/web/auth/refresh-token": lambda _m, _w: {"refreshToken": "shown-once"},
    "POST /api/v1/web/consents": lambda _m, _w: {
        "purposes": ["KYC"],
        "textVersion": "2026-01",
        "language": "en",
    },
    "POST /api/v1/web/personal-details/update": lambda _m, _w: {
        "email": "new@mail.example",
        "residence": {**_HOME, "since": "2020-01-01"},
    },
    "POST /api/v1/web/employment/add": lambda _m, _w: {
        "employer": "Kaveri Textiles",
        "joinedOn": "2021-06-01",
        "netSalaryPaise": 50_000_00,
        "salaryDay": 1,
    },
    "POST /api/v1/web/employment/verify-uan": lambda _m, _w: {"uan": "100200300400"},
    "POST /api/v1/web/kyc/verify-pan": lambda _m, _w: {
        "pan": "ABCPK4321L",
        "name": "Sunita Rao",
        "dateOfBirth": "1994-05-17",
    },
    "POST /api/v1/web/kyc/initiate-aadhaar-otp": lambda _m, w: {"aadhaar": w.person.aadhaar},
    "POST /api/v1/web/kyc/submit-aadhaar-otp": lambda _m, _w: {"otp": "918273"},
    "POST /api/v1/web/bank/add-account": lambda _m, _w: {
        "holder": "Sunita Rao",
        "accountNumber": "004501234567",
        "ifsc": "HDFC0000123",
        "isPrimary": False,
    },
    "POST /api/v1/web/bank/verify": lambda _m, w: {"accountId": str(w.account_id)},
    "POST /api/v1/web/loans": lambda _m, _w: {
        "product": "SALARY_EMI",
        "amountPaise": 20_000_00,
        "tenure": 3,
    },
    "POST /api/v1/web/loans/{loan_id}/cancel": lambda _m, _w: {"reasonCodes": ["NOT_NEEDED"]},
    "POST /api/v1/web/loans/{loan_id}/key-facts/acknowledge": lambda _m, w: {
        "offerId": str(w.offer_id)
    },
    "POST /api/v1/web/loans/{loan_id}/accept-offer": lambda _m, w: {"offerId": str(w.offer_id)},
    "POST /api/v1/web/loans/{loan_id}/pay": lambda _m, _w: {
        "purpose": "INSTALMENT",
        "amountPaise": 1_000_00,
    },
    f"{_COLLECTION}/settlement": lambda m, w: {
        "version": _version(m, w),
        "payments": [{"on": "2031-01-01", "amountPaise": 100_00}],
        "reasonCodes": ["HARDSHIP"],
    },
    f"{_COLLECTION}/writeoff": lambda m, w: {
        "version": _version(m, w),
        "kind": "TECHNICAL",
        "reasonCodes": ["HARDSHIP"],
    },
    "POST /api/v1/partner/auth/login": lambda _m, _w: {
        "email": "nobody@bharat.example",
        "password": "Konkan-express-0111",
        "totp": "918273",
    },
    "POST /api/v1/partner/auth/totp/enrol": lambda _m, _w: {
        "password": "Konkan-express-0111",
        "totp": "918273",
    },
    "POST /api/v1/partner/auth/totp/confirm": lambda _m, _w: {"totp": "918273"},
    "POST /api/v1/partner/auth/change-password": lambda _m, _w: {
        "present": "Konkan-express-0111",
        "password": "Konkan-express-0112",
    },
    "POST /api/v1/partner/auth/forgot-password": lambda _m, _w: {"email": "nobody@bharat.example"},
    "POST /api/v1/partner/auth/reset-password": lambda _m, _w: {
        "email": "nobody@bharat.example",
        "code": "ABCDEF",
        "password": "Konkan-express-0112",
    },
    "POST /api/v1/partner/brand/{brand_id}/user/create": lambda _m, _w: {**_NEW, "brandIds": []},
    "PUT /api/v1/partner/brand/{brand_id}/user/{user_id}/update": lambda m, _w: _part(m),
    "POST /api/v1/partner/brand/{brand_id}/user/generate-secure-code": lambda m, _w: {
        "userId": str(m.ours.staff[Role.SUPPORT].staff_id),
        "purpose": "PASSWORD",
    },
    "POST /api/v1/partner/brand/{brand_id}/customers/{customer_id}/erasure": lambda _m, _w: {
        "remark": "asked for by letter"
    },
    "POST /api/v1/partner/brand/{brand_id}/api-keys": lambda _m, _w: {
        "name": "Their own app",
        "scopes": ["loans:read"],
    },
    f"PUT {_SETTINGS}/appearance": lambda _m, _w: {
        "primary": "#112233",
        "secondary": "#AABBCC",
        "font": "Noto Sans",
        "tokens": {"hover": "#102030"},
    },
    f"POST {_SETTINGS}/loan-rules": lambda _m, _w: dict(_RULE),
    f"PUT {_SETTINGS}/loan-rules/{{record_id}}": lambda _m, _w: dict(_RULE),
    f"POST {_SETTINGS}/non-repayment-dates": lambda _m, _w: {"on": "2031-08-15", "name": "15 Aug"},
    f"POST {_SETTINGS}/blocklist": lambda _m, _w: {
        "type": "PAN",
        "value": "ABCPK9999L",
        "reason": "forged payslips",
        "expiresOn": "2031-01-01",
    },
    f"POST {_SETTINGS}/brand-bank-accounts": lambda _m, _w: dict(_ACCOUNT),
    f"PUT {_SETTINGS}/brand-bank-accounts/{{record_id}}": lambda _m, _w: dict(_ACCOUNT),
    f"POST {_SETTINGS}/brand-coupons": lambda _m, _w: dict(_COUPON),
    f"PUT {_SETTINGS}/brand-coupons/{{record_id}}": lambda _m, _w: dict(_COUPON),
    f"POST {_SETTINGS}/blogs": lambda _m, _w: dict(_BLOG),
    f"PUT {_SETTINGS}/blogs/{{record_id}}": lambda _m, _w: dict(_BLOG),
    f"POST {_SETTINGS}/reloan-configs": lambda _m, _w: dict(_RELOAN),
    f"PUT {_SETTINGS}/reloan-configs/{{record_id}}": lambda _m, _w: dict(_RELOAN),
    f"POST {_SETTINGS}/brand-status-reasons": lambda _m, _w: dict(_REASON),
    f"PUT {_SETTINGS}/brand-status-reasons/{{record_id}}": lambda _m, _w: dict(_REASON),
    f"POST {_SETTINGS}/brand-rating-matrix": lambda _m, _w: dict(_CRITERION),
    f"PUT {_SETTINGS}/brand-rating-matrix/{{record_id}}": lambda _m, _w: dict(_CRITERION),
    f"POST {_SETTINGS}/partner-user-rating-matrix": lambda _m, _w: dict(_CRITERION),
    f"PUT {_SETTINGS}/partner-user-rating-matrix/{{record_id}}": lambda _m, _w: dict(_CRITERION),
    f"POST {_SETTINGS}/partner-unavailability-dates": lambda _m, _w: {
        "on": "2031-02-02",
        "reason": "Stocktaking",
    },
    f"POST {_SETTINGS}/targets": lambda _m, _w: {
        "period": "QUARTER",
        "startsOn": "2031-04-01",
        "scope": "BRAND",
        "metric": "NEW_CUSTOMERS",
        "value": 500,
    },
    f"POST {_SETTINGS}/reminder-configs": lambda _m, _w: dict(_REMINDER),
    f"PUT {_SETTINGS}/reminder-configs/{{record_id}}": lambda _m, _w: dict(_REMINDER),
    f"POST {_SETTINGS}/message-templates": lambda _m, _w: dict(_TEMPLATE),
    f"PUT {_SETTINGS}/message-templates/{{record_id}}": lambda _m, _w: dict(_TEMPLATE),
    f"PUT {_SETTINGS}/brand": lambda _m, _w: {
        "salaryThresholdPaise": 30_000_00,
        "ageMin": 23,
        "foirCapPct": "45",
        "citiesB": ["NASHIK"],
    },
    f"PUT {_SETTINGS}/brand-paths": lambda _m, _w: {"terms": "https://new.example/terms"},
    f"PUT {_SETTINGS}/evaluation-items": lambda _m, _w: {
        "items": [
            {
                "code": "SCORE",
                "weight": "100",
                "field": "bureau.score",
                "bands": [
                    {"min": None, "max": 700, "score": "0"},
                    {"min": 700, "max": None, "score": "100"},
                ],
            }
        ]
    },
    f"PUT {_SETTINGS}/bre-rules": lambda _m, _w: {
        "rules": [
            {
                "code": "R001_AGE",
                "priority": 10,
                "field": "applicant.age",
                "operator": "BETWEEN",
                "threshold": [21, 58],
                "reasonCode": "R001_AGE",
            }
        ]
    },
    f"POST {_SETTINGS}/brand-providers": lambda _m, _w: {"type": "payment", **_PROVIDER},
    f"PUT {_SETTINGS}/brand-providers/{{record_id}}": lambda _m, _w: {
        "type": "payment",
        **_PROVIDER,
    },
    f"POST {_SETTINGS}/brand-cards": lambda _m, _w: dict(_CARD),
    f"PUT {_SETTINGS}/brand-cards/{{record_id}}": lambda _m, _w: dict(_CARD),
    "PUT /api/v1/admin/users/{user_id}": lambda m, _w: _part(m),
    "POST /api/v1/partner/auth/refresh-token": lambda _m, _w: {"refreshToken": "shown-once"},
    "POST /api/v1/partner/brand/{brand_id}/loans/{loan_id}/status": lambda m, w: {
        "targetStatus": "REJECTED",
        "version": _version(m, w),
        "reasonCodes": ["R001_AGE"],
    },
    "POST /api/v1/partner/brand/{brand_id}/loans/{loan_id}/sanction": lambda m, w: {
        "version": _version(m, w),
        "amountPaise": 20_000_00,
        "tenure": 3,
    },
    "POST /api/v1/loans/brand/{brand_id}/cam-calculator/save": lambda _m, w: {
        "loanId": str(w.loan_id),
        "amountPaise": 20_000_00,
        "tenure": 3,
    },
    "POST /api/v1/partner/brand/{brand_id}/loans/{loan_id}/disburse": lambda m, w: {
        "version": _version(m, w)
    },
    "POST /api/v1/partner/brand/{brand_id}/loans/{loan_id}/payouts/{payout_id}/ruling": (
        lambda _m, _w: {"ruling": "RETURNED", "remark": "seen on the account's statement"}
    ),
    "POST /api/v1/partner/brand/{brand_id}/approvals/{approval_id}/approve": lambda _m, _w: {},
    "POST /api/v1/partner/brand/{brand_id}/approvals/{approval_id}/reject": lambda _m, _w: {
        "remark": "not now"
    },
    "POST /api/v1/partner/brand/{brand_id}/payment/process": lambda m, w: {
        "loanId": str(w.loan_id),
        "amountPaise": 500_00,
        "mode": "UPI",
        "reference": "counter-9",
        "valueDate": m.clock.business_date().isoformat(),
        "utr": "UTR000009",
    },
    "POST /api/v1/partner/brand/{brand_id}/payment/reject/{payment_id}": lambda _m, _w: {
        "remark": "not seen at the bank"
    },
    "POST /api/v1/admin/brands": lambda _m, _w: {
        "code": "third",
        "name": "Third Credit",
        "lender": "third-finance",
        "legalName": "Third Finance Private Limited",
        "rbiRegistrationNo": "N-13.02346",
        "address": "Fort, Mumbai 400001",
        "gstState": "MH",
        "subdomain": "third",
        "grievanceOfficer": dict(_OFFICER),
        "nodalOfficer": dict(_OFFICER),
        "policyLinks": {"terms": "https://new.example/terms"},
    },
    "POST /api/v1/admin/users/create": lambda m, _w: {**_NEW, "brandIds": [str(m.ours.id)]},
}
BODY_IDS: Final = {"loanId": "loan_id", "offerId": "offer_id", "accountId": "account_id"}
SENSITIVE: Final = frozenset(
    (
        "phone",
        "pan",
        "code",
        "present",
        "aadhaar",
        "otp",
        "password",
        "totp",
        "refreshToken",
        "accountNumber",
        "email",
    )
)
"""Of a sample: what an answer must not repeat."""
