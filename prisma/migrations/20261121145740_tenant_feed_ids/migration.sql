-- A sequence of its own, far above that of jobs' events: no two places in a feed are equal, and neither sequence
-- belongs to the other's table.
CREATE SEQUENCE "tenant_events_feed_id_seq" START WITH 500000000000000 OWNED BY "tenant_events"."feed_id";
ALTER TABLE "tenant_events" ALTER COLUMN "feed_id" SET DEFAULT nextval('tenant_events_feed_id_seq');
