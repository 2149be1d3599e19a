"""A machine's hum for the demo's recording, written bit by bit as frames of MPEG-1 layer III: nobody's voice.

Every frame says the same: three low lines of the spectrum sound, the rest is silent (ISO/IEC 11172-3, 2.4.1).
"""

from __future__ import annotations

_HEAD = bytes((0xFF, 0xFB, 0x10, 0xC0))
"""Layer III without a checksum, 32 kbit/s, 44.1 kHz, one channel."""
_FRAME_BYTES = 144 * 32_000 // 44_100
_FRAMES_A_SECOND = 44_100 / 1152
_PAIRS = (0, 1, 1, 0, 0, 1)
"""Which of the first lines sound. Granules that are all the same repeat 77 times a second: that is the tone heard."""
_GAIN = 200
"""Quieter than full scale (210) by two and a half halvings."""
_CODE = {(0, 0): "1", (0, 1): "0010", (1, 0): "010", (1, 1): "00000"}
"""Table 1 of the standard with signs: all that sounds is positive."""


def hum(seconds: int) -> bytes:
    """An MP3 of that many seconds at most, some 4 kB each."""
    return _frame() * int(seconds * _FRAMES_A_SECOND)


def _frame() -> bytes:
    lines = "".join(_CODE[pair] for pair in zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
    granule = "".join(
        (
            f"{len(lines):012b}",
            f"{len(_PAIRS) // 2:09b}",
            f"{_GAIN:08b}",
            "0000",  # no factors for bands
            "0",  # long blocks throughout
            "00001" * 3,  # table 1 in each region
            "0000000",  # borders of the regions: all the same table
            "000",  # no lift of the treble, coarse factors, the first table of quads
        )
    )
    # Nothing is kept from the frame before, and each granule has factors of its own.
    bits = "0" * 18 + granule * 2 + lines * 2
    body = bits.ljust((_FRAME_BYTES - len(_HEAD)) * 8, "0")
    return _HEAD + int(body, 2).to_bytes(len(body) // 8, "big")
