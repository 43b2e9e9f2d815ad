"""Answers within limits: bytes on the wire, bytes after decompression, and the ratio of the two (R31)."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator

import httpx

from northstar.lib.egress.errors import EgressError, EgressTimeout, EgressTooLarge

MIB = 1024 * 1024
WIRE_LIMIT = 10 * MIB
BODY_LIMIT = 50 * MIB
LARGEST_RATIO = 100
# Below this, a high ratio is an ordinary table of zeros and no bomb.
RATIO_COUNTS_FROM = MIB
STEP = 64 * 1024
# zlib can stop in the middle; decoders of brotli and zstd as httpx uses them inflate a whole chunk at once.
ACCEPTED = "gzip"
GZIP = 16 + zlib.MAX_WBITS


def read_capped(response: httpx.Response, *, limit: int = WIRE_LIMIT, deadline: float | None = None) -> bytes:
    """The body of a streamed response: at most `limit` bytes, before `deadline` (a time.monotonic() moment).

    Raises EgressTooLarge or EgressTimeout; the response is closed then.
    """
    parts: list[bytes] = []
    size = 0
    try:
        for part in response.iter_bytes():
            size += len(part)
            if size > limit:
                raise too_large(limit)
            if deadline is not None and time.monotonic() > deadline:
                raise EgressTimeout("The answer was still arriving when its time was over.")
            parts.append(part)
    finally:
        response.close()
    return b"".join(parts)


def too_large(limit: int) -> EgressTooLarge:
    """The error for an answer above `limit` bytes."""
    words = f"{limit // MIB} MiB" if limit >= MIB else f"{limit} bytes"
    return EgressTooLarge(f"The answer is larger than {words}. Ask for less at a time.")


class CappedBody(httpx.SyncByteStream):
    """The decoded body of an answer. Iterating raises EgressTooLarge at a limit, before memory fills."""

    def __init__(self, stream: httpx.SyncByteStream, encoding: str, *, wire: int, body: int) -> None:
        self._stream = stream
        self._wire_limit, self._body_limit = wire, body
        self._wire = self._body = 0
        encoding = encoding.strip().lower()
        if encoding not in (ACCEPTED, "", "identity"):
            raise EgressError(f"The answer is packed as {encoding[:20]!r}, which was not asked for.")
        self._packed = encoding not in ("", "identity")

    def __iter__(self) -> Iterator[bytes]:
        for part in self._unpacked() if self._packed else self._received():
            self._body += len(part)
            if self._body > self._body_limit:
                raise too_large(self._body_limit)
            if self._body > max(RATIO_COUNTS_FROM, self._wire * LARGEST_RATIO):
                raise EgressTooLarge(f"The answer unpacks to more than {LARGEST_RATIO} times its size.")
            yield part

    def close(self) -> None:
        self._stream.close()

    def _received(self) -> Iterator[bytes]:
        for part in self._stream:
            self._wire += len(part)
            if self._wire > self._wire_limit:
                raise too_large(self._wire_limit)
            yield part

    def _unpacked(self) -> Iterator[bytes]:
        unpacker = zlib.decompressobj(GZIP)
        try:
            for part in self._received():
                while part:
                    if unpacker.eof:  # gzip files may stand one behind the other
                        unpacker = zlib.decompressobj(GZIP)
                    yield unpacker.decompress(part, STEP)
                    part = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        except zlib.error:
            raise EgressError("The answer's compressed data is damaged.") from None
        if self._wire and not unpacker.eof:
            raise EgressError("The answer ended in the middle of its compressed data.")
