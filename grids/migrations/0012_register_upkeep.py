from django.db import migrations, models

from governance.kernel.tenancy import operations, roles


class Migration(migrations.Migration):
    dependencies = [("grids", "0011_security_admin")]

    operations = [
        migrations.AlterField(
            model_name="registerimport",
            name="state",
            field=models.CharField(
                choices=[
                    ("uploaded", "核对中"),
                    ("checked", "待导入"),
                    ("running", "导入中"),
                    ("done", "已导入"),
                    ("failed", "未能完成"),
                    ("undone", "已撤销"),
                    ("expired", "已过期"),
                ],
                default="uploaded",
                max_length=10,
                verbose_name="状态",
            ),
        ),
        operations.ReadableAcrossDistricts("RegisterImport", roles.SWEEP, ("district_id", "state", "progress_at")),
    ]
