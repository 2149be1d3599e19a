from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("grids", "0013_building_heads")]

    operations = [operations.AddCompositeKey("Post", "building")]
