import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0012_register_upkeep"),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="building",
            field=governance.kernel.tenancy.models.DistrictForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="grids.building",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="unit",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="单元号"),
        ),
        migrations.AlterField(
            model_name="post",
            name="kind",
            field=models.CharField(
                choices=[
                    ("grid_worker", "网格员"),
                    ("grid_leader", "网格长"),
                    ("community_secretary", "社区书记"),
                    ("community_staff", "社区工作者"),
                    ("street_dispatcher", "街道调度员"),
                    ("street_leader", "街道负责人"),
                    ("department_handler", "部门承办人"),
                    ("department_leader", "部门负责人"),
                    ("district_dispatcher", "区调度员"),
                    ("district_official", "区级领导"),
                    ("return_visitor", "回访员"),
                    ("supervisor", "督查员"),
                    ("district_admin", "区管理员"),
                    ("security_admin", "安全管理员"),
                    ("audit_admin", "审计员"),
                    ("building_head", "楼栋长"),
                    ("unit_head", "单元长"),
                ],
                max_length=24,
                verbose_name="岗位",
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="name",
            field=models.CharField(max_length=80, verbose_name="岗位名称"),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(
                condition=models.Q(("building__isnull", False)),
                fields=("district", "building", "unit"),
                name="post_head_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("building__isnull", False), ("kind", "building_head"), ("unit", None)),
                    models.Q(("building__isnull", False), ("kind", "unit_head"), ("unit__isnull", False)),
                    models.Q(
                        models.Q(("kind__in", ["building_head", "unit_head"]), _negated=True),
                        ("building", None),
                        ("unit", None),
                    ),
                    _connector="OR",
                ),
                name="post_head_of_a_building",
            ),
        ),
    ]
