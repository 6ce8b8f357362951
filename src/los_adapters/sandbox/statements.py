"""A bank's e-statement for an invented customer: the PDF that customers of the sandbox upload.

A `StatementStory` says how somebody lives from a bank account; from it follow the rows, always the
same ones, and from the rows a text PDF in the layout of the bank. Nothing here reads a statement.

Source: layouts and narrations as HDFC Bank and State Bank of India print them.
"""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeAlias

import attrs
from fpdf.enums import AccessPermission, EncryptionMethod

from los_adapters.sandbox.statement_pages import Bank, Entry, draw
from los_core.domain.money import Paise, round_half_up
from los_core.domain.statement import Row, Statement
from los_core.domain.workdays import add_months, on_anchor

Layout: TypeAlias = Literal["HDFC", "SBI"]

_SHOPS = ("DMART", "RELIANCE FRESH", "SWIGGY", "ZOMATO", "BIGBASKET", "APOLLO PHARMACY", "IRCTC")
_PEOPLE = ("SUNIL PATIL", "KAVITA RAO", "IMRAN SHAIKH", "DEEPA NAIR", "ARJUN SINGH")
_POS = ("INDIAN OIL PUNE", "DECATHLON", "CROMA", "BATA STORES", "SHOPPERS STOP")
_FLOOR: Paise = 500_00
"""Rent and everyday spending never take the balance below this and a month's instalments."""


@attrs.frozen(kw_only=True)
class Emi:
    """An instalment taken by mandate every month; `bounced` months ago (0: the last) it came back.

    Before such a bounce the account is emptied below the instalment; whenever the balance does not
    suffice, it bounces too.
    """

    lender: str
    amount: Paise
    day: int
    bounced: tuple[int, ...] = ()


@attrs.frozen(kw_only=True)
class Lent:
    """A loan another lender paid in, `months_ago` months before the end."""

    lender: str
    amount: Paise
    months_ago: int


@attrs.frozen(kw_only=True)
class StatementStory:
    """How somebody lives from an account. Amounts in paise, days of the month.

    `salary` 0: no salary comes in. `salary_swing`: it differs by up to this much, either way.
    `says_salary` False: the employer's transfers do not use the word. `living` is the monthly
    spending besides rent and instalments, as far as the balance allows it.
    """

    holder: str
    account_no: str
    ifsc: str
    branch: str
    address: tuple[str, ...]
    employer: str
    salary: Paise
    salary_day: int
    opening: Paise
    salary_swing: Paise = 0
    says_salary: bool = True
    rent: Paise = 0
    living: Paise = 15_000_00
    emis: tuple[Emi, ...] = ()
    loans: tuple[Lent, ...] = ()
    cash_deposits: Paise = 0
    gambling: Paise = 0


def statement_pdf(
    story: StatementStory,
    *,
    until: date,
    months: int,
    layout: Layout,
    password: str | None = None,
) -> bytes:
    """Return the e-statement of the `months` months ending with `until` as a PDF file.

    Equal arguments give equal bytes. With a password the file is encrypted (RC4, 128 bits, as
    banks still send them), and opens with it alone.
    """
    told = statement_of(story, until=until, months=months, layout=layout)
    pdf = draw(
        _BANKS[layout],
        told,
        entries=_entries(told, layout),
        account_no=story.account_no,
        branch=story.branch,
        address=story.address,
        created=datetime.combine(until, time(6, 30), UTC) + timedelta(days=1),
    )
    if password is not None:
        pdf.set_encryption(
            owner_password=f"{story.account_no}-owner",
            user_password=password,
            encryption_method=EncryptionMethod.RC4,
            permissions=AccessPermission.none(),
        )
    return bytes(pdf.output())


def statement_of(story: StatementStory, *, until: date, months: int, layout: Layout) -> Statement:
    """Return what the statement says: the truth a reader of the PDF is held against."""
    start = add_months(until + timedelta(days=1), -months, anchor_day=(until + timedelta(1)).day)
    account = _Account(story, layout, until, balance=story.opening)
    for year, month in _calendar(start, until):
        account.live_through(year, month, start, until)
    rows = tuple(account.rows)
    return Statement(
        account_holder=story.holder,
        account_last4=story.account_no[-4:],
        bank=layout,
        ifsc=story.ifsc,
        period_from=start,
        period_to=until,
        opening=story.opening,
        closing=rows[-1].balance if rows else story.opening,
        rows=rows,
    )


