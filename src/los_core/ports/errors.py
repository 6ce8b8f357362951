"""The outcomes of asking a vendor, other than an answer. Source: design decision D7.

Three things can go wrong with a call, and money depends on telling them apart:
`Unavailable` – nothing happened; `Rejected` – they said no; `Unknown` – sent, and no answer.
`BadSignature` is about messages that come to us.
"""


class ProviderError(Exception):
    """A vendor could not be used as asked; the message carries no secret and no personal data."""

    def __init__(self, message: str, *, provider: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.provider = provider
        self.code = code


class Unavailable(ProviderError):
    """Nothing happened at the vendor: ask again later, or ask the next provider.

    `misconfigured` is True where our credentials or the account's products are at fault: waiting
    does not mend it, people must be told.
    """

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        code: str = "",
        misconfigured: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, provider=provider, code=code)
        self.misconfigured = misconfigured
        self.retry_after_s = retry_after_s


class Rejected(ProviderError):
    """The vendor understood and said no; `code` is the vendor's own."""


class Unknown(ProviderError):
    """The request left us and no answer can be trusted: it may have been carried out.

    Never send it again and never elsewhere; ask the same provider by our reference.
    """


class BadSignature(ProviderError):
    """A message claims to come from a vendor and does not prove it."""
