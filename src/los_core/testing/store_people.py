"""The laws of a store about people: customers, their consents, their one-time codes."""

# ruff: noqa: D102 # a law's name is its sentence

from datetime import timedelta

import attrs
import pytest

from los_core.domain.errors import Conflict
from los_core.domain.ids import BrandId, CustomerId
from los_core.domain.kyc import Pan, Phone
from los_core.domain.staff import Guess
from los_core.testing import records
from los_core.testing.store import StoreRig, together

_LATER = timedelta(hours=1)
_RIGHT, _WRONG = Guess.RIGHT, Guess.WRONG


class BorrowerLaws:
    """Customers, consents, one-time codes."""

    def test_a_customer_comes_back_whole(self, rig: StoreRig) -> None:
        new = rig.add_customer()
        with rig.begin(rig.brand_id) as uow:
            assert uow.customers.get(new.id) == new
            assert uow.customers.lock(new.id) == new
            assert uow.customers.by_phone(f"phone:{new.id}") == new
            new.security_version = 2
            uow.customers.save(new)
        with rig.begin(rig.brand_id) as uow:
            assert uow.customers.get(new.id) == new
            assert new.version == 1

    def test_a_phone_is_registered_once_per_brand(self, rig: StoreRig) -> None:
        with rig.begin(rig.brand_id) as uow:
            first = records.customer(rig.brand_id, rig.entropy.uuid())
            uow.customers.add(first, phone_index="phone")
            second = attrs.evolve(first, id=CustomerId(rig.entropy.uuid()), person="")
            with pytest.raises(Conflict) as refused:
                uow.customers.add(second, phone_index="phone")
            assert refused.value.code == "PHONE_ON_FILE"
            assert uow.customers.get(second.id) is None
        with rig.begin(rig.theirs.id) as uow:
            theirs = attrs.evolve(first, id=CustomerId(rig.entropy.uuid()), brand_id=rig.theirs.id)
            uow.customers.add(theirs, phone_index="phone")

    def test_of_many_who_register_a_phone_one_wins(self, rig: StoreRig) -> None:
        def race(_: int) -> bool:
            new = records.customer(rig.brand_id, rig.entropy.uuid())
            new.person = ""
            try:
                with rig.begin(rig.brand_id) as uow:
                    uow.customers.add(new, phone_index="phone")
            except Conflict:
                return False
            return True

        assert sum(together(race)) == 1

    def test_a_pan_belongs_to_one_customer_of_a_brand(self, rig: StoreRig) -> None:
        first, second = rig.add_customer(), rig.add_customer()
        with rig.begin(rig.brand_id) as uow:
            second.person = first.person
            with pytest.raises(Conflict) as refused:
                uow.customers.save(second)
            assert refused.value.code == "PAN_ON_FILE"
            assert second.version == 0
            second.person = ""
            uow.customers.save(second)

    def test_customers_who_share_a_pan_or_an_account_are_found(self, rig: StoreRig) -> None:
        first, second = rig.add_customer(), rig.add_customer()
        with rig.begin(rig.brand_id) as uow:
            uow.customers.save(first, account_indexes=["account-1", "account-2"])
            uow.customers.save(second, account_indexes=["account-2"])
            uow.customers.save(second)
            sharing = uow.customers.sharing
            assert list(sharing(account_index="account-2")) == [first.id, second.id]
            assert list(sharing(account_index="account-1")) == [first.id]
            assert list(sharing(person=second.person)) == [second.id]
            assert list(sharing(person=second.person, account_index="account-1")) == [
                first.id,
                second.id,
            ]
            assert list(sharing()) == []

    def test_customers_are_paged_newest_first(self, rig: StoreRig) -> None:
        ids = [rig.add_customer().id for _ in range(3)]
        with rig.begin(rig.brand_id) as uow:
            first = uow.customers.page(after=None, limit=2)
            assert [each.id for each in first] == [ids[2], ids[1]]
            rest = uow.customers.page(after=ids[1], limit=2)
            assert [each.id for each in rest] == [ids[0]]

    def test_customers_are_found_by_parts_of_their_name_in_any_order(self, rig: StoreRig) -> None:
        sunita = self._named(rig, "Sunita Devi RAO")
        suman = self._named(rig, "Suman Rao")
        rekha = self._named(rig, "रेखा शर्मा")
        found = {
            text: self._found(rig, text)
            for text in ("rao", "Rao,  SU", "devi rao", "unit", "रेखा", "sunita kumar", "rao!")
        }
        assert found == {
            "rao": [suman, sunita],
            "Rao,  SU": [suman, sunita],
            "devi rao": [sunita],
            "unit": [sunita],
            "रेखा": [rekha],
            "sunita kumar": [],
            "rao!": [suman, sunita],
        }

    def test_customers_are_found_by_their_phone_and_the_end_of_their_pan(
        self, rig: StoreRig
    ) -> None:
        first = self._named(rig, "Asha Jain", phone="9812345678", pan="ABCPJ1234K")
        second = self._named(rig, "Asha Nair", phone="7012345999", pan="XYZPN9876L")
        asked = {
            "12345": [second, first],
            "981 234": [first],
            "+91 70123 45999": [second],
            "234k": [first],
            "asha 876L": [second],
            "asha 234": [second, first],
            "XYZPN9876L": [],
        }
        assert {text: self._found(rig, text) for text in asked} == asked

    def test_too_little_text_finds_nobody(self, rig: StoreRig) -> None:
        self._named(rig, "Om Rao")
        assert [self._found(rig, text) for text in ("", "ra", "o m", "98", "%", "___")] == [[]] * 6
        assert len(self._found(rig, "om rao")) == 1

    def test_what_is_typed_is_text_and_no_pattern(self, rig: StoreRig) -> None:
        self._named(rig, "Sunita Rao")
        nothing = ("%%%", "sunit_x", "sun%kumar", "sunita' OR 'x'='x", 'nobody"; --')
        assert {text: self._found(rig, text) for text in nothing} == {key: [] for key in nothing}
        for text in ('sunita" *', "rao)", "sun%rao"):
            assert len(self._found(rig, text)) == 1, text

    def test_a_customer_is_found_by_what_they_are_now(self, rig: StoreRig) -> None:
        self._named(rig, "Sunita Rao")
        with rig.begin(rig.brand_id) as uow:
            [known] = uow.customers.search("sunita", after=None, limit=9)
            assert known.pan is not None
            known.pan = attrs.evolve(known.pan, name="Sunita Iyer")
            uow.customers.save(known)
            assert list(uow.customers.search("sunita rao", after=None, limit=9)) == []
            assert list(uow.customers.search("iyer", after=None, limit=9)) == [known]
            uow.customers.index(known)
            assert list(uow.customers.search("iyer", after=None, limit=9)) == [known]

    def test_what_is_found_is_the_brands_own_and_is_paged_newest_first(self, rig: StoreRig) -> None:
        ids = [self._named(rig, f"Asha Rao {word}") for word in ("One", "Two", "Three")]
        self._named(rig, "Asha Rao", brand_id=rig.theirs.id)
        assert self._found(rig, "asha", limit=2) == [ids[2], ids[1]]
        assert self._found(rig, "asha", after=ids[1], limit=2) == [ids[0]]

    def test_consents_come_back_oldest_first_and_are_withdrawn(self, rig: StoreRig) -> None:
        owner = rig.add_customer()
        later = records.consent(owner.id, rig.entropy.uuid())
        later = attrs.evolve(later, granted_at=records.AT + _LATER, ip=None, device=None)
        first = records.consent(owner.id, rig.entropy.uuid())
        with rig.begin(rig.brand_id) as uow:
            uow.people.add_consent(later)
            uow.people.add_consent(first)
            assert list(uow.people.consents(owner.id)) == [first, later]
            withdrawn = first.withdraw(records.AT + _LATER)
            uow.people.save_consent(withdrawn)
            assert list(uow.people.consents(owner.id)) == [withdrawn, later]

    def test_a_code_works_once(self, rig: StoreRig) -> None:
        self._send(rig)
        assert self._guesses(rig, "wrong", "right", "right") == [_WRONG, _RIGHT, _WRONG]

    def test_guesses_beyond_the_limit_are_not_looked_at(self, rig: StoreRig) -> None:
        self._send(rig)
        wrong = ["wrong"] * 5
        assert self._guesses(rig, *wrong, "right") == [_WRONG] * 5 + [Guess.SPENT]

    def test_a_code_is_good_until_it_expires(self, rig: StoreRig) -> None:
        self._send(rig)
        rig.clock.advance(timedelta(minutes=5))
        assert self._guesses(rig, "right") == [_WRONG]

    def test_a_new_code_voids_the_one_before(self, rig: StoreRig) -> None:
        self._send(rig)
        self._send(rig, code_hash="newer", sent_at=records.AT + timedelta(seconds=30))
        assert self._guesses(rig, "right", "newer") == [_WRONG, _RIGHT]

    def test_a_code_is_for_its_purpose_and_phone(self, rig: StoreRig) -> None:
        self._send(rig, purpose="SIGN")
        self._send(rig, phone_index="another")
        assert self._guesses(rig, "right") == [_WRONG]

    def test_codes_sent_to_a_phone_are_counted_for_every_purpose(self, rig: StoreRig) -> None:
        times = [records.AT + timedelta(minutes=minute) for minute in range(3)]
        for at, purpose in zip(times, ("LOGIN", "SIGN", "LOGIN"), strict=True):
            self._send(rig, purpose=purpose, sent_at=at)
        with rig.begin(rig.brand_id) as uow:
            assert list(uow.people.otps_since("phone-index", times[1])) == times[1:]

    def test_many_guesses_at_once_get_no_more_than_the_limit(self, rig: StoreRig) -> None:
        self._send(rig)
        wrong = ["wrong"] * 4
        assert self._guesses(rig, *wrong) == [_WRONG] * 4

        def race(_: int) -> Guess:
            return self._guesses(rig, "wrong")[0]

        guessed = together(race)
        assert [guess for guess in guessed if guess is not Guess.SPENT] == [_WRONG]
        assert self._guesses(rig, "right") == [Guess.SPENT]

    def test_of_many_right_guesses_one_wins(self, rig: StoreRig) -> None:
        self._send(rig)

        def race(_: int) -> Guess:
            return self._guesses(rig, "right")[0]

        assert together(race).count(_RIGHT) == 1

    def _named(
        self,
        rig: StoreRig,
        name: str,
        *,
        phone: str = "9876543210",
        pan: str = records.PAN,
        brand_id: BrandId | None = None,
    ) -> CustomerId:
        new = records.customer(brand_id or rig.brand_id, rig.entropy.uuid())
        assert new.pan is not None
        new.person, new.phone = f"person:{new.id}", Phone.parse(phone)
        new.pan = attrs.evolve(new.pan, name=name, pan=Pan.parse(pan))
        with rig.begin(new.brand_id) as uow:
            uow.customers.add(new, phone_index=f"phone:{new.id}")
        return new.id

    def _found(
        self, rig: StoreRig, text: str, *, after: CustomerId | None = None, limit: int = 9
    ) -> list[CustomerId]:
        with rig.begin(rig.brand_id) as uow:
            return [each.id for each in uow.customers.search(text, after=after, limit=limit)]

    def _send(self, rig: StoreRig, **changes: object) -> None:
        with rig.begin(rig.brand_id) as uow:
            uow.people.add_otp(records.otp(rig.brand_id, rig.entropy.uuid(), **changes))

    def _guesses(self, rig: StoreRig, *codes: str) -> list[Guess]:
        answers = []
        for code in codes:
            with rig.begin(rig.brand_id) as uow:
                answers.append(
                    uow.people.try_otp(
                        phone_index="phone-index",
                        purpose="LOGIN",
                        code_hash=code,
                        at=rig.clock.now(),
                        limit=5,
                    )
                )
        return answers
