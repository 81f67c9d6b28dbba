UPDATE "details" SET "data" = json_remove(json_set("data", '$.toldAt', json("data" -> '$.reportedAt')), '$.reportedAt')
WHERE "topic" = 'addresses' AND json_type("data", '$.reportedAt') IS NOT NULL;
