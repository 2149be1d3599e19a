from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0014_protect_building_heads"),
        ("services", "0002_protect"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="announcementtarget",
            name="announcement_target_is_one",
        ),
        migrations.AddConstraint(
            model_name="announcementtarget",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("area__isnull", False),
                        ("building", None),
                        ("kind", "area"),
                        ("organization", None),
                        ("post_kind", ""),
                    ),
                    models.Q(
                        ("area", None),
                        ("building__isnull", False),
                        ("kind", "building"),
                        ("organization", None),
                        ("post_kind", ""),
                    ),
                    models.Q(
                        ("area__isnull", False),
                        ("building", None),
                        ("kind", "post"),
                        ("organization", None),
                        models.Q(("post_kind", ""), _negated=True),
                    ),
                    models.Q(
                        ("area", None),
                        ("building__isnull", False),
                        ("kind", "post"),
                        ("organization", None),
                        ("post_kind__in", ["building_head", "unit_head"]),
                    ),
                    models.Q(
                        ("area", None),
                        ("building", None),
                        ("kind", "organization"),
                        ("organization__isnull", False),
                        ("post_kind", ""),
                    ),
                    _connector="OR",
                ),
                name="announcement_target_is_one",
            ),
        ),
    ]
