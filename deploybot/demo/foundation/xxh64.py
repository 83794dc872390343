"""The xxHash64 of a few bytes: the server's rate limiter derives from it when a caller's hour begins."""

MASK = (1 << 64) - 1
PRIMES = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)
P1, P2, P3, P4, P5 = PRIMES


def xxh64(data: bytes) -> int:
    """As specified at https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, with seed 0."""
    end = len(data) - len(data) % 32
    total = (_stripes(data[:end]) if end else P5) + len(data)
    return _avalanche(_tail(data[end:], total & MASK))


def _stripes(data: bytes) -> int:
    lanes = [(P1 + P2) & MASK, P2, 0, -P1 & MASK]
    for start in range(0, len(data), 32):
        lanes = [_round(lane, _number(data, start + 8 * i, 8)) for i, lane in enumerate(lanes)]
    total = sum(_rotated(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18), strict=True)) & MASK
    for lane in lanes:
        total = ((total ^ _round(0, lane)) * P1 + P4) & MASK
    return total


def _tail(data: bytes, total: int) -> int:
    at = 0
    while at + 8 <= len(data):
        total = (_rotated(total ^ _round(0, _number(data, at, 8)), 27) * P1 + P4) & MASK
        at += 8
    if at + 4 <= len(data):
        total = (_rotated(total ^ (_number(data, at, 4) * P1 & MASK), 23) * P2 + P3) & MASK
        at += 4
    for byte in data[at:]:
        total = _rotated(total ^ (byte * P5 & MASK), 11) * P1 & MASK
    return total


def _avalanche(total: int) -> int:
    total = (total ^ (total >> 33)) * P2 & MASK
    total = (total ^ (total >> 29)) * P3 & MASK
    return total ^ (total >> 32)


def _round(lane: int, value: int) -> int:
    return _rotated((lane + value * P2) & MASK, 31) * P1 & MASK


def _rotated(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (64 - bits))) & MASK


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")
