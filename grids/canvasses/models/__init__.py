from grids.canvasses.models.answer import CanvassAnswer, CanvassTotal, CanvassValue
from grids.canvasses.models.canvass import Canvass, CanvassField, CanvassPlace, CanvassSlot, CanvassTag

__all__ = [
    "Canvass",
    "CanvassAnswer",
    "CanvassField",
    "CanvassPlace",
    "CanvassSlot",
    "CanvassTag",
    "CanvassTotal",
    "CanvassValue",
]