class _Account:
    """Turns the story into rows, month by month, keeping the balance."""

    def __init__(
        self, story: StatementStory, layout: Layout, until: date, *, balance: Paise
    ) -> None:
        self.rows: list[Row] = []
        self._story = story
        self._until = until
        self._balance = balance
        self._say = _Narrator(layout, story)
        seed = f"{story.account_no} {story.holder} {layout} {until}"
        self._dice = random.Random(seed)  # noqa: S311 - invented spending, no secret

    def live_through(self, year: int, month: int, start: date, until: date) -> None:
        """Write the month's rows that fall into the period."""
        planned = sorted(self._month(year, month), key=lambda item: item[0])
        for on, write in planned:
            if start <= on <= until:
                write(on)

    def _month(self, year: int, month: int) -> Iterator[tuple[date, Callable[[date], None]]]:
        story, dice, say = self._story, self._dice, self._say
        ago = (self._until.year - year) * 12 + self._until.month - month
        if story.salary:
            amount = story.salary + dice.randint(-story.salary_swing, story.salary_swing)
            paid_on = _weekday(on_anchor(year, month, story.salary_day))
            yield paid_on, lambda on: self._in(on, say.salary(on), amount)
        for emi in story.emis:
            yield on_anchor(year, month, emi.day), self._mandate(emi, bounced=ago in emi.bounced)
        for lent in story.loans:
            if lent.months_ago == ago:
                yield on_anchor(year, month, 17), self._lent(lent)
        if story.rent:
            yield on_anchor(year, month, 4), self._spend(say.rent(), story.rent)
        if story.cash_deposits:
            cash = story.cash_deposits
            yield on_anchor(year, month, 21), lambda on: self._in(on, say.cash(), cash)
        if story.gambling:
            yield on_anchor(year, month, 9), self._spend(say.game(), story.gambling)
        if month % 3 == 0:
            yield on_anchor(year, month, 31), self._interest
        yield from self._spending(year, month)

    def _spending(self, year: int, month: int) -> Iterator[tuple[date, Callable[[date], None]]]:
        """Yield everyday debits whose amounts add up to the month's living."""
        dice, say = self._dice, self._say
        left = self._story.living
        while left > 100_00:
            on = on_anchor(year, month, dice.randint(1, 31))
            kind = dice.choices(("upi", "pos", "atm", "bill"), (12, 3, 2, 1))[0]
            if kind == "atm":
                amount = dice.choice((1_000_00, 2_000_00, 3_000_00))
            else:
                amount = dice.randint(49_00, 1_800_00)
            amount = min(amount, left)
            left -= amount
            words = {"upi": say.upi, "pos": say.pos, "atm": say.atm, "bill": say.bill}[kind]()
            yield on, self._spend(words, amount)
            if kind == "upi" and dice.random() < 0.12:
                back = dice.randint(50_00, 900_00)
                yield on, self._receive(say.friend(), back)

    def _spend(self, words: str, amount: Paise) -> Callable[[date], None]:
        instalments = sum(emi.amount for emi in self._story.emis)

        def write(on: date) -> None:
            if self._balance - amount >= _FLOOR + instalments:
                self._out(on, words, amount)

        return write

    def _receive(self, words: str, amount: Paise) -> Callable[[date], None]:
        return lambda on: self._in(on, words, amount)

    def _lent(self, lent: Lent) -> Callable[[date], None]:
        return lambda on: self._in(on, self._say.loan(lent.lender), lent.amount)

    def _mandate(self, emi: Emi, *, bounced: bool) -> Callable[[date], None]:
        def write(on: date) -> None:
            if bounced and self._balance >= emi.amount:
                self._out(on, self._say.away(), self._balance - emi.amount + 1_00)
            if self._balance >= emi.amount:
                self._out(on, self._say.instalment(emi.lender), emi.amount)
                return
            self._out(on, self._say.returned(on), 500_00)
            self._out(on, self._say.returned_tax(on), 90_00)

        return write

    def _interest(self, on: date) -> None:
        # A quarter's interest at 2.5 % a year on today's balance: near enough to look like one.
        amount = round_half_up(max(self._balance, 0) * 25, 4 * 1000)
        if amount:
            self._in(on, self._say.interest(), amount)

    def _in(self, on: date, words: str, amount: Paise) -> None:
        self._balance += amount
        self.rows.append(Row(on=on, narration=words, debit=0, credit=amount, balance=self._balance))

    def _out(self, on: date, words: str, amount: Paise) -> None:
        self._balance -= amount
        self.rows.append(Row(on=on, narration=words, debit=amount, credit=0, balance=self._balance))


