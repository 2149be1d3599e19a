from django.db import migrations

from governance.kernel.tenancy import operations

FUNCTIONS = """
CREATE FUNCTION gov_ticket_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE requests_intake_ticket t SET lead_state = coalesce(w.state, '')
    FROM (SELECT DISTINCT district_id, ticket_id FROM changed) c
    LEFT JOIN requests_intake_workorder w
        ON w.district_id = c.district_id AND w.ticket_id = c.ticket_id AND w.role = 'lead' AND w.ended_at IS NULL
    WHERE t.district_id = c.district_id AND t.id = c.ticket_id AND t.lead_state <> coalesce(w.state, '');
    RETURN NULL;
END $$;

CREATE FUNCTION gov_ticket_promise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE requests_intake_ticket t
    SET promise_runs_until = CASE WHEN c.stopped_at IS NULL THEN c.due_at END
    FROM changed c
    WHERE c.kind = 'promise' AND c.work_order_id IS NULL AND t.district_id = c.district_id AND t.id = c.ticket_id
        AND t.promise_runs_until IS DISTINCT FROM CASE WHEN c.stopped_at IS NULL THEN c.due_at END;
    RETURN NULL;
END $$;

CREATE TRIGGER ticket_lead_insert AFTER INSERT ON requests_intake_workorder
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gov_ticket_lead();
CREATE TRIGGER ticket_lead_update AFTER UPDATE ON requests_intake_workorder
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gov_ticket_lead();
CREATE TRIGGER ticket_promise_insert AFTER INSERT ON requests_intake_clock
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gov_ticket_promise();
CREATE TRIGGER ticket_promise_update AFTER UPDATE ON requests_intake_clock
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gov_ticket_promise();
"""
GONE = """
DROP TRIGGER ticket_promise_update ON requests_intake_clock;
DROP TRIGGER ticket_promise_insert ON requests_intake_clock;
DROP TRIGGER ticket_lead_update ON requests_intake_workorder;
DROP TRIGGER ticket_lead_insert ON requests_intake_workorder;
DROP FUNCTION gov_ticket_promise();
DROP FUNCTION gov_ticket_lead();
"""
FILL = """
UPDATE requests_intake_ticket t SET lead_state = coalesce(w.state, ''), promise_runs_until = c.due_at
FROM requests_intake_ticket s
LEFT JOIN requests_intake_workorder w
    ON w.district_id = s.district_id AND w.ticket_id = s.id AND w.role = 'lead' AND w.ended_at IS NULL
LEFT JOIN requests_intake_clock c
    ON c.district_id = s.district_id AND c.ticket_id = s.id AND c.kind = 'promise' AND c.work_order_id IS NULL
    AND c.stopped_at IS NULL
WHERE s.district_id = current_setting('app.district')::int AND t.district_id = s.district_id AND t.id = s.id
    AND (w.id IS NOT NULL OR c.id IS NOT NULL)
"""


def fill(apps, schema_editor):
    """What lists sort by, for the tickets that are there already."""
    schema_editor.execute(FILL)


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0039_lists_without_joins")]

    operations = [migrations.RunSQL(FUNCTIONS, GONE), operations.RunForEachDistrict(fill)]
