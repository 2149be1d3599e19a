"""What a sound or video file is, told from its bytes alone, and its notes about place and time taken out of it.

Pure: no file, no clock, no network. Three containers are understood: MP4 (with its kin M4A, 3GP and QuickTime), WebM
and MP3; what a phone's recorder or browser makes is one of them. Nothing is decoded: the boxes are walked, what is
not needed to play is blanked where it stands, so that no offset moves.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_MOST_PARTS = 200_000
"""Boxes or elements looked at; a file with more was made to cost time."""


class NotUnderstood(ValueError):
    """No sound or video in one of the known containers, or a broken file."""


@dataclass(frozen=True)
class Media:
    """What to serve it as, its length in ``seconds`` (0: the file does not say), and the cleaned bytes."""

    kind: Literal["audio", "video"]
    media_type: str
    extension: str
    seconds: int
    content: bytes


def clean(content: bytes) -> Media:
    """Recognize a recording and take its metadata out. Raises ``NotUnderstood``.

    Gone are tags, titles, times of recording, places (``©xyz``, QuickTime and 3GPP location boxes, timed metadata
    tracks), attachments, ID3 tags and bytes in unknown boxes.
    """
    if content[4:8] == b"ftyp":
        return _mp4(bytearray(content))
    if content[:4] == b"\x1a\x45\xdf\xa3":
        return _webm(bytearray(content))
    return _mp3(content)


# ---------------------------------------------------------------- MP4 and its kin
_KEPT_AT_TOP = {b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"sidx", b"mfra", b"wide"}
_BLANKED = {b"udta", b"meta", b"uuid", b"free", b"skip"}
_TIMES = {b"mvhd", b"tkhd", b"mdhd"}


def _boxes(data: bytearray, start: int, end: int, count: list[int]) -> Iterator[tuple[bytes, int, int, int]]:
    """(type, start, start of the content, end) of the boxes in a range."""
    at = start
    while at < end:
        count[0] += 1
        if end - at < 8 or count[0] > _MOST_PARTS:
            raise NotUnderstood
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            if end - at < 16:
                raise NotUnderstood
            (size,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            raise NotUnderstood
        yield kind, at, at + head, at + size
        at += size


def _blank(data: bytearray, start: int, body: int, end: int) -> None:
    data[start + 4 : start + 8] = b"free"
    data[body:end] = bytes(end - body)


def _mp4(data: bytearray) -> Media:
    count, tracks, seconds = [0], set[bytes](), 0
    for kind, start, body, end in list(_boxes(data, 0, len(data), count)):
        if kind == b"moov":
            for inner, at, inside, stop in list(_boxes(data, body, end, count)):
                if inner in _BLANKED:
                    _blank(data, at, inside, stop)
                elif inner == b"mvhd":
                    seconds = _length(data, inside, stop)
                    _forget_times(data, inside, stop)
                elif inner == b"trak":
                    tracks.add(_track(data, at, inside, stop, count))
        elif kind not in _KEPT_AT_TOP:
            _blank(data, start, body, end)
    if b"vide" in tracks:
        return Media("video", "video/mp4", "mp4", seconds, bytes(data))
    if b"soun" in tracks:
        return Media("audio", "audio/mp4", "m4a", seconds, bytes(data))
    raise NotUnderstood


def _track(data: bytearray, start: int, body: int, end: int, count: list[int]) -> bytes:
    """What a track is (``vide``, ``soun``); one of timed metadata, where cameras write their place, is blanked."""
    handler = b""
    for kind, at, inside, stop in list(_boxes(data, body, end, count)):
        if kind in _BLANKED:
            _blank(data, at, inside, stop)
        elif kind == b"tkhd":
            _forget_times(data, inside, stop)
        elif kind == b"mdia":
            for inner, _at, within, last in list(_boxes(data, inside, stop, count)):
                if inner == b"hdlr" and last - within >= 12:
                    handler = bytes(data[within + 8 : within + 12])
                elif inner == b"mdhd":
                    _forget_times(data, within, last)
    if handler not in (b"vide", b"soun"):
        _blank(data, start, body, end)
    return handler


def _forget_times(data: bytearray, body: int, end: int) -> None:
    """When it was made and changed: two numbers after version and flags, 4 bytes each, 8 in version 1."""
    wide = 16 if end - body > 4 and data[body] == 1 else 8
    if end - body >= 4 + wide:
        data[body + 4 : body + 4 + wide] = bytes(wide)


def _length(data: bytearray, body: int, end: int) -> int:
    form = ">IQ" if end - body > 4 and data[body] == 1 else ">II"
    at = body + (20 if form == ">IQ" else 12)
    if at + struct.calcsize(form) > end:
        return 0
    scale, length = struct.unpack_from(form, data, at)
    # All ones: the length is not known.
    return 0 if not scale or length in (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF) else -(-length // scale)


# ---------------------------------------------------------------- WebM
_SEGMENT, _INFO, _TRACKS, _CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
_LEVEL_1 = {_INFO, _TRACKS, _CLUSTER, 0x114D9B74, 0x1C53BB6B, 0x1254C367, 0x1941A469, 0x1043A770}
_NEEDED = {_INFO, _TRACKS, _CLUSTER, 0x114D9B74, 0x1C53BB6B}
_TITLES = {0x7BA9, 0x4461, 0x7384, 0x73A4}  # title, date, file name, id of the segment
_TRACK, _TRACK_TYPE, _TRACK_NAME = 0xAE, 0x83, 0x536E
_SCALE, _DURATION, _CLUSTER_TIME, _SIMPLE_BLOCK, _DOCTYPE = 0x2AD7B1, 0x4489, 0xE7, 0xA3, 0x4282
_OPEN = -1


def _number(data: bytearray, at: int, end: int, *, marked: bool) -> tuple[int, int]:
    """A number of one to eight bytes and the place after it; as a size its marking bit is taken off."""
    first = data[at] if at < end else 0
    length = 9 - first.bit_length()
    if length > (4 if marked else 8) or at + length > end:
        raise NotUnderstood
    value = int.from_bytes(data[at : at + length], "big")
    if not marked:
        value &= (1 << 7 * length) - 1
        if value == (1 << 7 * length) - 1:
            value = _OPEN
    return value, at + length


def _elements(
    data: bytearray, start: int, end: int, count: list[int], stops: frozenset[int] = frozenset()
) -> Iterator[tuple[int, int, int, int]]:
    """(id, start, start of the content, end) in a range; an open one reaches to the end of the range, or, in a cluster,
    to the next element of the segment (``stops``)."""
    at = start
    while at < end:
        count[0] += 1
        if count[0] > _MOST_PARTS:
            raise NotUnderstood
        name, after = _number(data, at, end, marked=True)
        if name in stops:
            return
        size, body = _number(data, after, end, marked=False)
        stop = end if size == _OPEN else body + size
        if size == _OPEN and name == _CLUSTER:
            inner = list(_elements(data, body, end, count, frozenset(_LEVEL_1)))
            stop = inner[-1][3] if inner else body
        if stop > end:
            raise NotUnderstood
        yield name, at, body, stop
        at = stop


def _void(data: bytearray, start: int, end: int) -> None:
    """An element of nothing of the same length."""
    length = end - start
    if length >= 9:
        data[start:end] = b"\xec\x01" + (length - 9).to_bytes(7, "big") + bytes(length - 9)
    else:
        data[start:end] = bytes([0xEC, 0x80 | (length - 2)]) + bytes(length - 2)


def _webm(data: bytearray) -> Media:
    count = [0]
    top = list(_elements(data, 0, len(data), count))
    head = {name: bytes(data[body:end]) for name, _at, body, end in _elements(data, *top[0][2:], count)}
    if head.get(_DOCTYPE, b"").rstrip(b"\0") != b"webm" or len(top) < 2 or top[1][0] != _SEGMENT:
        raise NotUnderstood
    kinds: set[int] = set()
    scale, length, last = 1_000_000, 0.0, 0
    for name, start, body, end in list(_elements(data, *top[1][2:], count)):
        if name not in _NEEDED:
            _void(data, start, end)
        elif name == _INFO:
            scale, length = _info(data, body, end, count)
        elif name == _TRACKS:
            kinds |= _track_kinds(data, body, end, count)
        elif name == _CLUSTER:
            last = max(last, _last_moment(data, body, end, count))
    for _name, start, _body, end in top[2:]:
        _void(data, start, end)
    units = length if 0 < length < 1e12 else last
    seconds = min(int(-(-units * scale // 1_000_000_000)), 10**6)
    if 1 in kinds:
        return Media("video", "video/webm", "webm", seconds, bytes(data))
    if 2 in kinds:
        return Media("audio", "audio/webm", "weba", seconds, bytes(data))
    raise NotUnderstood


def _info(data: bytearray, start: int, end: int, count: list[int]) -> tuple[int, float]:
    """Nanoseconds of a unit of time, and the length in units (0: not said)."""
    scale, length = 1_000_000, 0.0
    for name, at, body, stop in list(_elements(data, start, end, count)):
        if name in _TITLES:
            _void(data, at, stop)
        elif name == _SCALE:
            scale = int.from_bytes(data[body:stop], "big")
        elif name == _DURATION and stop - body in (4, 8):
            (length,) = struct.unpack(">f" if stop - body == 4 else ">d", data[body:stop])
    return scale, length


def _track_kinds(data: bytearray, start: int, end: int, count: list[int]) -> set[int]:
    found = set()
    for name, _at, body, stop in list(_elements(data, start, end, count)):
        if name != _TRACK:
            continue
        for inner, at, inside, last in list(_elements(data, body, stop, count)):
            if inner == _TRACK_TYPE:
                found.add(int.from_bytes(data[inside:last], "big"))
            elif inner == _TRACK_NAME:
                _void(data, at, last)
    return found


def _last_moment(data: bytearray, start: int, end: int, count: list[int]) -> int:
    """The moment of the last sound or picture in a cluster, in units of the file."""
    since = last = 0
    for name, _at, body, stop in _elements(data, start, end, count):
        if name == _CLUSTER_TIME:
            since = last = int.from_bytes(data[body:stop], "big")
        elif name == _SIMPLE_BLOCK and stop - body > 4:
            _track_number, at = _number(data, body, stop, marked=False)
            last = max(last, since + int.from_bytes(data[at : at + 2], "big", signed=True))
    return last


# ---------------------------------------------------------------- MP3
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}  # kHz by version
_KBPS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def _mp3(content: bytes) -> Media:
    start, end = 0, len(content)
    while content[start : start + 3] == b"ID3" and end - start > 10:
        size = 0
        for byte in content[start + 6 : start + 10]:
            size = size << 7 | byte & 0x7F
        start += 10 + size
    if content[end - 128 : end - 125] == b"TAG":
        end -= 128
    frames, at, seconds = 0, start, 0.0
    while at + 4 <= end and frames < _MOST_PARTS:
        frame = _frame(content[at : at + 4])
        if frame is None:
            break
        seconds += frame[1]
        at += frame[0]
        frames += 1
    if frames < 2:
        raise NotUnderstood
    # What stands behind the last frame is no sound.
    return Media("audio", "audio/mpeg", "mp3", int(seconds + 0.999), content[start : min(at, end)])


def _frame(head: bytes) -> tuple[int, float] | None:
    """Bytes and seconds of a frame of layer III."""
    if head[0] != 0xFF or head[1] & 0xE0 != 0xE0 or head[1] >> 1 & 3 != 1:
        return None
    version, kbps, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or kbps in (0, 15) or rate == 3:
        return None
    hertz = _RATES[version][rate]
    samples, table = (1152, _KBPS_1) if version == 3 else (576, _KBPS_2)
    return samples // 8 * table[kbps] * 1000 // hertz + (head[2] >> 1 & 1), samples / hertz
