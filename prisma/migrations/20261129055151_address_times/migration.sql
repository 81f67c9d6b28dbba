-- When a guest last reported its addresses has the name that the program uses for it now.

UPDATE "details" SET "data" = json_remove(json_set("data", '$.reportedAt', json("data" -> '$.toldAt')), '$.toldAt')
WHERE "topic" = 'addresses' AND json_type("data", '$.toldAt') IS NOT NULL;
