UPDATE "details" SET "data" = (
  SELECT json_object_agg(CASE one.key WHEN 'reportedAt' THEN 'toldAt' ELSE one.key END, one.value) FROM json_each("data") AS one
)
WHERE "topic" = 'addresses' AND "data" -> 'reportedAt' IS NOT NULL;
