"""The addresses of visits, care and contacts, the same on phone and desk."""

from __future__ import annotations

from django.urls import URLPattern, path

from grids.households.views.surface import Surface
from grids.visits.views import care, contacts, must, opening, sponsors, visits


def addresses(surface: Surface) -> list[URLPattern]:
    here = {"surface": surface}
    return [
        path("", visits.index, here, name="index"),
        path("to/<int:pk>/", visits.log, here, name="log"),
        path("of/<int:pk>/", visits.household, here, name="household"),
        path("<int:pk>/withdraw/", visits.withdraw, here, name="withdraw"),
        path("<int:pk>/open/", opening.findings, here, name="open_findings"),
        path("open/<slug:kind>/<int:pk>/<slug:field>/", opening.value, here, name="open_value"),
        path("must/", must.index, here, name="must"),
        path("must/new/", must.new, here, name="must_new"),
        path("must/<int:pk>/arrive/", must.come, here, name="must_arrive"),
        path("care/", care.index, here, name="care"),
        path("care/new/<int:pk>/", care.new, here, name="care_new"),
        path("care/<int:pk>/", care.whole, here, name="care_of"),
        path("care/<int:pk>/change/", care.change, here, name="care_change"),
        path("care/<int:pk>/end/", care.end, here, name="care_end"),
        path("care/<int:pk>/helper/", care.helper, here, name="care_helper"),
        path("care/<int:pk>/benefit/", care.benefit, here, name="care_benefit"),
        path("care/benefits/<int:pk>/", care.recheck, here, name="care_recheck"),
        path("care/helpers/<int:pk>/contact/", care.contact, here, name="care_contact"),
        path("care/helpers/<int:pk>/handover/", care.handover, here, name="care_handover"),
        path("members/", contacts.index, here, name="members"),
        path("members/new/", contacts.member_new, here, name="member_new"),
        path("members/<int:pk>/", contacts.member, here, name="member"),
        path("members/<int:pk>/edit/", contacts.member_edit, here, name="member_edit"),
        path("members/<int:pk>/end/", contacts.member_end, here, name="member_end"),
        path("members/<int:pk>/households/", contacts.links, here, name="member_links"),
        path("links/<int:pk>/end/", contacts.link_end, here, name="link_end"),
        path("links/<int:pk>/write/", contacts.write, here, name="link_write"),
        path("words/<int:pk>/", contacts.passed, here, name="passed"),
        path("hubs/new/<int:pk>/", contacts.hub_new, here, name="hub_new"),
        path("hubs/<int:pk>/end/", contacts.hub_end, here, name="hub_end"),
        path("sponsors/", sponsors.index, here, name="sponsors"),
        path("sponsors/new/<int:pk>/", sponsors.new, here, name="sponsor_new"),
        path("sponsors/<int:pk>/", sponsors.whole, here, name="sponsor"),
        path("sponsors/<int:pk>/end/", sponsors.end, here, name="sponsor_end"),
        path("sponsors/<int:pk>/help/", sponsors.helped, here, name="sponsor_help"),
    ]
