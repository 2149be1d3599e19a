from django.db import migrations

from governance.kernel.tenancy import operations, roles

PRUNE = """
CREATE FUNCTION gov_prune_audit(p_keep_days int, p_at_most int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_district int := current_setting('app.district')::int;
    v_cutoff timestamptz;
    v_from bigint;
    v_young record;
    v_anchor record;
    v_newest timestamptz;
    v_removed bigint;
BEGIN
    IF p_keep_days IS NULL OR p_keep_days < 180 THEN
        RAISE EXCEPTION 'audit rows are kept for 180 days at least';
    END IF;
    v_cutoff := now() - make_interval(days => p_keep_days);
    -- The sealer of the same district waits, and so does a second pruning.
    PERFORM pg_advisory_xact_lock(hashtext('audit_seal'), v_district);
    SELECT coalesce(max(seal_number), 0) INTO v_from FROM kernel_auditpruning WHERE district_id = v_district;
    -- Nothing from the first young row on may go, in the order in which rows were sealed.
    SELECT transaction_id, id INTO v_young FROM kernel_auditevent
        WHERE district_id = v_district AND at >= v_cutoff ORDER BY transaction_id, id LIMIT 1;
    SELECT * INTO v_anchor FROM (
        SELECT number, digest, last_transaction_id, last_event_id, sum(count) OVER (ORDER BY number) AS total
        FROM (SELECT * FROM kernel_auditseal WHERE district_id = v_district AND number > v_from
              ORDER BY number LIMIT 2000) oldest) counted
        WHERE total <= p_at_most AND (v_young.id IS NULL
            OR (last_transaction_id, last_event_id) < (v_young.transaction_id, v_young.id))
        ORDER BY number DESC LIMIT 1;
    IF v_anchor.number IS NULL THEN
        RETURN 0;
    END IF;
    SELECT max(at) INTO v_newest FROM kernel_auditevent WHERE district_id = v_district
        AND (transaction_id, id) <= (v_anchor.last_transaction_id, v_anchor.last_event_id);
    DELETE FROM kernel_auditevent WHERE district_id = v_district
        AND (transaction_id, id) <= (v_anchor.last_transaction_id, v_anchor.last_event_id);
    GET DIAGNOSTICS v_removed = ROW_COUNT;
    DELETE FROM kernel_auditseal WHERE district_id = v_district AND number <= v_anchor.number;
    INSERT INTO kernel_auditpruning (district_id, pruned_at, kept_days, removed, newest_at, seal_number, seal_digest,
                                     last_transaction_id, last_event_id)
        VALUES (v_district, now(), p_keep_days, v_removed, coalesce(v_newest, v_cutoff), v_anchor.number,
                v_anchor.digest, v_anchor.last_transaction_id, v_anchor.last_event_id);
    RETURN v_removed;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0009_audit_kept")]

    operations = [
        operations.ProtectTables("AuditPruning", "AuditCheck"),
        operations.AppendOnly("AuditPruning"),
        operations.AppendOnly("AuditCheck"),
        migrations.RunSQL(
            [
                f"REVOKE INSERT ON kernel_auditpruning FROM {roles.APP}",
                PRUNE,
                "REVOKE ALL ON FUNCTION gov_prune_audit FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION gov_prune_audit TO {roles.APP}",
            ],
            ["DROP FUNCTION gov_prune_audit", f"GRANT INSERT ON kernel_auditpruning TO {roles.APP}"],
        ),
    ]
