"""What the addresses of ``tests.matrix`` are about: one object of a district for every address with an argument."""

from __future__ import annotations

from collections import Counter
from datetime import date, time, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from openpyxl import Workbook

from governance.accounts.actions.notifications import RobotRules, save_robot
from governance.accounts.actions.offices import give_feedback, save_register_entry
from governance.accounts.models import ApiToken, ImpactAssessment, Membership
from governance.accounts.tokens import create_token
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.crypto import keyed_hash
from governance.kernel.models import CalendarDay
from governance.kernel.tenancy.context import district_scope
from governance.privacy.actions.person_requests import make_request
from governance.privacy.actions.retention import place_hold
from governance.privacy.certificates import certify
from grids.actions.absences import record_absence
from grids.actions.register_imports import upload_register
from grids.actions.rooms import generate_rooms
from grids.actions.staff import invite_staff
from grids.canvasses.actions.canvasses import FieldDetails, add_field, add_slot
from grids.households.actions.elements import ElementDetails, add_element
from grids.households.actions.households import HouseholdDetails, NewHousehold, Where, register_household
from grids.households.actions.persons import PersonDetails
from grids.households.actions.tags import TagDetails, define_tag, tag_household
from grids.households.models import Household, Person
from grids.importing.sheets import BY_KIND
from grids.models import Post, PostAssignment, Room
from grids.patrols.actions.patrols import PatrolSaid, start_patrol
from grids.patrols.actions.plans import PlanSaid, set_plan
from grids.posts.models import Candidate
from grids.tasks import run_register_import
from grids.territory.actions.propose import propose_merge
from grids.territory.models import LegacyGridRef
from grids.visits.actions.care import CareDetails, HelperDetails, add_benefit, begin_care
from grids.visits.actions.contacts import (
    MemberDetails,
    link_households,
    name_hub,
    name_member,
    name_sponsor,
    write_to_member,
)
from grids.visits.actions.must import RuleDetails, define_rule, report_event
from grids.visits.actions.visits import VisitDetails, log_visit
from grids.visits.models import CareLink, ContactLink
from requests_intake.actions.campaigns import CampaignSaid, label_tickets, report_batch, save_campaign
from requests_intake.actions.knowledge import Wording, publish_article, write_article
from requests_intake.actions.routing_rules import set_routing_rules
from requests_intake.actions.uploads import begin_upload
from requests_intake.desks.actions.keep import PhraseSaid, ViewSaid, save_phrase, save_view
from requests_intake.models import (
    Category,
    Circular,
    GridMessage,
    MediationParty,
    ProactiveTask,
    RoutingFailure,
    SeasonTemplate,
)
from tests.canvasses.helpers import answer as canvass_answer
from tests.canvasses.helpers import draft, running
from tests.cases import announcement, report, ticket_in
from tests.clinics import booked, clinic_of, member_of
from tests.mediators import settled
from tests.posts.cast import force, nomination
from tests.whistles import blown
from tests.world import World


