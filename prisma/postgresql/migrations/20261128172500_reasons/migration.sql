-- Why something is out of sight was kept in words. From here on it is a code with its facts, as JSON.
-- Words that no version of this program wrote, as those of Proxmox, stay as the text of `other`.

-- An index of whole texts could not hold a long one.
CREATE TABLE "reason_words" ("key" TEXT NOT NULL PRIMARY KEY, "text" TEXT NOT NULL, "reason" TEXT);

INSERT INTO "reason_words" ("key", "text")
SELECT md5(found."text"), found."text" FROM (
  SELECT "unseen_reason" AS "text" FROM "nodes" WHERE "unseen_reason" IS NOT NULL
  UNION SELECT "unseen_reason" FROM "vms" WHERE "unseen_reason" IS NOT NULL
  UNION SELECT "unseen_reason" FROM "containers" WHERE "unseen_reason" IS NOT NULL
  UNION SELECT "unseen_reason" FROM "storage" WHERE "unseen_reason" IS NOT NULL
  UNION SELECT one.value ->> 'reason' AS "text" FROM "discovery_runs", json_array_elements("unseen") AS one WHERE json_typeof("unseen") = 'array' AND one.value ->> 'reason' IS NOT NULL
  UNION SELECT "data" ->> 'silent' FROM "details" WHERE "topic" = 'addresses' AND "data" ->> 'silent' IS NOT NULL
) AS found;

UPDATE "reason_words" SET "reason" = CASE
  WHEN "text" = 'the cluster has no quorum' THEN '{"code":"no-quorum"}'
  WHEN "text" = 'whether the cluster has quorum is not known' THEN '{"code":"quorum-unknown"}'
  WHEN "text" = 'its status could not be judged (no quorum, or the sources disagree)' THEN '{"code":"status-contradicted"}'
  WHEN "text" = 'part of its row could not be read' THEN '{"code":"row-partly-unread"}'
  WHEN "text" = 'its row could not be read' THEN '{"code":"row-unread"}'
  WHEN "text" = 'part of its definition could not be read' THEN '{"code":"definition-partly-unread"}'
  WHEN "text" = 'missing from the listing' THEN '{"code":"not-listed"}'
  WHEN "text" = 'the listing was incomplete' THEN '{"code":"listing-short"}'
  WHEN "text" = 'it moved, and the listing lacks it' THEN '{"code":"moved-unlisted"}'
  WHEN "text" = 'the token may no longer see it' THEN '{"code":"no-right"}'
  WHEN "text" = 'not asked yet: too many guests are missing at once' THEN '{"code":"not-asked-yet"}'
  WHEN "text" = 'moved or deleted while it was being read' THEN '{"code":"gone-while-read"}'
  WHEN "text" = 'its change could not be confirmed' THEN '{"code":"change-unconfirmed"}'
  WHEN "text" = 'the listing was incomplete: the guest still answers' THEN '{"code":"listing-short-of","what":"guest"}'
  WHEN "text" = 'the listing was incomplete: the storage still answers' THEN '{"code":"listing-short-of","what":"storage"}'
  WHEN "text" = 'no node is online to ask' THEN '{"code":"no-node-to-ask","of":"storage"}'
  WHEN "text" = 'no node to ask is online' THEN '{"code":"no-node-to-ask","of":"backups"}'
  WHEN "text" LIKE 'node % is off or cut off' THEN json_build_object('code', 'node-not-online', 'node', substr("text", 6, length("text") - 23))::text
  WHEN "text" LIKE 'node % is not online' THEN json_build_object('code', 'node-not-online', 'node', substr("text", 6, length("text") - 19))::text
  WHEN "text" LIKE 'node % is not part of the cluster (any more)' THEN json_build_object('code', 'node-not-member', 'node', substr("text", 6, length("text") - 43))::text
  WHEN "text" LIKE 'node % does not report its status' THEN json_build_object('code', 'node-without-status', 'node', substr("text", 6, length("text") - 32))::text
  WHEN "text" LIKE 'the tasks of node % could not be read' THEN json_build_object('code', 'tasks-unread', 'node', substr("text", 19, length("text") - 36))::text
  ELSE json_build_object('code', 'other', 'text', "text")::text
END;

UPDATE "nodes" SET "unseen_reason" = (SELECT w."reason" FROM "reason_words" AS w WHERE w."key" = md5("nodes"."unseen_reason")) WHERE "unseen_reason" IS NOT NULL;

UPDATE "vms" SET "unseen_reason" = (SELECT w."reason" FROM "reason_words" AS w WHERE w."key" = md5("vms"."unseen_reason")) WHERE "unseen_reason" IS NOT NULL;

UPDATE "containers" SET "unseen_reason" = (SELECT w."reason" FROM "reason_words" AS w WHERE w."key" = md5("containers"."unseen_reason")) WHERE "unseen_reason" IS NOT NULL;

UPDATE "storage" SET "unseen_reason" = (SELECT w."reason" FROM "reason_words" AS w WHERE w."key" = md5("storage"."unseen_reason")) WHERE "unseen_reason" IS NOT NULL;

UPDATE "discovery_runs" SET "unseen" = (
  SELECT json_agg(CASE WHEN one.value ->> 'reason' IS NULL THEN one.value::jsonb ELSE jsonb_set(one.value::jsonb, '{reason}', (SELECT w."reason"::jsonb FROM "reason_words" AS w WHERE w."key" = md5(one.value ->> 'reason'))) END ORDER BY one.n)
  FROM json_array_elements("discovery_runs"."unseen") WITH ORDINALITY AS one(value, n)
) WHERE json_typeof("unseen") = 'array' AND json_array_length("unseen") > 0;

UPDATE "details" SET "data" = jsonb_set("data"::jsonb, '{silent}', (SELECT w."reason"::jsonb FROM "reason_words" AS w WHERE w."key" = md5("details"."data" ->> 'silent')))::json
WHERE "topic" = 'addresses' AND "data" ->> 'silent' IS NOT NULL;

DROP TABLE "reason_words";
