"""The database roles. ``manage.py bootstrap_db`` makes them; see docs/architecture.md."""

OWNER = "gov_owner"  # owns the tables, runs migrations
APP = "gov_app"  # web and workers; neither owner nor able to bypass row security
SWEEP = "gov_sweep"  # may read only which districts have due work
SEARCH = "gov_search"  # cannot sign in; owns the functions that look across rows

POLICY = "district_id = current_setting('app.district')::int"

# Tables without a district, each with its reason. The system check reads this list.
GLOBAL_TABLES = {
    "django_migrations": "schema history",
    "django_content_type": "names of models",
    "auth_permission": "names of rights",
    "auth_group": "unused groups of the framework",
    "auth_group_permissions": "unused groups of the framework",
    "django_session": "opaque sessions; the district is inside the signed payload",
    "django_admin_log": "platform administration of reference data",
    "axes_accessattempt": "failed sign-ins happen before a district is known",
    "axes_accessattemptexpiration": "failed sign-ins happen before a district is known",
    "axes_accessfailurelog": "failed sign-ins happen before a district is known",
    "axes_accesslog": "sign-ins happen before a district is known",
    "guardian_userobjectpermission": "installed by the library, not used: grants live in grids",
    "guardian_groupobjectpermission": "installed by the library, not used: grants live in grids",
    "accounts_user": "a handle and a password hash, no personal data; one person may serve two districts",
    "accounts_passwordrecord": "hashes of passwords a user had before",
    "accounts_authenticator": "a user's second factor, its key encrypted; the user has no district either",
    "accounts_recoverycode": "digests of codes that stand in for it once",
    "accounts_user_groups": "unused groups of the framework",
    "accounts_user_user_permissions": "platform rights of administrators",
    "kernel_district": "the list of districts itself",
    "kernel_nationalcalendarday": "the national calendar is the same for all",
    "kernel_clockshift": "one row that shifts the demo's clock; refused in production",
}