def objects_of(world: World) -> dict[str, list[Any]]:
    """One of everything ``ABOUT`` names, in the district of ``world``: name of the thing → arguments of its address."""
    with district_scope(world.district):
        handle = f"{world.district.code}-new"
        member, _token = invite_staff(handle=handle, name="新来的", since=clock.today(), actor=world.admin)
        assessment = ImpactAssessment(
            title="门禁", trigger="sensitive", assessed_on=clock.today(), assessors="朱管理", data_kinds="影像",
            purpose="出入", impact="行踪", measures="留存七天", conclusion="with_measures",
        )  # fmt: skip
        feedback, _code = give_feedback(kind="suggestion", content="字再大一点", contact="", actor=Actor.public())
        job = upload_register(name="register.xlsx", content=_workbook(), actor=world.admin)
        run_register_import.apply(args=[job.pk], headers={"district_id": world.district.pk}).get()
        post = Post.objects.get(organization=world.grid_team, kind="grid_worker")
        wording = Wording(question="高龄津贴怎么申请？", answer="到社区服务中心窗口申请。")
        answer = write_article(None, wording, review_on=clock.today() + timedelta(days=9), actor=world.staff)
        campaign = save_campaign(None, CampaignSaid("创城", clock.today()), actor=world.dispatcher)
        labelled = report(world)
        label_tickets(campaign, [labelled.pk], actor=world.dispatcher)
        mediated = settled(world).number
        called = blown(world, organizations=[world.water.pk])
        part = called.targets.get()
        said = GridMessage.objects.create(
            grid=world.grid, text="路灯坏了", poster_name="李小明", poster_phone="13800001234",
            poster_hash=keyed_hash("13800001234"), created_at=clock.now(),
        )  # fmt: skip
        upload = begin_upload(actor=world.worker, key=uuid4(), size=9)
        walked = patrol_of(world)
        clinic = clinic_of(world, work_calendar().next_working_day(clock.today()))
        chosen = nomination(world)
        stands = Candidate.objects.get(round=chosen)
        made = {
            "booking": booked(clinic),
            "clinic": clinic,
            "committee": clinic.committee,
            "committee_member": member_of(world, clinic.committee, "", name="孙老师"),
            "batch_report": report_batch(
                campaign, [labelled.pk], organization_id=world.urban.pk, actor=world.dispatcher
            ),
            "campaign": campaign,
            "saved_phrase": save_phrase(
                None, PhraseSaid("resolve", "已修好", organization_id=world.committee.pk), actor=world.staff
            ),
            "saved_view": save_view(
                None, ViewSaid("排水", {"queue": "open"}, organization_id=world.committee.pk), actor=world.staff
            ),
            "circular": Circular.objects.get(lines__ticket=ticket_in(world, "published")),
            "answer": publish_article(answer, actor=world.staff),
            "absence": record_absence(member, since=clock.today(), until=clock.today(), actor=world.admin),
            "announcement": announcement(world),
            "assessment": save_register_entry(assessment, actor=world.admin),
            "assignment": PostAssignment.objects.get(post=post),
            "building": world.building,
            "certificate": certify("retention", kind="ticket", objects=1, removed=Counter()),
            "category": Category.objects.exclude(parent=None).order_by("pk")[0],
            "community": world.community,
            "compound": world.compound,
            "day": CalendarDay.objects.create(day=date(2030, 6, 3), works=False, name="区庆"),
            "feedback": feedback,
            "grid": world.grid,
            "grid_change": propose_merge(world.grid2, into=world.grid, reason="户数太少", actor=world.secretary),
            "legacy_grid": LegacyGridRef.objects.create(system="城管", code="CG-07", grid=world.grid),
            "grid_message": said,
            **home_of(world),
            "force": force(world.grid, world.worker, is_public=True),
            "nomination": chosen,
            "hold": place_hold("ticket", 1, label="1", reason="诉讼", actor=world.security),
            "import": job,
            "member": member,
            "organization": world.water,
            "person_request": make_request(
                wish="erase", phone="13500001111", name="", words="", proof="identity_card", actor=world.security
            ),
            "post": post,
            "robot": save_robot(None, _silent_robot(world), actor=world.admin),
            "token": _program_of(member),
            "routing_failure": _routing_failure(world),
            "proactive": ProactiveTask.objects.create(
                source="hotspot",
                source_key="hotspot:1:c1:2026-11-01",
                title="漏水",
                text="去看一次",
                community=world.community,
                street=world.street,
                organization=world.committee,
                created_at=clock.now(),
                due_on=clock.today(),
            ),
            "season": SeasonTemplate.objects.order_by("pk")[0],
        }
    return {
        "feature": ["work_photos"],
        "sheet": ["all"],
        "register": ["assessments"],
        "term": ["ticket"],
        "text": ["privacy"],
        "district": [world.district.code],
        "administrator": [world.district.code, world.members["admin"].pk],
        **{name: [row.pk] for name, row in made.items()},
        "grid_message_flag": [world.grid.pk, said.pk],
        "booking_mark": [made["booking"].pk, "arrived"],
        "clinic_slot": [clinic.pk, 2],
        "many": ["sign"],
        "campaign_ticket": [campaign.pk, labelled.number],
        "rule": [f"{world.district.code}rule"],
        "rule_change": [f"{world.district.code}rule", "off"],
        "rule_version": [0],
        "proactive_move": [made["proactive"].pk, "start"],
        "answer_move": [made["answer"].pk, "publish"],
        "assessment": ["assessments", made["assessment"].pk],
        "household_phone": [made["household"].pk, "phone"],
        "canvass_home": [made["canvass"].pk, made["household"].pk],
        "care_needs": ["care", made["care"].pk, "needs"],
        "household_person_name": [made["household_person"].pk, "name"],
        "element_sort": ["place"],
        **walked,
        "grid_force": [world.grid.pk, made["force"].pk],
        "nomination_vote": [made["nomination"].pk, made["household"].pk],
        "nomination_candidate": [made["nomination"].pk, stands.pk],
        "announcement": [made["announcement"].number],
        "matter": ["whistle", part.pk],
        "order": [10**9],
        "mediation": [mediated],
        "mediation_act": [mediated, "session"],
        "mediation_party": [mediated, MediationParty.objects.filter(case__number=mediated).order_by("pk")[0].pk],
        "upload": [upload.key],
        "whistle": [called.number],
        "whistle_move": [called.number, "cancel"],
        "whistle_target": [called.number, part.pk],
        "whistle_target_move": [called.number, part.pk, "arrive"],
    }


