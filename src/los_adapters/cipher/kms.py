"""A key-encryption key that AWS KMS keeps: the key itself never leaves the service.

API: AWS KMS 2014-11-01, Encrypt and Decrypt (docs.aws.amazon.com/kms/latest/APIReference).
Auth: what the AWS SDK finds, or the access key of the settings. Context: each wrapped key's own, as
EncryptionContext: it is authenticated, and CloudTrail logs it, so it holds ids only.
Limits: one call per brand's key and process; customers' keys are under the brands' and cost none.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from los_core.ports.cipher import KeyWrap
from los_core.ports.errors import Unavailable

T = TypeVar("T")
NAME: Final = "aws-kms"
_ALTERED: Final = {"InvalidCiphertextException", "IncorrectKeyException"}
_WAIT: Final = {
    "DependencyTimeoutException",
    "KMSInternalException",
    "LimitExceededException",
    "RequestTimeout",
    "ThrottlingException",
}


class Client(Protocol):
    """What is used of boto3's client."""

    def encrypt(self, **fields: Any) -> Mapping[str, Any]:
        """Encrypt up to four kilobytes."""
        ...

    def decrypt(self, **fields: Any) -> Mapping[str, Any]:
        """Decrypt what `encrypt` returned."""
        ...


class KmsWrap:
    """Wraps with one key of KMS; what it wrapped is known by the key's ARN."""

    def __init__(self, client: Client, *, key: str) -> None:
        self._client = client
        self._key = key

    @property
    def key_id(self) -> str:
        """The key's ARN."""
        return self._key

    def knows(self, key_id: str) -> bool:
        """Whether KMS keeps it: any key by its ARN, not only the one in use."""
        return key_id == self._key or key_id.startswith("arn:aws:kms:")

    def wrap(self, secret: bytes, context: Mapping[str, str]) -> bytes:
        """Encrypt; see the port."""
        answer = _asked(
            lambda: self._client.encrypt(
                KeyId=self._key, Plaintext=secret, EncryptionContext=dict(context)
            )
        )
        return bytes(answer["CiphertextBlob"])

    def unwrap(self, key_id: str, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Decrypt; see the port."""
        if not self.knows(key_id):
            raise ValueError(f"wrapped by a key that KMS does not keep: {key_id!r}")
        answer = _asked(
            lambda: self._client.decrypt(
                KeyId=key_id, CiphertextBlob=wrapped, EncryptionContext=dict(context)
            )
        )
        return bytes(answer["Plaintext"])


class Succession:
    """The first key wraps; what an earlier one wrapped is still unwrapped."""

    def __init__(self, first: KeyWrap, *earlier: KeyWrap) -> None:
        self._first = first
        self._all = (first, *earlier)

    @property
    def key_id(self) -> str:
        """The first key's id."""
        return self._first.key_id

    def knows(self, key_id: str) -> bool:
        """Whether one of them does."""
        return any(each.knows(key_id) for each in self._all)

    def wrap(self, secret: bytes, context: Mapping[str, str]) -> bytes:
        """Encrypt with the first; see the port."""
        return self._first.wrap(secret, context)

    def unwrap(self, key_id: str, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Decrypt with the one that knows the key; see the port."""
        for each in self._all:
            if each.knows(key_id):
                return each.unwrap(key_id, wrapped, context)
        raise ValueError(f"wrapped by a key that nobody here holds: {key_id!r}")


def connect(
    *, region: str, endpoint_url: str | None, access_key_id: str | None, secret: str | None
) -> Client:
    """Return a client with its waits bounded; nothing is asked yet."""
    client: Client = boto3.client(
        "kms",
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret,
        config=Config(
            connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3}
        ),
    )
    return client


def _asked(call: Callable[[], T]) -> T:
    """Return the service's answer. Raises: ValueError: altered; Unavailable."""
    try:
        return call()
    except ClientError as err:
        code = str(err.response.get("Error", {}).get("Code", ""))
        if code in _ALTERED:
            raise ValueError("altered, or of another context") from err
        raise Unavailable(
            "the key service refuses", provider=NAME, code=code, misconfigured=code not in _WAIT
        ) from err
    except BotoCoreError as err:
        raise Unavailable("the key service does not answer", provider=NAME) from err
