"""Sound and video made by hand, small enough to read: containers with what phones write into them."""

from __future__ import annotations

import struct

SECRET = "+34.0174+113.0529"  # where somebody stood, as an iPhone writes it


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def mp4(*, video: bool = False, seconds: int = 12) -> bytes:
    """A moov with a place, a title and times of recording, and a track of timed metadata."""

    def track(handler: bytes) -> bytes:
        head = _box(b"tkhd", b"\0\0\0\7" + struct.pack(">III", 0xE0000001, 0xE0000002, 1) + bytes(68))
        media = _box(b"mdhd", bytes(4) + struct.pack(">IIII", 0xE0000001, 0xE0000002, 1000, seconds * 1000) + bytes(4))
        media += _box(b"hdlr", bytes(8) + handler + bytes(12) + b"\0")
        return _box(b"trak", head + _box(b"mdia", media) + _box(b"udta", _box(b"name", SECRET.encode())))

    header = bytes(4) + struct.pack(">IIII", 0xE0000001, 0xE0000002, 1000, seconds * 1000) + bytes(80)
    place = _box(b"udta", _box(b"\xa9xyz", SECRET.encode())) + _box(b"meta", SECRET.encode())
    tracks = track(b"soun") + (track(b"vide") if video else b"") + track(b"meta")
    moov = _box(b"moov", _box(b"mvhd", header) + tracks + place)
    return _box(b"ftyp", b"M4A \0\0\0\0mp42") + moov + _box(b"mdat", b"\x55" * 400) + _box(b"uuid", SECRET.encode() * 2)


def _element(name: int, body: bytes, *, is_open: bool = False) -> bytes:
    head = name.to_bytes((name.bit_length() + 7) // 8, "big")
    size = b"\x01" + b"\xff" * 7 if is_open else (1 << 56 | len(body)).to_bytes(8, "big")
    return head + size + body


def webm(*, video: bool = False, seconds: int = 9) -> bytes:
    """As a browser records: segment and clusters of open length, no duration; with a title and tags put in."""
    head = _element(0x1A45DFA3, _element(0x4286, b"\1") + _element(0x4282, b"webm"))
    info = _element(0x1549A966, _element(0x2AD7B1, (1_000_000).to_bytes(4, "big")) + _element(0x7BA9, SECRET.encode()))
    kinds = [2, 1] if video else [2]
    tracks = b"".join(
        _element(
            0xAE, _element(0xD7, bytes([place])) + _element(0x83, bytes([kind])) + _element(0x536E, SECRET.encode())
        )
        for place, kind in enumerate(kinds, 1)
    )
    clusters = b"".join(
        _element(
            0x1F43B675,
            _element(0xE7, (second * 1000).to_bytes(4, "big"))
            + _element(0xA3, b"\x81" + struct.pack(">h", 980) + b"\0sound"),
            is_open=True,
        )
        for second in range(seconds)
    )
    tags = _element(0x1254C367, SECRET.encode() * 2)
    return head + _element(0x18538067, info + _element(0x1654AE6B, tracks) + clusters + tags, is_open=True)


def mp3(*, frames: int = 80) -> bytes:
    """Frames of 128 kbit/s at 44.1 kHz between two kinds of tag."""
    tag = b"ID3\4\0\0" + bytes([0, 0, 0, len(SECRET)]) + SECRET.encode()
    frame = b"\xff\xfb\x90\x00" + b"\x55" * 413
    return tag + frame * frames + b"TAG" + SECRET.encode().ljust(125, b"\0")
