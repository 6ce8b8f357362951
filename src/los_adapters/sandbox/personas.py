"""The people of the sandbox: one file, so that PAN, Aadhaar, bank, employer and bureau agree.

Every number is made up and well formed: PANs of individuals, Aadhaar numbers of the 9999 test
series with their Verhoeff digit, mobiles, UANs. What is peculiar about a person is in their
`behaviours`, words that the imitated vendors act upon; there are no magic numbers elsewhere.
Money is paise.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Literal

import attrs

from los_core.domain.money import Paise

Behaviour = Literal[
    "payout_times_out_after_success",  # the bank pays, and does not say so
    "payout_returned",  # the bank reverses the credit on a later day
    "closed_account",  # the account takes no credit
    "aadhaar_name_mismatch",  # another name on the Aadhaar than on the PAN
    "new_to_credit",  # the bureau knows the person and no loan of theirs
    "deep_dpd",  # the bureau knows long delays and a write-off
    "refuses_to_sign",  # declines the agreement on the signing page
    "repays_early",  # good, and forecloses
    "blocklisted",  # the lender will not lend to them
]


@attrs.frozen(kw_only=True)
class Home:
    """Where a person lives; `state_code` is the two letters bureaus use."""

    line1: str
    locality: str
    city: str
    district: str
    state: str
    state_code: str
    pincode: str


@attrs.frozen(kw_only=True)
class Account:
    """A savings account; `layout` is how the bank prints its statements."""

    account_number: str
    ifsc: str
    bank: str
    branch: str
    layout: Literal["HDFC", "SBI"]
    name_at_bank: str
    opening_balance: Paise = 18_450_25


@attrs.frozen(kw_only=True)
class Tradeline:
    """A loan or card at the bureau.

    Attributes:
        account_type: the bureau's label, such as "Personal Loan" or "Credit Card".
        emi: the monthly instalment, 0 for cards.
        history: days past due of each month, the newest (last month) first.
    """

    lender: str
    account_type: str
    account_number: str
    opened_on: date
    closed_on: date | None = None
    sanctioned: Paise
    balance: Paise
    overdue: Paise = 0
    emi: Paise = 0
    tenure_months: int | None = None
    credit_limit: Paise | None = None
    written_off: Paise = 0
    history: tuple[int, ...]


@attrs.frozen(kw_only=True)
class Enquiry:
    """A lender's earlier question about the person."""

    lender: str
    days_ago: int
    amount: Paise


@attrs.frozen(kw_only=True)
class BureauFile:
    """What the bureau holds; `score` is −1 for a person without loans."""

    score: int
    tradelines: tuple[Tradeline, ...] = ()
    enquiries: tuple[Enquiry, ...] = ()


@attrs.frozen(kw_only=True)
class Persona:
    """One person, as every authority and company knows them.

    Attributes:
        gender: "M" or "F".
        net_salary: monthly, as it reaches the account on `salary_day`.
        name_on_aadhaar: "" where it is the full name.
    """

    key: str
    first_name: str
    middle_name: str = ""
    last_name: str
    born_on: date
    gender: Literal["M", "F"]
    phone: str
    email: str
    pan: str
    aadhaar: str
    name_on_aadhaar: str = ""
    address: Home
    employer: str
    uan: str
    joined_on: date
    net_salary: Paise
    salary_day: int
    bank: Account
    bureau: BureauFile
    behaviours: frozenset[Behaviour] = frozenset()

    @property
    def full_name(self) -> str:
        """The name as the PAN has it."""
        return " ".join(filter(None, (self.first_name, self.middle_name, self.last_name)))

    @property
    def aadhaar_name(self) -> str:
        """The name as the Aadhaar has it."""
        return self.name_on_aadhaar or self.full_name


