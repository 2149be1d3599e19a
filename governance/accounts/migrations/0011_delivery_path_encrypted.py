from django.db import migrations

import governance.kernel.crypto


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_protect_notifications")]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="path",
            field=governance.kernel.crypto.EncryptedTextField(blank=True, default=""),
        ),
    ]
