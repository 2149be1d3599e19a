# Writes who may connect (the two roles of web and workers, never the owner) and becomes PgBouncer.
set -eu
umask 077
printf '"gov_app" "%s"\n"gov_sweep" "%s"\n' "$GOV_APP_PASSWORD" "$GOV_SWEEP_PASSWORD" >/tmp/userlist.txt
exec pgbouncer /etc/pgbouncer/pgbouncer.ini
