"""What others need to test against us: strategies, builders and laws (extra `los[testing]`).

**Strategies** generate legal values only, for hypothesis:

- `values.VALUES`: a strategy for each public value type, by the type: terms, products, rules,
  applicants, scorecards, settings, coupons, settlements and the rest.
- `money`: terms of every method and shape, days of a loan, `stories` of a loan and its facts;
  `money_stories`: waterfalls and dues; `money_sagas`: whole lives with every kind of fact, also
  such as come too early, too late or aimed at nothing.
- `decisions`: applicants and rules; PANs, Aadhaar numbers of the test range, phones.
- `credit`: products, fees, limits, evaluations, scorecards. `operations`: desks, reminders,
  reloans, coupons, targets, settlements, co-lending.

**Builders** return one sound value, with the changes a test names: `decisions.applicant` (whom the
default rules accept), `decisions.rule`, `decisions.scorecard`; `records` for all that a store
keeps (brands, customers, loans, offers, receipts, approvals, ...).

**Laws** are test classes and functions that an adapter must pass, one module per port: `payment`,
`payout`, `bankaccount`, `bureau`, `identity`, `employment`, `esign`, `message`, `statement`,
`storage`, `security` (tokens, ciphers, hashers, clocks), `letters` (pages), `provider` (what all
vendors have in common) and `store` with its parts.

    from hypothesis import given
    from los_core import Terms, build_schedule
    from los_core.testing.values import VALUES

    @given(VALUES[Terms])
    def test_my_report_sums_the_principal(terms): ...
"""
