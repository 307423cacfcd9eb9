"""What Beanie, the driver and the server raise, in our words, without a word of the URL's secrets."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Final

from beanie.exceptions import CollectionWasNotInitialized, MongoDBVersionError
from bson.errors import BSONError, InvalidDocument, InvalidStringData
from pydantic import ValidationError
from pymongo.errors import OperationFailure, PyMongoError

from hindcast.domain.errors import CorruptDataError, HindcastError, InputError, StorageError, StoreUnavailableError
from hindcast.infrastructure.mongo.address import Address

# Codes of the server: it is there, and does not do this now.
_NOT_NOW: Final = {
    24: "LockTimeout",
    50: "MaxTimeMSExpired",
    91: "ShutdownInProgress",
    112: "WriteConflict",
    262: "ExceededTimeLimit",
    11600: "InterruptedAtShutdown",
    14031: "OutOfDiskSpace",
}
_NOT_LET_IN: Final = {13: "Unauthorized", 18: "AuthenticationFailed", 8000: "AtlasError"}
_TOO_LARGE: Final = {10334: "BSONObjectTooLarge"}

_NONSENSE: Final = (AssertionError, AttributeError, LookupError, TypeError, ValueError, struct.error)


@contextmanager
def told(address: Address) -> Iterator[None]:
    """Turn what goes wrong at a server into our errors."""
    at = f"MongoDB at {address.shown}"
    try:
        yield
    except HindcastError:
        raise
    except (TimeoutError, CancelledError):
        raise StoreUnavailableError(f"{at} does not answer in time") from None
    except OperationFailure as error:
        raise _refused(at, address, error) from None
    except (InvalidDocument, InvalidStringData, OverflowError, UnicodeEncodeError) as error:
        raise InputError(f"this can't be kept in MongoDB: {address.told(str(error))}") from None
    except ValidationError as error:
        found = ", ".join(sorted({".".join(str(part) for part in each["loc"]) for each in error.errors()}))
        raise CorruptDataError(f"a document at {at} is not as it was written: {found}") from None
    except (PyMongoError, BSONError, OSError) as error:
        words = address.told(str(error).partition(" (configured timeouts")[0])
        raise StoreUnavailableError(f"{at} does not answer: {type(error).__name__}: {words}") from None
    except _NONSENSE as error:  # the driver trusts its server to know the protocol
        words = address.told(f"{type(error).__name__}: {error}")
        raise StoreUnavailableError(f"{at} does not answer as MongoDB does: {words}") from error
    except (CollectionWasNotInitialized, MongoDBVersionError) as error:
        raise StorageError(f"{at} can't be used: {type(error).__name__}: {address.told(str(error))}") from None


def _refused(at: str, address: Address, error: OperationFailure) -> StorageError | InputError:
    """The error for a command that the server answered with a failure."""
    code = error.code or 0
    if code in _NOT_LET_IN:
        return StoreUnavailableError(f"{at} does not let us in ({_NOT_LET_IN[code]}): look at mongodb_url")
    if code in _TOO_LARGE:
        return InputError("this can't be kept in MongoDB: a document may have 16 MB")
    words = f"{type(error).__name__} {code}: {address.told(str((error.details or {}).get('errmsg') or error))}"
    if error.timeout or code in _NOT_NOW or error.has_error_label("RetryableWriteError"):
        return StoreUnavailableError(f"{at} can't do this now: {words}")
    return StorageError(f"{at} refuses: {words}")
