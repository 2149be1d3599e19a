"""The main pages of every surface, for ``make screens``: who looks, and where. A new main page gets a line here.

``act`` names what is done on the page before it is photographed: ``first`` follows the first entry of its list.
"""

from __future__ import annotations

from typing import NamedTuple


class MainPage(NamedTuple):
    """``person``: role of the demo's account, empty for a resident; ``path``: below the district."""

    name: str
    person: str
    path: str
    act: str = ""


FIRST = "first"

MAIN_PAGES = (
    MainPage("resident-home", "", "/"),
    MainPage("resident-home-elder", "", "/?elder=22"),
    MainPage("resident-report", "", "/report/"),
    MainPage("resident-report-elder", "", "/report/?elder=22"),
    MainPage("resident-track", "", "/track/"),
    MainPage("resident-answers", "", "/answers/"),
    MainPage("resident-announcements", "", "/announcements/"),
    MainPage("resident-mediation", "", "/mediation/"),
    MainPage("resident-card", "", "/card/"),
    MainPage("resident-people", "", "/people/?q=1"),
    MainPage("sign-in", "", "/sign-in/"),
    MainPage("help", "", "/help/"),
    MainPage("worker-today", "grid", "/m/"),
    MainPage("worker-ticket", "grid", "/m/", FIRST),
    MainPage("worker-report", "grid", "/m/report/"),
    MainPage("worker-grid", "grid", "/m/households/"),
    MainPage("worker-building", "grid", "/m/households/", FIRST),
    MainPage("worker-tickets", "grid", "/m/tickets/"),
    MainPage("worker-visits", "grid", "/m/visits/"),
    MainPage("worker-patrols", "grid", "/m/patrols/"),
    MainPage("worker-map", "grid", "/m/map/"),
    MainPage("worker-forces", "grid", "/m/posts/forces/"),
    MainPage("worker-canvasses", "grid", "/m/canvasses/"),
    MainPage("worker-unsent", "grid", "/m/outbox/"),
    MainPage("worker-me", "grid", "/m/me/"),
    MainPage("head-building", "building", "/m/building/"),
    MainPage("head-round", "building", "/m/building/round/"),
    MainPage("desk-inbox", "street", "/desk/?queue=open", FIRST),
    MainPage("desk-inbox-dark", "street", "/desk/?queue=open&theme=dark"),
    MainPage("desk-new", "community", "/desk/new/"),
    MainPage("desk-lists", "dispatch", "/desk/ledgers/"),
    MainPage("desk-whistles", "street", "/desk/whistles/"),
    MainPage("desk-visits", "visitor", "/desk/visits/"),
    MainPage("desk-mediation", "mediator", "/desk/mediation/"),
    MainPage("desk-households", "community", "/desk/households/"),
    MainPage("desk-building", "community", "/desk/households/", FIRST),
    MainPage("desk-home-visits", "community", "/desk/home-visits/"),
    MainPage("desk-patrols", "community", "/desk/patrols/"),
    MainPage("desk-canvasses", "community", "/desk/canvasses/"),
    MainPage("desk-forces", "community", "/desk/posts/forces/"),
    MainPage("desk-lines", "community", "/desk/posts/lines/"),
    MainPage("desk-nomination", "community", "/desk/posts/nominations/", FIRST),
    MainPage("desk-grid-posts", "dispatch", "/desk/posts/grids/?show=vacant"),
    MainPage("desk-coverage", "district", "/desk/posts/coverage/"),
    MainPage("desk-grid-rates", "community", "/desk/grid-rates/"),
    MainPage("desk-map", "street", "/desk/map/"),
    MainPage("desk-territory", "street", "/desk/territory/"),
    MainPage("desk-views", "street", "/desk/views/"),
    MainPage("desk-announce", "community", "/desk/announcements/"),
    MainPage("desk-answers", "community", "/desk/answers/"),
    MainPage("desk-campaigns", "street", "/desk/campaigns/"),
    MainPage("board", "district", "/board/"),
    MainPage("board-wall", "district", "/board/wall/"),
    MainPage("board-trend", "district", "/board/trend/"),
    MainPage("manage", "admin", "/manage/"),
    MainPage("manage-areas", "admin", "/manage/areas/"),
    MainPage("manage-people", "admin", "/manage/people/"),
    MainPage("manage-lines", "admin", "/manage/business-lines/"),
    MainPage("manage-coverage", "admin", "/manage/coverage/"),
    MainPage("manage-limits", "admin", "/manage/limits/"),
    MainPage("manage-routing", "admin", "/manage/routing/"),
)
