from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0003_questions_and_phrases")]

    operations = [operations.ProtectTables("ReplyPhrase")]
