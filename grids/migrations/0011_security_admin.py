from django.db import migrations, models

from governance.kernel.tenancy import operations

MISSING = """
INSERT INTO grids_post (district_id, organization_id, kind, name, is_leader)
SELECT o.district_id, o.id, 'security_admin', '安全管理员', false FROM grids_organization o
WHERE o.district_id = current_setting('app.district')::int AND o.kind = 'district_center' AND o.ended_on IS NULL
  AND NOT EXISTS (SELECT FROM grids_post p WHERE p.district_id = o.district_id AND p.organization_id = o.id
                  AND (p.kind = 'security_admin' OR p.name = '安全管理员'))
"""


def add_post(apps, schema_editor):
    """Centres founded before there was such a post get it, empty."""
    schema_editor.execute(MISSING)


class Migration(migrations.Migration):
    dependencies = [("grids", "0010_protect_household_band")]

    operations = [
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
                ],
                max_length=24,
                verbose_name="岗位",
            ),
        ),
        operations.RunForEachDistrict(add_post),
    ]
