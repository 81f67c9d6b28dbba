-- When a guest last reported its addresses has the name that the program uses for it now.

UPDATE "details" SET "data" = (
  SELECT json_object_agg(CASE one.key WHEN 'toldAt' THEN 'reportedAt' ELSE one.key END, one.value) FROM json_each("data") AS one
)
WHERE "topic" = 'addresses' AND "data" -> 'toldAt' IS NOT NULL;
