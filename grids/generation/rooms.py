"""Entrances and flats of all buildings of a district, made by the database itself."""

from __future__ import annotations

from django.db import connection

from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import current_district_id
from grids.models import Room

_UNITS = """
INSERT INTO grids_unit (district_id, building_id, number)
SELECT b.district_id, b.id, unit.number
FROM grids_building b CROSS JOIN LATERAL generate_series(1, b.unit_count) AS unit(number)
WHERE b.district_id = %(district)s
ON CONFLICT DO NOTHING
"""

# A building's households are spread evenly over its entrances, and in each over its floors from the ground up, so that
# there are exactly as many flats as households. 502 is the second door on the fifth floor. Uses by rule: every ninth
# flat is rented, every seventeenth empty; in every fourth building the ground floor holds shops.
_ROOMS = """
INSERT INTO grids_room (district_id, unit_id, floor, number, use)
SELECT u.district_id, u.id, place.floor, place.floor::text || lpad(place.door::text, 2, '0'),
       CASE WHEN place.floor = 1 AND b.id %% 4 = 0 THEN 'business'
            WHEN (b.id + flat.n) %% 17 = 0 THEN 'empty'
            WHEN (b.id + flat.n) %% 9 = 0 THEN 'rented'
            ELSE 'owner' END
FROM grids_building b
JOIN grids_unit u ON u.district_id = b.district_id AND u.building_id = b.id
CROSS JOIN LATERAL (
    SELECT b.household_count / b.unit_count + (u.number <= b.household_count %% b.unit_count)::int AS flats
) share
CROSS JOIN LATERAL (SELECT greatest(1, ceil(share.flats::numeric / b.floor_count)::int) AS doors) width
CROSS JOIN LATERAL generate_series(0, share.flats - 1) AS flat(n)
CROSS JOIN LATERAL (SELECT flat.n / width.doors + 1 AS floor, flat.n %% width.doors + 1 AS door) place
WHERE b.district_id = %(district)s
"""


def load_rooms() -> int:
    """Make the entrances and flats of the district in scope; 0 where there are some already. Returns flats made."""
    if Room.objects.exists():
        return 0
    parameters = {"district": current_district_id()}
    with connection.cursor() as cursor:
        cursor.execute(_UNITS, parameters)
        cursor.execute(_ROOMS, parameters)
        made: int = cursor.rowcount
    bump_reference()
    return made
