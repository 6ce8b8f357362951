"""Kinds of credit as Indian bureaus number them: code, label, product group, secured or not.

The numbering is CIBIL's, the nearest there is to a common one; other bureaus print labels, which
`code_of` maps to it. What a report says of one account is in `bureau`.

Source: bureau account-type code table; which kinds count as secured is our reading of it.
"""

import re
from enum import StrEnum

import attrs


class Product(StrEnum):
    """Groups of account types that are judged alike."""

    PERSONAL = "PL"
    CARD = "CC"
    HOUSING = "HL"
    PROPERTY = "LAP"
    AUTO = "AUTO"
    TWO_WHEELER = "TW"
    CONSUMER = "CD"
    GOLD = "GOLD"
    BUSINESS = "BL"
    MICROFINANCE = "MFI"
    EDUCATION = "EDU"
    OVERDRAFT = "OD"
    TELECOM = "TELECOM"
    """A telephone bill: reported by bureaus, and no loan."""
    OTHER = "OTHER"


@attrs.frozen
class AccountType:
    """One kind of account; `secured` None where the code does not tell."""

    code: str
    label: str
    product: Product
    secured: bool | None


def account_type(code: str) -> AccountType:
    """Return the type of a code, or "Other" (code 00) for one the table does not have."""
    return _BY_CODE.get(code, _OTHER)


def code_of(label: str) -> str:
    """Return the code for a bureau's label, "00" if nothing in it is recognised.

    Case, punctuation and the word "loan" do not matter. A label that is not in the table goes by
    the first telling words in it, so that "Gold Loan - Priority" is still gold.
    """
    words = _words(label)
    if exact := _BY_LABEL.get(words):
        return exact
    text = f" {words} "
    return next((code for telling, code in _TELLING if f" {telling} " in text), "00")


def _words(label: str) -> str:
    """Normalise a label: lower-case words without punctuation and without "loan(s)"."""
    words = re.findall(r"[a-z0-9]+", label.lower())
    return " ".join(word for word in words if word not in {"loan", "loans"})


