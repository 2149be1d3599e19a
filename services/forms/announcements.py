"""Writing an announcement: words first, then whom it is for; the places are checkboxes, so that a tap adds one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.kernel import clock
from governance.kernel.actors import HEADS
from governance.kernel.keyed import KeyedForm
from grids.models.organization import PostKind
from grids.reference import AreaRef, OrganizationRef, territory
from requests_intake.forms.places import building_choices
from services.actions.announcements import Draft
from services.audience import Audience, grids_of_buildings
from services.models import Announcement
from services.policies import within
from services.wording import guess_kind

USUAL_DAYS = 14  # how long an announcement stays unless said otherwise

_KINDS_BY_LEVEL = {
    "grid": (PostKind.GRID_WORKER, PostKind.GRID_LEADER, PostKind.BUILDING_HEAD, PostKind.UNIT_HEAD),
    "community": (PostKind.COMMUNITY_STAFF, PostKind.COMMUNITY_SECRETARY),
    "street": (PostKind.STREET_DISPATCHER, PostKind.STREET_LEADER),
    "district": (PostKind.DEPARTMENT_HANDLER, PostKind.DEPARTMENT_LEADER),
}
_ORDER = ("grid", "community", "street", "district")


class Ids(forms.TypedMultipleChoiceField):
    """Ids of checkboxes the template draws; whether they lie in the office's place is the action's question."""

    def __init__(self) -> None:
        super().__init__(coerce=int, required=False, error_messages={"invalid_choice": _("请重新选择。")})

    def valid_value(self, value: Any) -> bool:
        return str(value).isdigit() and len(str(value)) < 10


class AnnouncementForm(KeyedForm):
    organization = forms.TypedChoiceField(label=_("以哪个单位的名义"), coerce=int)
    title = forms.CharField(label=_("标题"), max_length=60, error_messages={"required": _("请写标题。")})
    text = forms.CharField(
        label=_("正文"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("请写正文。")},
        help_text=_("写清时间、地点、要居民做什么、有事找谁。"),
    )
    to = forms.ChoiceField(
        label=_("给谁看"),
        choices=[("residents", _("居民（网格员、楼栋长、单元长同时收到）")), ("staff", _("只给工作人员"))],
        widget=forms.RadioSelect,
        initial="residents",
    )
    areas = Ids()
    buildings = Ids()
    posts = forms.MultipleChoiceField(label=_("哪些岗位"), required=False, widget=forms.CheckboxSelectMultiple)
    organizations = forms.TypedMultipleChoiceField(
        label=_("哪些单位"), required=False, coerce=int, help_text=_("单位里在岗的人都会收到。")
    )
    kind = forms.ChoiceField(
        label=_("类别"),
        choices=[("", _("按标题判断")), *Announcement.Kind.choices],
        required=False,
        initial="",
        widget=forms.RadioSelect,
    )
    visible_until = forms.DateField(
        label=_("显示到哪天"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请选日期。")},
        help_text=_("过了这天移到往期；空着就一直显示。"),
    )
    is_pinned = forms.BooleanField(label=_("置顶"), required=False)
    wants_receipt = forms.BooleanField(label=_("请工作人员回执（只看送达，不排名）"), required=False)

    def __init__(self, *args: Any, offices: list[OrganizationRef], **options: Any) -> None:
        super().__init__(*args, **options)
        self.offices = offices
        self.office = self._office()
        self.fields["organization"].choices = [(row.id, row.name) for row in offices]  # type: ignore[attr-defined]
        self.fields["organization"].initial = self.office.id
        if len(offices) == 1:
            self.fields["organization"].widget = forms.HiddenInput()
        self.fields["visible_until"].initial = clock.today() + timedelta(days=USUAL_DAYS)
        self.fields["posts"].choices = [(kind.value, kind.label) for kind in self._kinds()]  # type: ignore[attr-defined]
        self.fields["organizations"].choices = self._organizations()  # type: ignore[attr-defined]

    def _office(self) -> OrganizationRef:
        # Not through the bound field: it would remember that there was no initial value yet.
        said = self.data if self.is_bound else self.initial
        wanted = str(said.get("organization") or "")
        return next((row for row in self.offices if str(row.id) == wanted), self.offices[0])

    def _kinds(self) -> list[PostKind]:
        levels = _ORDER[: _ORDER.index(self.office.level) + 1]
        return [kind for level in levels for kind in _KINDS_BY_LEVEL[level]]

    def _organizations(self) -> list[tuple[int, str]]:
        """Offices within the own place where somebody has a post; grid teams are reached by their posts."""
        places = territory()
        own = places.areas[self.office.area_id]
        return [
            (row.id, row.name)
            for row in places.organizations.values()
            if row.kind != "grid_team" and places.posts.get(row.id) and within(places.areas.get(row.area_id), own)
        ]

    def draft(self) -> Draft:
        given = self.cleaned_data
        return Draft(
            title=given["title"],
            text=given["text"],
            kind=given["kind"] or guess_kind(given["title"]),
            visible_until=given["visible_until"],
            is_pinned=given["is_pinned"],
            wants_receipt=given["wants_receipt"],
        )

    def audience(self) -> Audience:
        """Residents: the places ticked, and the posts ticked in them. Staff: the posts of the places, or everywhere."""
        given = self.cleaned_data
        areas, buildings = frozenset(given["areas"]), frozenset(given["buildings"])
        to_staff = given["to"] == "staff"
        if to_staff and not areas and not buildings:
            areas = frozenset({self.office.area_id})
        where = areas | grids_of_buildings(buildings)
        kinds, of_buildings = set(given["posts"]) - HEADS, set(given["posts"]) & HEADS
        posts = frozenset((kind, pk) for kind in kinds for pk in where)
        posts |= frozenset((kind, pk) for kind in of_buildings for pk in areas)
        heads = frozenset((kind, pk) for kind in of_buildings for pk in buildings)
        organizations = frozenset(given["organizations"])
        if to_staff:
            return Audience(posts=posts, organizations=organizations, heads=heads)
        return Audience(areas, buildings, posts, organizations, heads)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("to") == "staff" and not given.get("posts") and not given.get("organizations"):
            self.add_error("posts", _("请选岗位，或在“更多”里选单位。"))
        elif given.get("to") == "residents" and not given.get("areas") and not given.get("buildings"):
            self.add_error("areas", _("请选发给哪里，可以选几栋楼。"))
        return given

    def places(self, unfolded: int | None) -> list[dict[str, Any]]:
        """The tree of places: groups with a heading and choices; of a street or district one community is unfolded."""
        found, office = territory(), self.office
        own = found.areas[office.area_id]
        ticked = {name: {str(value) for value in self[name].value() or ()} for name in ("areas", "buildings")}
        groups = [self._group("", [self._area(own, ticked["areas"], whole=True)])]
        if own.level == "district":
            groups.append(self._group(_("街道"), self._areas(found.children(own.id, "street"), ticked["areas"])))
        if own.level in ("district", "street"):
            streets = found.children(own.id, "street") if own.level == "district" else [own]
            for street in streets:
                communities = found.children(street.id, "community")
                heading = street.name if own.level == "district" else _("社区")
                group = self._group(heading, self._areas(communities, ticked["areas"]), folds=own.level == "district")
                group["unfold"] = [{"id": area.id, "label": area.name} for area in communities]
                groups.append(group)
        base = own if own.level in ("community", "grid") else found.areas.get(unfolded or 0)
        if base is not None and within(base, own):
            groups += self._inside(base, ticked)
        return groups

    def _inside(self, base: AreaRef, ticked: dict[str, set[str]]) -> list[dict[str, Any]]:
        found = territory()
        groups = []
        if base.level == "community":
            grids = self._areas(found.children(base.id, "grid"), ticked["areas"], drop=base.name)
            groups.append(self._group(_("{place}的网格").format(place=base.name), grids))
        in_grid = None if base.level == "community" else base.id
        for compound, rows in building_choices(base.community_id):
            kept = [(pk, label) for pk, label in rows if in_grid is None or pk in self._buildings_of(in_grid)]
            items = [
                {
                    "name": "buildings", "value": pk, "label": label.removeprefix(compound) or label,
                    "checked": pk in ticked["buildings"],
                }
                for pk, label in kept
            ]  # fmt: skip
            if items:
                groups.append(self._group(compound, items))
        return groups

    def _buildings_of(self, grid_id: int) -> set[str]:
        if not hasattr(self, "_of_grid"):
            from grids.models import Building

            self._of_grid = {str(pk) for pk in Building.objects.filter(grid_id=grid_id).values_list("pk", flat=True)}
        return self._of_grid

    def _areas(self, areas: list[AreaRef], ticked: set[str], *, drop: str = "") -> list[dict[str, Any]]:
        return [self._area(area, ticked, drop=drop) for area in areas]

    def _area(self, area: AreaRef, ticked: set[str], *, whole: bool = False, drop: str = "") -> dict[str, Any]:
        whole_words = {"district": _("全区"), "street": _("全街道"), "community": _("全社区"), "grid": _("全网格")}
        label = whole_words[area.level] if whole else area.name.removeprefix(drop) or area.name
        return {"name": "areas", "value": area.id, "label": label, "checked": str(area.id) in ticked}

    @staticmethod
    def _group(heading: Any, items: list[dict[str, Any]], *, folds: bool = False) -> dict[str, Any]:
        return {"heading": heading, "items": items, "folds": folds, "open": any(item["checked"] for item in items)}


class CorrectionForm(KeyedForm):
    title = forms.CharField(label=_("标题"), max_length=60, error_messages={"required": _("请写标题。")})
    text = forms.CharField(
        label=_("正文"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("请写正文。")},
    )
    visible_until = forms.DateField(
        label=_("显示到哪天"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请选日期。")},
    )
    note = forms.CharField(
        label=_("更正了什么"),
        max_length=200,
        error_messages={"required": _("请写明更正了什么，居民会看到。")},
        help_text=_("例如：停水时间由上午改为下午。原来的内容仍然可以查到。"),
    )


class ReasonForm(KeyedForm):
    reason = forms.CharField(
        label=_("撤回原因"),
        max_length=200,
        error_messages={"required": _("请写撤回原因，打开这条公告的人会看到。")},
    )


class BareForm(KeyedForm):
    """Only the key: for acts that ask nothing."""
