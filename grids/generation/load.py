"""One model district into the database, in one transaction."""

from __future__ import annotations

from governance.kernel.models import District
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import district_transaction
from grids.actions.bands import adopt_band
from grids.generation.buildings import build_compounds
from grids.generation.heads import appoint_heads
from grids.generation.mediators import appoint_mediators
from grids.generation.organizations import found_organizations
from grids.generation.spec import DistrictSpec, read_words
from grids.generation.staffing import fill_posts
from grids.generation.territory import lay_out
from grids.models import Area


def load_district(spec: DistrictSpec) -> bool:
    """Make the district of a file with its territory, organizations, posts and people; rooms apart (``load_rooms``).

    A district that is there already stays as it is, whatever the file says now. Returns whether it was made.
    """
    district, _ = District.objects.get_or_create(
        pk=spec.id,
        defaults={
            "code": spec.code,
            "name": spec.name,
            "area_code": spec.area_code,
            "escalation_path": list(spec.escalation_path),
        },
    )
    with district_transaction(district):
        if Area.objects.exists():
            return False
        words = read_words()
        land = lay_out(spec, words)
        adopt_band(spec.households_per_grid)
        organizations = found_organizations(spec, land)
        build_compounds(spec, words, land, organizations.companies)
        fill_posts(spec, words, land, organizations)
        appoint_heads(spec, words, land)
        appoint_mediators(spec, land, organizations)
        bump_reference()
    return True