class Personas:
    """The people, and finding one by any of their numbers. Unknown numbers find nobody: None."""

    def __init__(self, people: Sequence[Persona] | None = None) -> None:
        """`people` None means the sandbox's own."""
        self._people = tuple(PEOPLE if people is None else people)

    def __iter__(self) -> Iterator[Persona]:
        return iter(self._people)

    def __getitem__(self, key: str) -> Persona:
        return {person.key: person for person in self._people}[key]

    def by_pan(self, pan: str) -> Persona | None:
        """Find by PAN, in any case."""
        return self._first(lambda person: person.pan == pan.upper())

    def by_aadhaar(self, aadhaar: str) -> Persona | None:
        """Find by the twelve digits."""
        return self._first(lambda person: person.aadhaar == aadhaar)

    def by_phone(self, phone: str) -> Persona | None:
        """Find by mobile number: the last ten digits count."""
        return self._first(lambda person: person.phone == phone[-10:])

    def by_account(self, account_number: str, ifsc: str | None = None) -> Persona | None:
        """Find by bank account; a wrong `ifsc` finds nobody."""
        return self._first(
            lambda person: (
                person.bank.account_number == account_number
                and (ifsc is None or person.bank.ifsc == ifsc)
            )
        )

    def by_uan(self, uan: str) -> Persona | None:
        """Find by Universal Account Number."""
        return self._first(lambda person: person.uan == uan)

    def by_email(self, email: str) -> Persona | None:
        """Find by e-mail address, in any case."""
        return self._first(lambda person: person.email == email.lower())

    def _first(self, fits: Callable[[Persona], bool]) -> Persona | None:
        return next(filter(fits, self._people), None)


def _paid(months: int) -> tuple[int, ...]:
    """Return a history without a day's delay."""
    return (0,) * months


def _two_wheeler(account_number: str, *, emi: Paise, balance: Paise) -> Tradeline:
    return Tradeline(
        lender="SAHYADRI AUTO FINANCE",
        account_type="Two-Wheeler Loan",
        account_number=account_number,
        opened_on=date(2025, 3, 12),
        sanctioned=92_000_00,
        balance=balance,
        emi=emi,
        tenure_months=36,
        history=_paid(18),
    )


def _card(account_number: str, *, limit: Paise, balance: Paise) -> Tradeline:
    return Tradeline(
        lender="KAVERI BANK",
        account_type="Credit Card",
        account_number=account_number,
        opened_on=date(2022, 8, 3),
        sanctioned=limit,
        balance=balance,
        credit_limit=limit,
        history=_paid(36),
    )


def _closed_loan(account_number: str) -> Tradeline:
    return Tradeline(
        lender="NARMADA CONSUMER CREDIT",
        account_type="Consumer Loan",
        account_number=account_number,
        opened_on=date(2023, 5, 20),
        closed_on=date(2024, 5, 28),
        sanctioned=36_000_00,
        balance=0,
        tenure_months=12,
        history=_paid(36),
    )


