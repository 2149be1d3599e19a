from django.db import migrations

from governance.kernel.tenancy import operations, roles

DISTRICTS_FUNCTION = """
CREATE FUNCTION gov_districts_of_user(p_user bigint) RETURNS SETOF int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.district_id FROM accounts_membership m WHERE m.user_id = p_user AND m.is_active
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("kernel", "0002_protect")]

    operations = [
        operations.ProtectTables("Membership", "Staff", "ApiToken", "Notice"),
        operations.ReadableAcrossDistricts("Membership", roles.SEARCH, ("district_id", "user_id", "is_active")),
        # At sign-in the district is not known yet. The function tells ids of districts and nothing else.
        migrations.RunSQL(
            [
                DISTRICTS_FUNCTION,
                f"ALTER FUNCTION gov_districts_of_user OWNER TO {roles.SEARCH}",
                "REVOKE ALL ON FUNCTION gov_districts_of_user FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION gov_districts_of_user TO {roles.APP}",
            ],
            ["DROP FUNCTION gov_districts_of_user"],
        ),
    ]