def home_of(world: World) -> dict[str, Any]:
    """A household of the first grid with a person and a tag, a tag nobody bears yet, and a thing in the street."""
    room = generate_flat(world)
    person = PersonDetails("钱多多", "13600003333", 1970, "head")
    details = HouseholdDetails(people_count=2, contact_name="钱多多", contact_phone="13600003333")
    row = register_household(NewHousehold(Where(world.building, room), details, [person]), actor=world.worker)
    worn = define_tag(TagDetails("党员户", "党", "rose", "家里有党员"), actor=world.admin)
    define_tag(TagDetails("热心户", "热", "apricot", "愿意帮邻里"), actor=world.admin)
    return {
        "household": row,
        "household_person": Person.objects.get(household=row),
        "household_tag": worn,
        "household_tagging": tag_household(row, worn, reason="本人愿意", actor=world.worker),
        "visit": log_visit(row, VisitDetails("yes", findings="想装扶手"), actor=world.worker),
        **cared_for(world, row),
        **canvassed(world, row),
        "element": add_element(world.grid.pk, ElementDetails("manhole", "门口井盖", "JG-1"), actor=world.worker),
    }


def patrol_of(world: World) -> dict[str, list[Any]]:
    """A patrol the worker of the first grid is on, and that grid's plan."""
    shifts = {"am": (time(8, 30), time(11, 30)), "pm": (time(14), time(17))}
    set_plan([world.grid.pk], "routine", PlanSaid(shifts), actor=world.secretary)
    client_id = start_patrol(PatrolSaid(uuid4(), world.grid.pk), actor=world.worker).client_id
    return {
        "patrol": [client_id],
        "patrol_point": [client_id, 1],
        "patrol_plan": [world.grid.pk, "routine"],
        "duty": ["patrols"],
    }


def cared_for(world: World, home: Household) -> dict[str, Any]:
    """Care, a contact member, a hub and a must-visit of that household."""
    care = begin_care(
        home, CareDetails("alone", needs="每周买菜"), HelperDetails("neighbour", name="王阿姨"), actor=world.worker
    )
    member = name_member(world.grid.pk, MemberDetails("李建国", "李师傅", "", agrees=True), actor=world.worker)
    link_households(member, [home], actor=world.worker)
    link = ContactLink.objects.get(member=member)
    rule = define_rule(RuleDetails("event", name="突发事件", hours=2), actor=world.admin)
    return {
        "care": care,
        "care_link": CareLink.objects.get(care=care),
        "benefit": add_benefit(care, what="高龄津贴", recheck_on=clock.today(), actor=world.worker),
        "contact_member": member,
        "contact_link": link,
        "contact_message": write_to_member(link, "楼道灯坏了"),
        "hub": name_hub(home, [], agrees=True, actor=world.worker),
        "sponsor": name_sponsor(world.building, member, actor=world.worker),
        "must_rule": rule,
        "must_visit": report_event(rule, actor=world.worker, words="跑水了", grid_id=world.grid.pk, place="门口"),
    }


def canvassed(world: World, home: Household) -> dict[str, Any]:
    """A canvass that asked that household, with words of the grid's leader and a time nobody booked, and a draft."""
    asked = (FieldDetails("要不要打疫苗", "yes_no"), FieldDetails("说明", "words", is_required=False))
    row, later = running(world, *asked, actor=world.staff), draft(world, actor=world.staff)
    return {
        "canvass": row,
        "canvass_answer": canvass_answer(row, home, world.leader, True, "腿脚不便"),
        "canvass_slot": add_slot(row, clock.now() + timedelta(days=1), "卫生站", 9, actor=world.staff),
        "canvass_draft": later,
        "canvass_field": add_field(later, asked[0], actor=world.staff),
    }


def generate_flat(world: World) -> Room:
    generate_rooms(world.building, units=1, floors=1, doors=1, actor=world.admin)
    return Room.objects.get(unit__building=world.building)


def _routing_failure(world: World) -> RoutingFailure:
    """A rule that matches nothing the cast says, and a matter an earlier one could not route."""
    rule = {"key": f"{world.district.code}rule", "name": "幼儿园", "when": {"any_words": ["幼儿园接送"]}}
    document = {"version": 1, "rules": [{**rule, "then": {"start_level": "street"}}]}
    version = set_routing_rules(document, based_on=0, actor=world.admin).version
    return RoutingFailure.objects.create(
        ticket=report(world), version=version, code=RoutingFailure.Code.NO_DEPARTMENT, at=clock.now()
    )


def _silent_robot(world: World) -> RobotRules:
    """Switched off: no walk over the addresses calls anybody."""
    url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=only-for-tests"
    return RobotRules(organization_id=world.water.pk, service="wecom", title="水务群", webhook=url, is_active=False)


def _program_of(member: Membership) -> ApiToken:
    create_token(member, name="程序")
    return ApiToken.objects.get(membership=member)


def _workbook() -> bytes:
    """A register with one row, whose street lies in no district: it is found wrong when it is checked."""
    book, content = Workbook(), BytesIO()
    page = book.create_sheet(BY_KIND["areas"].title, 0)
    page.append(["层级", "区划代码", "名称", "上级代码"])
    page.append(["街道", "1", "新华街道", "0"])
    book.save(content)
    return content.getvalue()