PEOPLE = (
    Persona(
        key="asha",
        first_name="Asha",
        middle_name="Vinayak",
        last_name="Deshpande",
        born_on=date(1993, 7, 14),
        gender="F",
        phone="9822010101",
        email="asha.deshpande@example.in",
        pan="AAKPD2468F",
        aadhaar="999941001012",
        address=Home(
            line1="Flat 12, Sarita Apartments, Karve Road",
            locality="Kothrud",
            city="Pune",
            district="Pune",
            state="Maharashtra",
            state_code="MH",
            pincode="411038",
        ),
        employer="Sahyadri Precision Tools Private Limited",
        uan="100904110101",
        joined_on=date(2021, 6, 7),
        net_salary=62_500_00,
        salary_day=1,
        bank=Account(
            account_number="50100411010101",
            ifsc="HDFC0000149",
            bank="HDFC Bank",
            branch="Kothrud, Pune",
            layout="HDFC",
            name_at_bank="ASHA VINAYAK DESHPANDE",
        ),
        bureau=BureauFile(
            score=768,
            tradelines=(
                _two_wheeler("XXXX7101", emi=3_120_00, balance=47_300_00),
                _card("XXXX7102", limit=80_000_00, balance=9_450_00),
                _closed_loan("XXXX7103"),
            ),
            enquiries=(Enquiry(lender="KAVERI BANK", days_ago=210, amount=50_000_00),),
        ),
    ),
    Persona(
        key="ravi",
        first_name="Ravi",
        last_name="Naik",
        born_on=date(1988, 11, 2),
        gender="M",
        phone="9822010202",
        email="ravi.naik@example.in",
        pan="BNZPN5173K",
        aadhaar="999941002029",
        address=Home(
            line1="23 Gandhi Chowk",
            locality="Margao",
            city="Margao",
            district="South Goa",
            state="Goa",
            state_code="GA",
            pincode="403601",
        ),
        employer="Zuari Coast Logistics Limited",
        uan="100904110202",
        joined_on=date(2019, 2, 18),
        net_salary=48_000_00,
        salary_day=5,
        bank=Account(
            account_number="50100411010202",
            ifsc="HDFC0000262",
            bank="HDFC Bank",
            branch="Margao",
            layout="HDFC",
            name_at_bank="RAVI NAIK",
        ),
        bureau=BureauFile(
            score=541,
            tradelines=(
                Tradeline(
                    lender="MANDOVI FINANCE",
                    account_type="Personal Loan",
                    account_number="XXXX7201",
                    opened_on=date(2024, 9, 9),
                    sanctioned=1_50_000_00,
                    balance=1_12_600_00,
                    overdue=28_960_00,
                    emi=7_240_00,
                    tenure_months=24,
                    history=(120, 90, 60, 30, 12, 0, 0, 0, 0, 0, 0, 0),
                ),
                Tradeline(
                    lender="KAVERI BANK",
                    account_type="Credit Card",
                    account_number="XXXX7202",
                    opened_on=date(2021, 4, 1),
                    sanctioned=60_000_00,
                    balance=58_200_00,
                    overdue=58_200_00,
                    credit_limit=60_000_00,
                    written_off=58_200_00,
                    history=(540, 510, 480, 450, 420, 390, 360, 330, 300, 270, 240, 210),
                ),
            ),
            enquiries=(
                Enquiry(lender="MANDOVI FINANCE", days_ago=12, amount=50_000_00),
                Enquiry(lender="TERNA CAPITAL", days_ago=20, amount=40_000_00),
            ),
        ),
        behaviours=frozenset({"deep_dpd"}),
    ),
    Persona(
        key="meena",
        first_name="Meena",
        last_name="Iyer",
        born_on=date(1991, 1, 26),
        gender="F",
        phone="9822010303",
        email="meena.iyer@example.in",
        pan="CVMPI3841R",
        aadhaar="999941003034",
        address=Home(
            line1="7/2 Third Cross, Ayyappa Nagar",
            locality="Indiranagar",
            city="Bengaluru",
            district="Bengaluru Urban",
            state="Karnataka",
            state_code="KA",
            pincode="560038",
        ),
        employer="Cauvery Health Systems Private Limited",
        uan="100904110303",
        joined_on=date(2020, 9, 1),
        net_salary=71_200_00,
        salary_day=28,
        bank=Account(
            account_number="32100411010",
            ifsc="SBIN0009042",
            bank="State Bank of India",
            branch="Indiranagar, Bengaluru",
            layout="SBI",
            name_at_bank="MEENA IYER",
        ),
        bureau=BureauFile(
            score=781,
            tradelines=(
                _card("XXXX7301", limit=1_20_000_00, balance=14_200_00),
                _closed_loan("XXXX7302"),
            ),
        ),
        behaviours=frozenset({"payout_times_out_after_success"}),
    ),
    Persona(
        key="arjun",
        first_name="Arjun",
        last_name="Verma",
        born_on=date(1990, 3, 9),
        gender="M",
        phone="9822010404",
        email="arjun.verma@example.in",
        pan="DQWPV6092L",
        aadhaar="999941004044",
        address=Home(
            line1="B-44 Shipra Path",
            locality="Mansarovar",
            city="Jaipur",
            district="Jaipur",
            state="Rajasthan",
            state_code="RJ",
            pincode="302020",
        ),
        employer="Aravalli Textiles Limited",
        uan="100904110404",
        joined_on=date(2018, 7, 16),
        net_salary=85_000_00,
        salary_day=1,
        bank=Account(
            account_number="50100411010404",
            ifsc="HDFC0000644",
            bank="HDFC Bank",
            branch="Mansarovar, Jaipur",
            layout="HDFC",
            name_at_bank="ARJUN VERMA",
        ),
        bureau=BureauFile(
            score=795,
            tradelines=(
                _two_wheeler("XXXX7401", emi=3_120_00, balance=33_800_00),
                _card("XXXX7402", limit=1_50_000_00, balance=6_100_00),
                _closed_loan("XXXX7403"),
            ),
        ),
        behaviours=frozenset({"repays_early"}),
    ),
    Persona(
        key="nisha",
        first_name="Nisha",
        last_name="Thomas",
        born_on=date(2001, 12, 5),
        gender="F",
        phone="9822010505",
        email="nisha.thomas@example.in",
        pan="EXTPT7315M",
        aadhaar="999941005058",
        address=Home(
            line1="TC 14/203 Vazhuthacaud",
            locality="Thycaud",
            city="Thiruvananthapuram",
            district="Thiruvananthapuram",
            state="Kerala",
            state_code="KL",
            pincode="695014",
        ),
        employer="Periyar Software Services Private Limited",
        uan="100904110505",
        joined_on=date(2024, 8, 12),
        net_salary=42_000_00,
        salary_day=30,
        bank=Account(
            account_number="32100411055",
            ifsc="SBIN0009055",
            bank="State Bank of India",
            branch="Thycaud, Thiruvananthapuram",
            layout="SBI",
            name_at_bank="NISHA THOMAS",
        ),
        bureau=BureauFile(score=-1),
        behaviours=frozenset({"new_to_credit"}),
    ),
    Persona(
        key="farhan",
        first_name="Farhan",
        middle_name="Ahmed",
        last_name="Shaikh",
        born_on=date(1994, 5, 30),
        gender="M",
        phone="9822010606",
        email="farhan.shaikh@example.in",
        pan="FHJPS4820Q",
        aadhaar="999941006061",
        name_on_aadhaar="Imtiaz Hussain Ansari",
        address=Home(
            line1="Room 8, Noor Manzil, Bellasis Road",
            locality="Nagpada",
            city="Mumbai",
            district="Mumbai City",
            state="Maharashtra",
            state_code="MH",
            pincode="400008",
        ),
        employer="Konkan Marine Exports Limited",
        uan="100904110606",
        joined_on=date(2022, 1, 10),
        net_salary=52_300_00,
        salary_day=7,
        bank=Account(
            account_number="50100411010606",
            ifsc="HDFC0000086",
            bank="HDFC Bank",
            branch="Mumbai Central",
            layout="HDFC",
            name_at_bank="FARHAN AHMED SHAIKH",
        ),
        bureau=BureauFile(
            score=742, tradelines=(_card("XXXX7601", limit=60_000_00, balance=4_700_00),)
        ),
        behaviours=frozenset({"aadhaar_name_mismatch"}),
    ),
    Persona(
        key="kiran",
        first_name="Kiran",
        last_name="Bhosale",
        born_on=date(1989, 8, 21),
        gender="M",
        phone="9822010707",
        email="kiran.bhosale@example.in",
        pan="GPRPB9157N",
        aadhaar="999941007076",
        address=Home(
            line1="1180 E Ward, Shahupuri",
            locality="Shahupuri",
            city="Kolhapur",
            district="Kolhapur",
            state="Maharashtra",
            state_code="MH",
            pincode="416001",
        ),
        employer="Panchganga Sugar Works Limited",
        uan="100904110707",
        joined_on=date(2017, 4, 3),
        net_salary=46_750_00,
        salary_day=3,
        bank=Account(
            account_number="50100411010707",
            ifsc="HDFC0000737",
            bank="HDFC Bank",
            branch="Kolhapur",
            layout="HDFC",
            name_at_bank="KIRAN BHOSALE",
        ),
        bureau=BureauFile(score=733, tradelines=(_closed_loan("XXXX7701"),)),
        behaviours=frozenset({"closed_account"}),
    ),
    Persona(
        key="lata",
        first_name="Lata",
        last_name="Joshi",
        born_on=date(1986, 10, 17),
        gender="F",
        phone="9822010808",
        email="lata.joshi@example.in",
        pan="HSDPJ5763C",
        aadhaar="999941008087",
        address=Home(
            line1="302 Shanti Kunj, C. G. Road",
            locality="Navrangpura",
            city="Ahmedabad",
            district="Ahmedabad",
            state="Gujarat",
            state_code="GJ",
            pincode="380009",
        ),
        employer="Sabarmati Pharma Limited",
        uan="100904110808",
        joined_on=date(2016, 11, 21),
        net_salary=67_800_00,
        salary_day=1,
        bank=Account(
            account_number="32100411088",
            ifsc="SBIN0009088",
            bank="State Bank of India",
            branch="Navrangpura, Ahmedabad",
            layout="SBI",
            name_at_bank="LATA JOSHI",
        ),
        bureau=BureauFile(
            score=774, tradelines=(_card("XXXX7801", limit=90_000_00, balance=12_000_00),)
        ),
        behaviours=frozenset({"refuses_to_sign"}),
    ),
    Persona(
        key="dev",
        first_name="Dev",
        last_name="Malhotra",
        born_on=date(1992, 4, 4),
        gender="M",
        phone="9822010909",
        email="dev.malhotra@example.in",
        pan="JMKPM8406T",
        aadhaar="999941009098",
        address=Home(
            line1="House 512, Sector 9",
            locality="Sector 9",
            city="Panchkula",
            district="Panchkula",
            state="Haryana",
            state_code="HR",
            pincode="134109",
        ),
        employer="Shivalik Power Controls Private Limited",
        uan="100904110909",
        joined_on=date(2020, 2, 3),
        net_salary=58_900_00,
        salary_day=1,
        bank=Account(
            account_number="50100411010909",
            ifsc="HDFC0000909",
            bank="HDFC Bank",
            branch="Panchkula",
            layout="HDFC",
            name_at_bank="DEV MALHOTRA",
        ),
        bureau=BureauFile(score=756, tradelines=(_closed_loan("XXXX7901"),)),
        behaviours=frozenset({"payout_returned"}),
    ),
    Persona(
        key="gopal",
        first_name="Gopal",
        last_name="Gaikwad",
        born_on=date(1984, 6, 11),
        gender="M",
        phone="9822011010",
        email="gopal.gaikwad@example.in",
        pan="KLTPG2985W",
        aadhaar="999941010102",
        address=Home(
            line1="55 Station Road",
            locality="Jalna Naka",
            city="Chhatrapati Sambhajinagar",
            district="Chhatrapati Sambhajinagar",
            state="Maharashtra",
            state_code="MH",
            pincode="431005",
        ),
        employer="Godavari Agro Machines Limited",
        uan="100904111010",
        joined_on=date(2015, 8, 24),
        net_salary=54_400_00,
        salary_day=2,
        bank=Account(
            account_number="50100411011010",
            ifsc="HDFC0001010",
            bank="HDFC Bank",
            branch="Chhatrapati Sambhajinagar",
            layout="HDFC",
            name_at_bank="GOPAL GAIKWAD",
        ),
        bureau=BureauFile(score=748, tradelines=(_closed_loan("XXXX8001"),)),
        behaviours=frozenset({"blocklisted"}),
    ),
)