class _Narrator:
    """Words each event as the bank prints it, with references that never repeat."""

    def __init__(self, layout: Layout, story: StatementStory) -> None:
        self._hdfc = layout == "HDFC"
        self._story = story
        self._dice = random.Random(f"words {story.account_no} {layout}")  # noqa: S311 - references

    def salary(self, on: date) -> str:
        purpose = f"SALARY {on:%b %Y}".upper() if self._story.says_salary else "N0012 VENDOR PAY"
        if self._hdfc:
            return (
                f"NEFT CR-ICIC0SF0002-{self._story.employer}-{self._story.holder}-{purpose}"
                f"-{self._number(12)}"
            )
        return f"BY TRANSFER-NEFT*ICIC0SF0002*{self._number(12)}*{self._story.employer}*{purpose}--"

    def instalment(self, lender: str) -> str:
        if self._hdfc:
            return f"ACH D- {lender}-{self._number(10)}"
        return f"DEBIT-ACHDr {self._number(8)} {lender}--"

    def returned(self, on: date) -> str:
        if self._hdfc:
            return f"ACH DEBIT RETURN CHARGES {on:%d%m%y}-{self._number(12)}"
        return f"DEBIT-ACH RTN CHG {on:%d%m%y} {self._number(8)}--"

    def returned_tax(self, on: date) -> str:
        if self._hdfc:
            return f"GST ON ACH DEBIT RETURN CHARGES {on:%d%m%y}-{self._number(12)}"
        return f"DEBIT-GST ON ACH RTN CHG {on:%d%m%y}--"

    def loan(self, lender: str) -> str:
        if self._hdfc:
            return f"IMPS-{self._number(12)}-{lender}-HDFC-XXXXXXXX{self._number(4)}-LOAN DISB"
        return f"BY TRANSFER-IMPS/{self._number(12)}/{lender}/LOAN DISB--"

    def away(self) -> str:
        who = self._dice.choice(_PEOPLE)
        if self._hdfc:
            return f"IMPS-{self._number(12)}-{who}-SBIN-XXXXXXX{self._number(4)}-FAMILY"
        return f"TO TRANSFER-IMPS/{self._number(12)}/{who}/FAMILY--"

    def rent(self) -> str:
        return self._pay("RAMESH KULKARNI", "ramesh.kulkarni@okaxis", "UTIB0000073", "RENT")

    def upi(self) -> str:
        shop = self._dice.choice(_SHOPS)
        handle = f"{shop.split()[0].lower()}.{self._number(4)}@paytm"
        return self._pay(shop, handle, "PYTM0123456", "PAYMENT FROM PHONE")

    def game(self) -> str:
        return self._pay("DREAM11 FANTASY", "dream11@axisbank", "UTIB0000114", "ADD CASH")

    def friend(self) -> str:
        who = self._dice.choice(_PEOPLE)
        if self._hdfc:
            handle = f"{who.split()[0].lower()}{self._number(3)}@okhdfcbank"
            return f"UPI-{who}-{handle}-SBIN0000454-{self._number(12)}-UPI"
        return f"BY TRANSFER-UPI/CR/{self._number(12)}/{who}/SBIN/{self._number(6)}/UPI--"

    def pos(self) -> str:
        place = self._dice.choice(_POS)
        if self._hdfc:
            return f"POS 416021XXXXXX{self._account4()} {place}"
        return f"TO TRANSFER-by debit card-OTHPG {self._number(12)} {place}--"

    def atm(self) -> str:
        if self._hdfc:
            return f"ATW-416021XXXXXX{self._account4()}-S1AN{self._number(6)}-PUNE"
        return f"TO TRANSFER-ATM WDL-ATM CASH {self._number(4)} PUNE--"

    def bill(self) -> str:
        if self._hdfc:
            return f"ME DC SI 416021XXXXXX{self._account4()} MSEDCL ELECTRICITY"
        return f"TO TRANSFER-INB MSEDCL ELECTRICITY {self._number(10)}--"

    def cash(self) -> str:
        if self._hdfc:
            return f"CASH DEPOSIT BY - SELF - PUNE {self._number(4)}"
        return f"CASH DEPOSIT-CASH DEPOSIT SELF--{self._number(6)}"

    def interest(self) -> str:
        return "CREDIT INTEREST CAPITALISED" if self._hdfc else "CREDIT INTEREST--"

    def _pay(self, name: str, handle: str, ifsc: str, note: str) -> str:
        if self._hdfc:
            return f"UPI-{name}-{handle}-{ifsc}-{self._number(12)}-{note}"
        return f"TO TRANSFER-UPI/DR/{self._number(12)}/{name}/{ifsc[:4]}/{handle[:10]}/{note}--"

    def _number(self, digits: int) -> str:
        return str(self._dice.randrange(10 ** (digits - 1), 10**digits))

    def _account4(self) -> str:
        return self._story.account_no[-4:]


def _entries(statement: Statement, layout: Layout) -> list[Entry]:
    dice = random.Random(f"refs {statement.account_last4} {layout}")  # noqa: S311 - references
    entries = []
    for row in statement.rows:
        number = str(dice.randrange(10**11, 10**12))
        reference = number.zfill(16) if layout == "HDFC" else f"{number[:10]}"
        entries.append(Entry(row=row, reference=reference))
    return entries


def _calendar(start: date, until: date) -> Iterator[tuple[int, int]]:
    year, month = start.year, start.month
    while (year, month) <= (until.year, until.month):
        yield year, month
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _weekday(on: date) -> date:
    """Return the day, or the Saturday before a Sunday: employers pay before a day off."""
    return on - timedelta(days=1) if on.weekday() == 6 else on


_BANKS: dict[Layout, Bank] = {"HDFC": Bank.HDFC, "SBI": Bank.SBI}
