from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0010_routing_rules")]

    operations = [
        operations.ProtectTables("RoutingRuleSet", "RoutingFailure"),
        operations.AppendOnly("RoutingRuleSet"),
    ]
