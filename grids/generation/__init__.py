"""Territory of the model districts: facts from ``grids/data``, everything else generated with a fixed seed."""

from grids.generation.load import load_district
from grids.generation.rooms import load_rooms
from grids.generation.spec import CODES, DistrictSpec, read_spec

__all__ = ["CODES", "DistrictSpec", "load_district", "load_rooms", "read_spec"]
