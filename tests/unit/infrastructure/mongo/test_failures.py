"""What the driver and the server raise, in our words."""

from __future__ import annotations

from concurrent.futures import CancelledError

import pytest
from bson.errors import InvalidBSON
from pydantic import SecretStr, TypeAdapter
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    DocumentTooLarge,
    ExecutionTimeout,
    NotPrimaryError,
    OperationFailure,
    ProtocolError,
    ServerSelectionTimeoutError,
    WriteError,
    WTimeoutError,
)

from hindcast.domain.errors import (
    CorruptDataError,
    HindcastError,
    InputError,
    StorageError,
    StoreUnavailableError,
)
from hindcast.infrastructure.mongo.address import read_address
from hindcast.infrastructure.mongo.failures import told

ADDRESS = read_address(SecretStr("mongodb://hansel:gr3tel@localhost:27017"), "hindcast")


def translated(error: BaseException) -> HindcastError:
    with pytest.raises(HindcastError) as caught, told(ADDRESS):
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), StoreUnavailableError),
        (CancelledError(), StoreUnavailableError),
        (ConnectionResetError(), StoreUnavailableError),
        (AutoReconnect("gone"), StoreUnavailableError),
        (ServerSelectionTimeoutError("no server"), StoreUnavailableError),
        (NotPrimaryError("not now"), StoreUnavailableError),
        (ConfigurationError("the server is too old"), StoreUnavailableError),
        (ProtocolError("nonsense"), StoreUnavailableError),
        (InvalidBSON("nonsense"), StoreUnavailableError),
        (ExecutionTimeout("too slow", 50), StoreUnavailableError),
        (WTimeoutError("no majority", 64), StoreUnavailableError),
        (OperationFailure("shutting down", 91), StoreUnavailableError),
        (OperationFailure("no space", 14031), StoreUnavailableError),
        (OperationFailure("who are you", 18), StoreUnavailableError),
        (OperationFailure("you may not", 13), StoreUnavailableError),
        (OperationFailure("another index of this name", 85), StorageError),
        (WriteError("too large", 10334), InputError),
        (DocumentTooLarge("too large"), InputError),
        (OverflowError("MongoDB can only handle up to 8-byte ints"), InputError),
    ],
)
def test_each_failure_has_its_error(error: BaseException, kind: type[HindcastError]) -> None:
    assert type(translated(error)) is kind


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("hansel:gr3tel@localhost is gone"),
        OperationFailure("hansel has no gr3tel", 1, {"errmsg": "hansel has no gr3tel"}),
        OperationFailure("hansel has no gr3tel", 18),
        OverflowError("gr3tel"),
    ],
)
def test_no_secret_is_told_whatever_the_driver_says(error: BaseException) -> None:
    found = translated(error)
    assert "hansel" not in str(found)
    assert "gr3tel" not in str(found)
    assert found.__cause__ is None
    assert found.__suppress_context__


def test_a_stored_document_of_another_shape_is_corrupt() -> None:
    words = "a document at MongoDB at localhost:27017 is not as it was written: 0"
    with pytest.raises(CorruptDataError, match=words), told(ADDRESS):
        TypeAdapter(list[int]).validate_python(["hansel"])


def test_our_own_errors_pass() -> None:
    with pytest.raises(InputError, match="as it is"), told(ADDRESS):
        raise InputError("as it is")
