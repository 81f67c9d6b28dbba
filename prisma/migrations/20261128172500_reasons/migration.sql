-- Why something is out of sight was kept in words. From here on it is a code with its facts, as JSON.
-- Words that no version of this program wrote, as those of Proxmox, stay as the text of `other`.

CREATE TABLE "reason_words" ("text" TEXT NOT NULL PRIMARY KEY, "reason" TEXT);

INSERT INTO "reason_words" ("text")
SELECT "unseen_reason" FROM "nodes" WHERE "unseen_reason" IS NOT NULL
UNION SELECT "unseen_reason" FROM "vms" WHERE "unseen_reason" IS NOT NULL
UNION SELECT "unseen_reason" FROM "containers" WHERE "unseen_reason" IS NOT NULL
UNION SELECT "unseen_reason" FROM "storage" WHERE "unseen_reason" IS NOT NULL
UNION SELECT one.value ->> '$.reason' AS "text" FROM "discovery_runs", json_each("unseen") AS one WHERE one.value ->> '$.reason' IS NOT NULL
UNION SELECT "data" ->> '$.silent' FROM "details" WHERE "topic" = 'addresses' AND "data" ->> '$.silent' IS NOT NULL;

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
  WHEN "text" LIKE 'node % is off or cut off' THEN json_object('code', 'node-not-online', 'node', substr("text", 6, length("text") - 23))
  WHEN "text" LIKE 'node % is not online' THEN json_object('code', 'node-not-online', 'node', substr("text", 6, length("text") - 19))
  WHEN "text" LIKE 'node % is not part of the cluster (any more)' THEN json_object('code', 'node-not-member', 'node', substr("text", 6, length("text") - 43))
  WHEN "text" LIKE 'node % does not report its status' THEN json_object('code', 'node-without-status', 'node', substr("text", 6, length("text") - 32))
  WHEN "text" LIKE 'the tasks of node % could not be read' THEN json_object('code', 'tasks-unread', 'node', substr("text", 19, length("text") - 36))
  ELSE json_object('code', 'other', 'text', "text")
END;

UPDATE "nodes" SET "unseen_reason" = (SELECT w."reason" FROM "reason_words" AS w WHERE w."text" = "nodes"."unseen_reason") WHERE "unseen_reason" IS NOT NULL;

UPDATE "vms" SET "unseen_reason" = (SELECT w."reason" FROM "reason_words" AS w WHERE w."text" = "vms"."unseen_reason") WHERE "unseen_reason" IS NOT NULL;

UPDATE "containers" SET "unseen_reason" = (SELECT w."reason" FROM "reason_words" AS w WHERE w."text" = "containers"."unseen_reason") WHERE "unseen_reason" IS NOT NULL;

UPDATE "storage" SET "unseen_reason" = (SELECT w."reason" FROM "reason_words" AS w WHERE w."text" = "storage"."unseen_reason") WHERE "unseen_reason" IS NOT NULL;

UPDATE "discovery_runs" SET "unseen" = (
  SELECT json_group_array(json(CASE WHEN one.value ->> '$.reason' IS NULL THEN one.value ELSE json_set(one.value, '$.reason', json((SELECT w."reason" FROM "reason_words" AS w WHERE w."text" = one.value ->> '$.reason'))) END))
  FROM json_each("discovery_runs"."unseen") AS one
) WHERE json_type("unseen") = 'array' AND json_array_length("unseen") > 0;

UPDATE "details" SET "data" = json_set("data", '$.silent', json((SELECT w."reason" FROM "reason_words" AS w WHERE w."text" = "details"."data" ->> '$.silent')))
WHERE "topic" = 'addresses' AND "data" ->> '$.silent' IS NOT NULL;

DROP TABLE "reason_words";
