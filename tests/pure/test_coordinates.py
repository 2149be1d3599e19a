"""Datums at the edge: the published points of the usual libraries, and there and back without loss."""

from __future__ import annotations

import pytest

from grids.coordinates import (
    BD09,
    DATUMS,
    GCJ02,
    WGS84,
    bd_to_gcj,
    from_wgs,
    gcj_to_bd,
    geometry_from_wgs,
    geometry_to_wgs,
    to_wgs,
    wgs_to_gcj,
)

# Published with eviltransform (Shanghai, Shenzhen, Beijing).
WGS_AND_GCJ = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]
# Published with coordtransform.
WGS_TO_GCJ = ((116.404, 39.915), (116.41024449916938, 39.91640428150164))
BD_TO_GCJ = ((116.404, 39.915), (116.39762729119315, 39.90865673957631))
GCJ_TO_BD = ((116.404, 39.915), (116.41036949371029, 39.92133699351022))


@pytest.mark.parametrize(("wgs", "gcj"), [*WGS_AND_GCJ, WGS_TO_GCJ])
def test_wgs_becomes_gcj_as_published_and_comes_back(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert wgs_to_gcj(wgs) == pytest.approx(gcj, abs=1e-9)
    assert to_wgs(gcj, GCJ02) == pytest.approx(wgs, abs=1e-6)


def test_baidus_shift_is_as_published() -> None:
    assert bd_to_gcj(BD_TO_GCJ[0]) == pytest.approx(BD_TO_GCJ[1], abs=1e-9)
    assert gcj_to_bd(GCJ_TO_BD[0]) == pytest.approx(GCJ_TO_BD[1], abs=1e-9)


@pytest.mark.parametrize("datum", DATUMS)
def test_there_and_back_is_the_same_place_to_a_metre(datum: str) -> None:
    for lng in range(75, 135, 7):
        for lat in range(20, 52, 5):
            # A degree is some hundred kilometres: 1e-5 is about a metre, which Baidu's own approximation costs.
            assert to_wgs(from_wgs((lng, lat), datum), datum) == pytest.approx((lng, lat), abs=1e-5)


def test_abroad_the_datums_agree_and_ours_is_never_touched() -> None:
    assert from_wgs((2.3522, 48.8566), GCJ02) == (2.3522, 48.8566)
    assert from_wgs((116.404, 39.915), WGS84) == (116.404, 39.915)


def test_every_corner_of_a_shape_is_shifted() -> None:
    square = {"type": "MultiPolygon", "coordinates": [[[[116.4, 39.9], [116.5, 39.9], [116.5, 40.0], [116.4, 39.9]]]]}
    shifted = geometry_from_wgs(square, BD09)
    assert shifted["coordinates"][0][0][1] == list(from_wgs((116.5, 39.9), BD09))
    back = geometry_to_wgs(shifted, BD09)
    assert back["coordinates"][0][0][2] == pytest.approx([116.5, 40.0], abs=1e-5)
