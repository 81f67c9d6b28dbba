-- The same words again.

-- An index of whole texts could not hold a long one.
CREATE TABLE "reason_words" ("key" TEXT NOT NULL PRIMARY KEY, "reason" TEXT NOT NULL, "text" TEXT);

INSERT INTO "reason_words" ("key", "reason")
SELECT md5(found."reason"), found."reason" FROM (
  SELECT "unseen_reason" AS "reason" FROM "nodes" WHERE "unseen_reason" IS NOT NULL
  UNION SELECT "unseen_reason" FROM "vms" WHERE "unseen_reason" IS NOT NULL
  UNION SELECT "unseen_reason" FROM "containers" WHERE "unseen_reason" IS NOT NULL
  UNION SELECT "unseen_reason" FROM "storage" WHERE "unseen_reason" IS NOT NULL
  UNION SELECT (one.value -> 'reason')::text FROM "discovery_runs", json_array_elements("unseen") AS one WHERE json_typeof("unseen") = 'array' AND json_typeof(one.value -> 'reason') = 'object'
  UNION SELECT ("data" -> 'silent')::text FROM "details" WHERE "topic" = 'addresses' AND json_typeof("data" -> 'silent') = 'object'
) AS found;

UPDATE "reason_words" SET "text" = CASE ("reason"::json ->> 'code')
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
  WHEN 'listing-short-of' THEN 'the listing was incomplete: the ' || ("reason"::json ->> 'what') || ' still answers'
  WHEN 'no-node-to-ask' THEN CASE ("reason"::json ->> 'of') WHEN 'storage' THEN 'no node is online to ask' ELSE 'no node to ask is online' END
  WHEN 'node-not-online' THEN 'node ' || ("reason"::json ->> 'node') || ' is off or cut off'
  WHEN 'node-not-member' THEN 'node ' || ("reason"::json ->> 'node') || ' is not part of the cluster (any more)'
  WHEN 'node-without-status' THEN 'node ' || ("reason"::json ->> 'node') || ' does not report its status'
  WHEN 'tasks-unread' THEN 'the tasks of node ' || ("reason"::json ->> 'node') || ' could not be read'
  ELSE coalesce(("reason"::json ->> 'text'), ("reason"::json ->> 'code'))
END;

UPDATE "nodes" SET "unseen_reason" = (SELECT w."text" FROM "reason_words" AS w WHERE w."key" = md5("nodes"."unseen_reason")) WHERE "unseen_reason" IS NOT NULL;

UPDATE "vms" SET "unseen_reason" = (SELECT w."text" FROM "reason_words" AS w WHERE w."key" = md5("vms"."unseen_reason")) WHERE "unseen_reason" IS NOT NULL;

UPDATE "containers" SET "unseen_reason" = (SELECT w."text" FROM "reason_words" AS w WHERE w."key" = md5("containers"."unseen_reason")) WHERE "unseen_reason" IS NOT NULL;

UPDATE "storage" SET "unseen_reason" = (SELECT w."text" FROM "reason_words" AS w WHERE w."key" = md5("storage"."unseen_reason")) WHERE "unseen_reason" IS NOT NULL;

UPDATE "discovery_runs" SET "unseen" = (
  SELECT json_agg(CASE WHEN json_typeof(one.value -> 'reason') = 'object' THEN jsonb_set(one.value::jsonb, '{reason}', to_jsonb((SELECT w."text" FROM "reason_words" AS w WHERE w."key" = md5((one.value -> 'reason')::text)))) ELSE one.value::jsonb END ORDER BY one.n)
  FROM json_array_elements("discovery_runs"."unseen") WITH ORDINALITY AS one(value, n)
) WHERE json_typeof("unseen") = 'array' AND json_array_length("unseen") > 0;

UPDATE "details" SET "data" = jsonb_set("data"::jsonb, '{silent}', to_jsonb((SELECT w."text" FROM "reason_words" AS w WHERE w."key" = md5(("details"."data" -> 'silent')::text))))::json
WHERE "topic" = 'addresses' AND json_typeof("data" -> 'silent') = 'object';

DROP TABLE "reason_words";
