"""HEAD: the head of what GET answers, and nothing that follows it."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from hindcast.api.middleware.heads import HeadAsGet

Message = MutableMapping[str, Any]


def test_an_answer_in_many_parts_ends_with_its_head():
    seen: list[str] = []
    sent: list[Message] = []

    async def answer(scope: Message, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(100):
            seen.append(f"{scope['method']} {number}")
            await send({"type": "http.response.body", "body": b"a part", "more_body": True})

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(HeadAsGet(answer)({"type": "http", "method": "HEAD"}, nothing, send))
    start, body = sent
    assert start["status"] == 200
    assert body == {"type": "http.response.body", "body": b""}
    assert seen == ["GET 0"]  # whoever answers is not asked for more
