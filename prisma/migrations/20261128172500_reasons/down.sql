-- The same words again.

CREATE TABLE "reason_words" ("reason" TEXT NOT NULL PRIMARY KEY, "text" TEXT);

INSERT INTO "reason_words" ("reason")
SELECT "unseen_reason" FROM "nodes" WHERE "unseen_reason" IS NOT NULL
UNION SELECT "unseen_reason" FROM "vms" WHERE "unseen_reason" IS NOT NULL
UNION SELECT "unseen_reason" FROM "containers" WHERE "unseen_reason" IS NOT NULL
UNION SELECT "unseen_reason" FROM "storage" WHERE "unseen_reason" IS NOT NULL
UNION SELECT one.value -> '$.reason' FROM "discovery_runs", json_each("unseen") AS one WHERE json_type("unseen") = 'array' AND json_type(one.value, '$.reason') = 'object'
UNION SELECT "data" -> '$.silent' FROM "details" WHERE "topic" = 'addresses' AND json_type("data", '$.silent') = 'object';

UPDATE "reason_words" SET "text" = CASE ("reason" ->> '$.code')
  WHEN 'no-quorum' THEN 'the cluster has no quorum'
  WHEN 'quorum-unknown' THEN 'whether the cluster has quorum is not known'
  WHEN 'status-contradicted' THEN 'its status could not be judged (no quorum, or the sources disagree)'
  WHEN 'row-partly-unread' THEN 'part of its row could not be read'
  WHEN 'row-unread' THEN 'its row could not be read'
  WHEN 'definition-partly-unread' THEN 'part of its definition could not be read'
  WHEN 'not-listed' THEN 'missing from the listing'
  WHEN 'listing-short' THEN 'the listing was incomplete'
  WHEN 'moved-unlisted' THEN 'it moved, and the listing lacks it'
  WHEN 'no-right' THEN 'the token may no longer see it'
  WHEN 'not-asked-yet' THEN 'not asked yet: too many guests are missing at once'
  WHEN 'gone-while-read' THEN 'moved or deleted while it was being read'
  WHEN 'change-unconfirmed' THEN 'its change could not be confirmed'
  WHEN 'listing-short-of' THEN 'the listing was incomplete: the ' || ("reason" ->> '$.what') || ' still answers'
  WHEN 'no-node-to-ask' THEN CASE ("reason" ->> '$.of') WHEN 'storage' THEN 'no node is online to ask' ELSE 'no node to ask is online' END
  WHEN 'node-not-online' THEN 'node ' || ("reason" ->> '$.node') || ' is off or cut off'
  WHEN 'node-not-member' THEN 'node ' || ("reason" ->> '$.node') || ' is not part of the cluster (any more)'
  WHEN 'node-without-status' THEN 'node ' || ("reason" ->> '$.node') || ' does not report its status'
  WHEN 'tasks-unread' THEN 'the tasks of node ' || ("reason" ->> '$.node') || ' could not be read'
  ELSE coalesce(("reason" ->> '$.text'), ("reason" ->> '$.code'))
END;

UPDATE "nodes" SET "unseen_reason" = (SELECT w."text" FROM "reason_words" AS w WHERE w."reason" = "nodes"."unseen_reason") WHERE "unseen_reason" IS NOT NULL;

UPDATE "vms" SET "unseen_reason" = (SELECT w."text" FROM "reason_words" AS w WHERE w."reason" = "vms"."unseen_reason") WHERE "unseen_reason" IS NOT NULL;

UPDATE "containers" SET "unseen_reason" = (SELECT w."text" FROM "reason_words" AS w WHERE w."reason" = "containers"."unseen_reason") WHERE "unseen_reason" IS NOT NULL;

UPDATE "storage" SET "unseen_reason" = (SELECT w."text" FROM "reason_words" AS w WHERE w."reason" = "storage"."unseen_reason") WHERE "unseen_reason" IS NOT NULL;

UPDATE "discovery_runs" SET "unseen" = (
  SELECT json_group_array(json(CASE WHEN json_type(one.value, '$.reason') = 'object' THEN json_set(one.value, '$.reason', (SELECT w."text" FROM "reason_words" AS w WHERE w."reason" = one.value -> '$.reason')) ELSE one.value END))
  FROM json_each("discovery_runs"."unseen") AS one
) WHERE json_type("unseen") = 'array' AND json_array_length("unseen") > 0;

UPDATE "details" SET "data" = json_set("data", '$.silent', (SELECT w."text" FROM "reason_words" AS w WHERE w."reason" = "details"."data" -> '$.silent'))
WHERE "topic" = 'addresses' AND json_type("data", '$.silent') = 'object';

DROP TABLE "reason_words";
