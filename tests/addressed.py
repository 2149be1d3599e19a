"""What the addresses of ``tests.matrix`` are about: one object of a district for every address with an argument."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from openpyxl import Workbook

from governance.accounts.actions.notifications import RobotRules, save_robot
from governance.accounts.actions.offices import give_feedback, save_register_entry
from governance.accounts.models import ApiToken, ImpactAssessment, Membership
from governance.accounts.tokens import create_token
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hash
from governance.kernel.models import CalendarDay
from governance.kernel.tenancy.context import district_scope
from governance.privacy.actions.person_requests import make_request
from governance.privacy.actions.retention import place_hold
from governance.privacy.certificates import certify
from grids.actions.absences import record_absence
from grids.actions.register_imports import upload_register
from grids.actions.staff import invite_staff
from grids.importing.sheets import BY_KIND
from grids.models import Post, PostAssignment
from grids.tasks import run_register_import
from requests_intake.actions.campaigns import CampaignSaid, label_tickets, report_batch, save_campaign
from requests_intake.actions.knowledge import Wording, publish_article, write_article
from requests_intake.actions.routing_rules import set_routing_rules
from requests_intake.models import Category, GridMessage, ProactiveTask, RoutingFailure, SeasonTemplate
from tests.cases import announcement, report
from tests.whistles import blown
from tests.world import World

# A new address with an argument gets its line here; those about the ticket and the notice stand in ``path_of``.
ABOUT = {
    "api:public-announcement": "announcement",
    "api:public-answer": "answer",
    "api:campaign-reports": "campaign",
    "api:campaign-tickets": "campaign",
    "desk:batch_report": "batch_report",
    "desk:campaign": "campaign",
    "desk:campaign_edit": "campaign",
    "desk:campaign_export": "campaign",
    "desk:campaign_label": "campaign",
    "desk:campaign_report": "campaign",
    "desk:campaign_unlabel": "campaign_ticket",
    "api:evaluate-order": "order",
    "api:whistle": "whistle",
    "api:whistle-approve": "whistle",
    "api:whistle-decline": "whistle",
    "api:whistle-withdraw": "whistle",
    "api:whistle-blow": "whistle",
    "api:whistle-call": "whistle",
    "api:whistle-cancel": "whistle",
    "api:whistle-close": "whistle",
    "api:whistle-accept": "whistle_target",
    "api:whistle-refuse": "whistle_target",
    "api:whistle-must-come": "whistle_target",
    "api:whistle-release": "whistle_target",
    "api:whistle-dismiss": "whistle_target",
    "api:whistle-arrive": "whistle_target",
    "api:whistle-handle": "whistle_target",
    "api:whistle-evaluate": "whistle_target",
    "api:whistle-evaluate-caller": "whistle_target",
    "desk:evaluate": "matter",
    "desk:whistle": "whistle",
    "desk:whistle_move": "whistle_move",
    "desk:whistle_target_move": "whistle_target_move",
    "worker:whistle_report": "whistle_target",
    "resident:grid": "grid",
    "resident:grid_flag": "grid_message_flag",
    "resident:grid_post": "grid",
    "talk:answer": "grid_message",
    "api:circle": "grid",
    "api:circle-answer": "grid_message",
    "api:circle-hide": "grid_message",
    "api:circle-show": "grid_message",
    "api:circle-ticket": "grid_message",
    "talk:circle": "grid",
    "talk:hide": "grid_message",
    "talk:show": "grid_message",
    "talk:turn": "grid_message",
    "desk:answer": "answer",
    "desk:answer_edit": "answer",
    "desk:answer_move": "answer_move",
    "desk:answer_versions": "answer",
    "resident:answer": "answer",
    "manage:absence_end": "absence",
    "manage:absence_new": "member",
    "manage:allowance_new": "member",
    "manage:area": "grid",
    "manage:area_edit": "grid",
    "manage:area_end": "grid",
    "manage:area_new": "community",
    "manage:assignment_end": "assignment",
    "manage:border": "grid",
    "manage:border_remove": "grid",
    "manage:building": "building",
    "manage:building_edit": "building",
    "manage:building_end": "building",
    "manage:building_rooms": "building",
    "manage:head_new": "building",
    "manage:category": "category",
    "manage:certificate": "certificate",
    "manage:compound_edit": "compound",
    "manage:compound_end": "compound",
    "manage:entry": "assessment",
    "manage:feedback_contact": "feedback",
    "manage:feedback_item": "feedback",
    "manage:hold_lift": "hold",
    "manage:import": "import",
    "manage:import_report": "import",
    "manage:import_report_csv": "import",
    "manage:import_resume": "import",
    "manage:import_start": "import",
    "manage:import_template": "sheet",
    "manage:import_undo": "import",
    "manage:import_undo_now": "import",
    "manage:new_entry": "register",
    "manage:organization": "organization",
    "manage:organization_edit": "organization",
    "manage:organization_end": "organization",
    "manage:feature": "feature",
    "manage:feature_off": "feature",
    "manage:person_edit": "member",
    "manage:person": "member",
    "manage:person_cancel_invitation": "member",
    "manage:person_deactivate": "member",
    "manage:person_invite": "member",
    "manage:person_leave": "member",
    "manage:person_reactivate": "member",
    "manage:person_request": "person_request",
    "manage:person_request_copy": "person_request",
    "manage:person_request_correct": "person_request",
    "manage:person_request_erase": "person_request",
    "manage:person_request_phone": "person_request",
    "manage:person_request_refuse": "person_request",
    "manage:post_assign": "post",
    "manage:post_end": "post",
    "manage:post_new": "organization",
    "manage:post_rename": "post",
    "manage:register": "register",
    "manage:remove_day": "day",
    **{f"api:proactive-{verb}": "proactive" for verb in ("start", "done", "drop", "resume", "ticket")},
    "desk:proactive_move": "proactive_move",
    "desk:proactive_task": "proactive",
    "manage:season": "season",
    "manage:routing_change": "rule_change",
    "manage:routing_failure": "routing_failure",
    "manage:routing_restore": "rule_version",
    "manage:routing_rule": "rule",
    "manage:routing_version": "rule_version",
    "manage:term": "term",
    "manage:robot": "robot",
    "manage:robot_test": "robot",
    "manage:security_end_sessions": "member",
    "manage:security_person": "member",
    "manage:security_reset_factor": "member",
    "manage:security_unlock": "member",
    "manage:text": "text",
    "manage:token_revoke": "token",
    "setup:district": "district",
    "setup:invite": "administrator",
    "services:announcement": "announcement",
    "services_desk:announcement": "announcement",
    "services_desk:correct": "announcement",
    "services_desk:discard": "announcement",
    "services_desk:edit": "announcement",
    "services_desk:publish": "announcement",
    "services_desk:read": "announcement",
    "services_desk:withdraw": "announcement",
    "services_worker:announcement": "announcement",
    "services_worker:read": "announcement",
}


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
        called = blown(world, organizations=[world.water.pk])
        part = called.targets.get()
        said = GridMessage.objects.create(
            grid=world.grid, text="路灯坏了", poster_name="李小明", poster_phone="13800001234",
            poster_hash=keyed_hash("13800001234"), created_at=clock.now(),
        )  # fmt: skip
        made = {
            "batch_report": report_batch(
                campaign, [labelled.pk], organization_id=world.urban.pk, actor=world.dispatcher
            ),
            "campaign": campaign,
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
            "grid_message": said,
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
        "campaign_ticket": [campaign.pk, labelled.number],
        "rule": [f"{world.district.code}rule"],
        "rule_change": [f"{world.district.code}rule", "off"],
        "rule_version": [0],
        "proactive_move": [made["proactive"].pk, "start"],
        "answer_move": [made["answer"].pk, "publish"],
        "assessment": ["assessments", made["assessment"].pk],
        "announcement": [made["announcement"].number],
        "matter": ["whistle", part.pk],
        "order": [10**9],
        "whistle": [called.number],
        "whistle_move": [called.number, "cancel"],
        "whistle_target": [called.number, part.pk],
        "whistle_target_move": [called.number, part.pk, "arrive"],
    }


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
