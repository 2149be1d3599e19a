from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0006_knowledge")]

    operations = [
        operations.ProtectTables("KnowledgeArticle", "KnowledgeVersion", "KnowledgeUse", "KnowledgeHelp"),
        operations.AppendOnly("KnowledgeVersion"),
    ]
