import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.tenancy.context


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_protect_residents"),
        ("grids", "0015_network_liaison"),
        ("kernel", "0010_protect_audit_kept"),
        ("requests_intake", "0011_protect_routing_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChannelSetting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("hotline", "12345 热线"),
                            ("station_phone", "社区热线电话"),
                            ("chat", "微信群"),
                            ("party_group", "党员群"),
                            ("official_account", "公众号"),
                            ("netizen_message", "网民留言"),
                            ("mayor_line", "市长热线"),
                            ("mayor_mailbox", "市长信箱"),
                            ("digital_city", "数字化城管平台"),
                            ("web", "网页"),
                            ("grid_message", "网格圈"),
                            ("station_counter", "社区窗口"),
                            ("door", "上门反映"),
                            ("morning_walk", "晨步"),
                            ("grid_worker", "网格员转达"),
                            ("building_head", "楼栋长转达"),
                            ("letter", "群众来信"),
                            ("letter_box", "意见箱"),
                            ("notice_board", "留言板"),
                            ("deliberation", "议事台"),
                            ("patrol", "网格巡查"),
                            ("api", "接口"),
                            ("import", "文件导入"),
                        ],
                        max_length=20,
                        verbose_name="渠道",
                    ),
                ),
                ("name", models.CharField(blank=True, default="", max_length=20, verbose_name="本区叫法")),
                ("is_on", models.BooleanField(default=True, verbose_name="在用")),
                ("position", models.PositiveSmallIntegerField(verbose_name="排第几")),
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
        migrations.AddField(
            model_name="ticket",
            name="external_due_at",
            field=models.DateTimeField(
                blank=True, help_text="limit the sending system set", null=True, verbose_name="来件要求办结"
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="external_number",
            field=models.CharField(
                blank=True,
                default="",
                help_text="number the sending system gave the matter",
                max_length=60,
                verbose_name="来件编号",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="limit_from",
            field=models.CharField(
                blank=True,
                default="",
                help_text="policy or external: which of the two limits the promise keeps",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="attachment",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("report", "反映情况"),
                    ("evidence", "办理结果"),
                    ("verification", "核查"),
                    ("paper", "纸质原件"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="channel",
            field=models.CharField(
                choices=[
                    ("hotline", "12345 热线"),
                    ("station_phone", "社区热线电话"),
                    ("chat", "微信群"),
                    ("party_group", "党员群"),
                    ("official_account", "公众号"),
                    ("netizen_message", "网民留言"),
                    ("mayor_line", "市长热线"),
                    ("mayor_mailbox", "市长信箱"),
                    ("digital_city", "数字化城管平台"),
                    ("web", "网页"),
                    ("grid_message", "网格圈"),
                    ("station_counter", "社区窗口"),
                    ("door", "上门反映"),
                    ("morning_walk", "晨步"),
                    ("grid_worker", "网格员转达"),
                    ("building_head", "楼栋长转达"),
                    ("letter", "群众来信"),
                    ("letter_box", "意见箱"),
                    ("notice_board", "留言板"),
                    ("deliberation", "议事台"),
                    ("patrol", "网格巡查"),
                    ("api", "接口"),
                    ("import", "文件导入"),
                ],
                max_length=20,
                verbose_name="渠道",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("external_number", ""), _negated=True),
                fields=["district", "external_number"],
                name="ticket_external",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_number", ""), _negated=True),
                fields=("district", "channel", "external_number"),
                name="ticket_external_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="channelsetting",
            constraint=models.UniqueConstraint(fields=("district", "channel"), name="channel_setting_once"),
        ),
    ]
