from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Organization
from requests_intake.models.reference import Category
from requests_intake.models.ticket import Ticket


class KnowledgeArticle(DistrictModel):
    """One question people ask again and again, and the organization that keeps its answer true.

    What it says is in its versions. Residents read the one numbered ``published_version``; a newer one is a draft
    beside it until it is published too.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("已发布")
        WITHDRAWN = "withdrawn", _("已撤下")

    state = models.CharField(_("状态"), max_length=20, choices=State.choices, default=State.DRAFT)
    owner = DistrictForeignKey(Organization)
    review_on = models.DateField(_("复核日期"), help_text="from this day on somebody must look whether it holds")
    last_version = models.PositiveIntegerField(default=0)
    published_version = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(published_version__lte=models.F("last_version")), name="knowledge_published_exists"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "state", "review_on"], name="knowledge_review"),
            models.Index(fields=["district", "-changed_at"], name="knowledge_changed"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class KnowledgeVersion(DistrictModel):
    """One wording of a question and its answer. Never changed, only followed by the next."""

    article = DistrictForeignKey(KnowledgeArticle, related_name="versions")
    number = models.PositiveIntegerField()
    question = models.CharField(_("问题"), max_length=80)
    synonyms = models.JSONField(_("别的说法"), default=list, blank=True)
    sounds = models.JSONField(default=list, help_text="syllables of the question and of each synonym, parted by blanks")
    category = DistrictForeignKey(Category, null=True, blank=True)
    answer = models.TextField(_("答案"))
    note = models.CharField(_("改了什么"), max_length=100, blank=True, default="")
    written_by = DistrictForeignKey(Membership, null=True, blank=True)
    written_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "article", "number"], name="knowledge_version_number")
        ]

    def __str__(self) -> str:
        return f"{self.question} v{self.number}"


class KnowledgeUse(DistrictModel):
    """A ticket that was answered with the words of a version."""

    ticket = DistrictForeignKey(Ticket, related_name="answers_used")
    article = DistrictForeignKey(KnowledgeArticle)
    version = models.PositiveIntegerField()
    used_by = DistrictForeignKey(Membership, null=True, blank=True)
    used_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "ticket", "article", "version"], name="knowledge_used_once")
        ]
        indexes = [models.Index(fields=["district", "article"], name="knowledge_used_article")]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.article_id} v{self.version}"


class KnowledgeHelp(DistrictModel):
    """How many people said on a day that an answer spared them a report. Counts alone: nobody is remembered."""

    article = DistrictForeignKey(KnowledgeArticle)
    day = models.DateField()
    helped = models.PositiveIntegerField(default=0)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "article", "day"], name="knowledge_help_day")]

    def __str__(self) -> str:
        return f"{self.article_id} {self.day}: {self.helped}"
