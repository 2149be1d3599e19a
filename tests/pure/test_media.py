"""What a recording is and what is taken out of it (B.8: media metadata stripped)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.kernel.media import NotUnderstood, clean
from tests.recordings import SECRET, mp3, mp4, webm

FILES = {
    "m4a": (mp4(), "audio/mp4", 12),
    "mp4": (mp4(video=True), "video/mp4", 12),
    "weba": (webm(), "audio/webm", 9),
    "webm": (webm(video=True), "video/webm", 9),
    "mp3": (mp3(), "audio/mpeg", 3),
}


@pytest.mark.parametrize("extension", FILES)
def test_a_recording_is_told_from_its_bytes(extension: str) -> None:
    content, media_type, seconds = FILES[extension]
    found = clean(content)
    assert (found.extension, found.media_type, found.seconds) == (extension, media_type, seconds)
    assert found.media_type.startswith(found.kind)


@pytest.mark.parametrize("extension", FILES)
def test_place_title_and_tags_are_taken_out_and_what_is_heard_stays(extension: str) -> None:
    content = FILES[extension][0]
    assert SECRET.encode() in content
    found = clean(content).content
    assert SECRET.encode() not in found
    assert found.count(b"\x55" * 400) == content.count(b"\x55" * 400)
    assert found.count(b"sound") == content.count(b"sound")
    if extension in ("m4a", "mp4"):
        assert b"\xe0\0\0\1" not in found  # when it was recorded
    if extension != "mp3":
        assert len(found) == len(content)  # no offset moves
    assert clean(found).content == found


@pytest.mark.parametrize("content", [
    b"", b"\xff\xd8\xff\xe0" + bytes(400), b"%PDF-1.7" + bytes(400), b"<svg onload=alert(1)>",
    b"\0\0\0\x14ftypheic" + bytes(8),
    mp4()[:200], webm()[:60], b"\xff\xfb\x90\x00" + bytes(413), b"RIFF\0\0\0\0WAVE", b"\x1a\x45\xdf\xa3" + bytes(40),
    webm().replace(b"webm", b"mkv\0"),
])  # fmt: skip
def test_anything_else_and_a_broken_file_is_refused(content: bytes) -> None:
    with pytest.raises(NotUnderstood):
        clean(content)


@given(st.sampled_from(sorted(FILES)), st.data())
def test_a_damaged_file_is_cleaned_or_refused_and_nothing_else(extension: str, data: st.DataObject) -> None:
    content = bytearray(FILES[extension][0])
    for _change in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = clean(bytes(content))
    except NotUnderstood:
        return
    assert found.kind in ("audio", "video")
