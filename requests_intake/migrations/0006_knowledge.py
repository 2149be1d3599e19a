import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.tenancy.context
import governance.kernel.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_protect_invitations"),
        ("grids", "0007_protect_register_import"),
        ("kernel", "0004_protect_calendar_year"),
        ("requests_intake", "0005_index_of_moves"),
    ]

    operations = [
        migrations.CreateModel(
            name="KnowledgeArticle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "草稿"), ("published", "已发布"), ("withdrawn", "已撤下")],
                        default="draft",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                (
                    "review_on",
                    models.DateField(
                        help_text="from this day on somebody must look whether it holds", verbose_name="复核日期"
                    ),
                ),
                ("last_version", models.PositiveIntegerField(default=0)),
                ("published_version", models.PositiveIntegerField(default=0)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "district",
                    models.ForeignKey(
                        db_index=False,
                        default=governance.kernel.tenancy.context.current_district_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="kernel.district",
                        verbose_name="区",
                    ),
                ),
                (
                    "owner",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.organization",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="KnowledgeHelp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("helped", models.PositiveIntegerField(default=0)),
                (
                    "article",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.knowledgearticle",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        db_index=False,
                        default=governance.kernel.tenancy.context.current_district_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="kernel.district",
                        verbose_name="区",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="KnowledgeUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("used_at", models.DateTimeField()),
                (
                    "article",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.knowledgearticle",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        db_index=False,
                        default=governance.kernel.tenancy.context.current_district_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="kernel.district",
                        verbose_name="区",
                    ),
                ),
                (
                    "ticket",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers_used",
                        to="requests_intake.ticket",
                    ),
                ),
                (
                    "used_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="KnowledgeVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("question", models.CharField(max_length=80, verbose_name="问题")),
                ("synonyms", models.JSONField(blank=True, default=list, verbose_name="别的说法")),
                (
                    "sounds",
                    models.JSONField(
                        default=list, help_text="syllables of the question and of each synonym, parted by blanks"
                    ),
                ),
                ("answer", models.TextField(verbose_name="答案")),
                ("note", models.CharField(blank=True, default="", max_length=100, verbose_name="改了什么")),
                ("written_at", models.DateTimeField()),
                (
                    "article",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="requests_intake.knowledgearticle",
                    ),
                ),
                (
                    "category",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.category",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        db_index=False,
                        default=governance.kernel.tenancy.context.current_district_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="kernel.district",
                        verbose_name="区",
                    ),
                ),
                (
                    "written_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="knowledgearticle",
            index=models.Index(fields=["district", "state", "review_on"], name="knowledge_review"),
        ),
        migrations.AddIndex(
            model_name="knowledgearticle",
            index=models.Index(fields=["district", "-changed_at"], name="knowledge_changed"),
        ),
        migrations.AddConstraint(
            model_name="knowledgearticle",
            constraint=models.CheckConstraint(
                condition=models.Q(("published_version__lte", models.F("last_version"))),
                name="knowledge_published_exists",
            ),
        ),
        migrations.AddConstraint(
            model_name="knowledgehelp",
            constraint=models.UniqueConstraint(fields=("district", "article", "day"), name="knowledge_help_day"),
        ),
        migrations.AddIndex(
            model_name="knowledgeuse",
            index=models.Index(fields=["district", "article"], name="knowledge_used_article"),
        ),
        migrations.AddConstraint(
            model_name="knowledgeuse",
            constraint=models.UniqueConstraint(
                fields=("district", "ticket", "article", "version"), name="knowledge_used_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="knowledgeversion",
            constraint=models.UniqueConstraint(
                fields=("district", "article", "number"), name="knowledge_version_number"
            ),
        ),
    ]
