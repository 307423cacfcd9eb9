"""What pages of stored documents have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

DamagedIds = Annotated[
    list[str],
    Field(
        description="Ids of what belongs into this page and is left out: the stored document is not what was written",
        examples=[[]],
    ),
]
