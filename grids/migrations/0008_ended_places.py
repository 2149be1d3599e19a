from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("grids", "0007_protect_register_import")]

    operations = [
        migrations.AddField(
            model_name="areaborder",
            name="split_reason",
            field=models.CharField(
                blank=True,
                default="",
                help_text="边界分成几块时必填，如中间隔着河",
                max_length=120,
                verbose_name="不连片的原因",
            ),
        ),
        migrations.AddField(
            model_name="building",
            name="ended_on",
            field=models.DateField(blank=True, null=True, verbose_name="停用日期"),
        ),
        migrations.AddField(
            model_name="compound",
            name="ended_on",
            field=models.DateField(blank=True, null=True, verbose_name="停用日期"),
        ),
    ]