_TYPES = (
    AccountType("00", "Other", Product.OTHER, None),
    AccountType("01", "Auto Loan (Personal)", Product.AUTO, True),
    AccountType("02", "Housing Loan", Product.HOUSING, True),
    AccountType("03", "Property Loan", Product.PROPERTY, True),
    AccountType("04", "Loan Against Shares/Securities", Product.OTHER, True),
    AccountType("05", "Personal Loan", Product.PERSONAL, False),
    AccountType("06", "Consumer Loan", Product.CONSUMER, False),
    AccountType("07", "Gold Loan", Product.GOLD, True),
    AccountType("08", "Education Loan", Product.EDUCATION, False),
    AccountType("09", "Loan to Professional", Product.BUSINESS, False),
    AccountType("10", "Credit Card", Product.CARD, False),
    AccountType("11", "Leasing", Product.OTHER, False),
    AccountType("12", "Overdraft", Product.OVERDRAFT, False),
    AccountType("13", "Two-wheeler Loan", Product.TWO_WHEELER, True),
    AccountType("14", "Non-Funded Credit Facility", Product.OTHER, False),
    AccountType("15", "Loan Against Bank Deposits", Product.OTHER, True),
    AccountType("16", "Fleet Card", Product.CARD, False),
    AccountType("17", "Commercial Vehicle Loan", Product.BUSINESS, True),
    AccountType("18", "Telco - Wireless", Product.TELECOM, None),
    AccountType("19", "Telco - Broadband", Product.TELECOM, None),
    AccountType("20", "Telco - Landline", Product.TELECOM, None),
    AccountType("21", "Seller Financing", Product.CONSUMER, False),
    AccountType("23", "GECL Loan Secured", Product.BUSINESS, True),
    AccountType("24", "GECL Loan Unsecured", Product.BUSINESS, False),
    AccountType("31", "Secured Credit Card", Product.CARD, True),
    AccountType("32", "Used Car Loan", Product.AUTO, True),
    AccountType("33", "Construction Equipment Loan", Product.BUSINESS, True),
    AccountType("34", "Tractor Loan", Product.BUSINESS, True),
    AccountType("35", "Corporate Credit Card", Product.CARD, False),
    AccountType("36", "Kisan Credit Card", Product.OVERDRAFT, False),
    AccountType("37", "Loan on Credit Card", Product.PERSONAL, False),
    AccountType("38", "Prime Minister Jan Dhan Yojana - Overdraft", Product.OVERDRAFT, False),
    AccountType("39", "Mudra Loans - Shishu/Kishor/Tarun", Product.BUSINESS, False),
    AccountType("40", "Microfinance - Business Loan", Product.MICROFINANCE, False),
    AccountType("41", "Microfinance - Personal Loan", Product.MICROFINANCE, False),
    AccountType("42", "Microfinance - Housing Loan", Product.MICROFINANCE, False),
    AccountType("43", "Microfinance - Other", Product.MICROFINANCE, False),
    AccountType("44", "Pradhan Mantri Awas Yojana - CLSS", Product.HOUSING, True),
    AccountType("45", "P2P Personal Loan", Product.PERSONAL, False),
    AccountType("46", "P2P Auto Loan", Product.AUTO, True),
    AccountType("47", "P2P Education Loan", Product.EDUCATION, False),
    AccountType("50", "Business Loan - Secured", Product.BUSINESS, True),
    AccountType("51", "Business Loan - General", Product.BUSINESS, False),
    AccountType("52", "Business Loan - Priority Sector - Small Business", Product.BUSINESS, False),
    AccountType("53", "Business Loan - Priority Sector - Agriculture", Product.BUSINESS, False),
    AccountType("54", "Business Loan - Priority Sector - Others", Product.BUSINESS, False),
    AccountType("55", "Business Non-Funded Credit Facility - General", Product.BUSINESS, False),
    AccountType("56", "Business Non-Funded - Small Business", Product.BUSINESS, False),
    AccountType("57", "Business Non-Funded - Agriculture", Product.BUSINESS, False),
    AccountType("58", "Business Non-Funded - Others", Product.BUSINESS, False),
    AccountType("59", "Business Loan Against Bank Deposits", Product.BUSINESS, True),
    AccountType("61", "Business Loan - Unsecured", Product.BUSINESS, False),
    AccountType("69", "Short Term Personal Loan", Product.PERSONAL, False),
    AccountType("70", "Priority Sector - Gold Loan", Product.GOLD, True),
    AccountType("71", "Temporary Overdraft", Product.OVERDRAFT, False),
)
_OTHER = _TYPES[0]
_BY_CODE = {kind.code: kind for kind in _TYPES}
_BY_LABEL = {_words(kind.label): kind.code for kind in _TYPES}

# Most telling first: "secured credit card" before "credit card", "used car" before "car".
_TELLING = (
    ("microfinance personal", "41"),
    ("microfinance business", "40"),
    ("microfinance housing", "42"),
    ("microfinance", "43"),
    ("gold", "07"),
    ("secured credit card", "31"),
    ("on credit card", "37"),
    ("kisan credit card", "36"),
    ("corporate credit card", "35"),
    ("credit card", "10"),
    ("two wheeler", "13"),
    ("used car", "32"),
    ("commercial vehicle", "17"),
    ("tractor", "34"),
    ("construction equipment", "33"),
    ("against bank deposits", "15"),
    ("against shares", "04"),
    ("against property", "03"),
    ("property", "03"),
    ("housing", "02"),
    ("home", "02"),
    ("business unsecured", "61"),
    ("business secured", "50"),
    ("mudra", "39"),
    ("short term personal", "69"),
    ("personal", "05"),
    ("auto", "01"),
    ("car", "01"),
    ("consumer", "06"),
    ("education", "08"),
    ("overdraft", "12"),
    ("professional", "09"),
    ("business", "51"),
    ("telco", "18"),
)
