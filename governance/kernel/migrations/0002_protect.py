from django.db import migrations

from governance.kernel.tenancy import operations, roles

SEARCH_FUNCTION = """
CREATE FUNCTION gov_search_ids(p_kind text, p_tokens text[], p_limit int) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- Planned with the real tokens each time: a generic plan does not use the index.
    RETURN QUERY EXECUTE
        'SELECT object_id FROM kernel_searchentry
         WHERE district_id = current_setting(''app.district'')::int AND kind = $1 AND tokens @> $2
         ORDER BY object_id DESC LIMIT $3'
        USING p_kind, p_tokens, p_limit;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial"), ("accounts", "0001_initial")]

    operations = [
        operations.ProtectTables("CalendarDay", "AuditEvent", "AuditSeal", "IdempotencyRecord", "SearchEntry"),
        operations.AppendOnly("AuditEvent"),
        operations.AppendOnly("AuditSeal"),
        operations.ReadableAcrossDistricts("District", roles.SWEEP, ("id", "is_active")),
        operations.ReadableAcrossDistricts("AuditEvent", roles.SWEEP, ("district_id", "transaction_id")),
        operations.ReadableAcrossDistricts("AuditSeal", roles.SWEEP, ("district_id", "last_transaction_id")),
        operations.ReadableAcrossDistricts("SearchEntry", roles.SEARCH, ("district_id", "kind", "object_id", "tokens")),
        migrations.RunSQL(
            [
                SEARCH_FUNCTION,
                f"ALTER FUNCTION gov_search_ids OWNER TO {roles.SEARCH}",
                "REVOKE ALL ON FUNCTION gov_search_ids FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION gov_search_ids TO {roles.APP}",
            ],
            ["DROP FUNCTION gov_search_ids"],
        ),
    ]
