-- What a run could not see was kept in words. From here on it is a code with its facts, as JSON. Of words other than a
-- resource's key (`vm/101`) the words stay, as the text of `other`.

UPDATE "discovery_runs" SET "unseen" = (
  SELECT json_agg(CASE WHEN json_typeof(one.value -> 'what') = 'string' THEN jsonb_set(one.value::jsonb, '{what}', CASE
    WHEN (one.value ->> 'what') LIKE '%/%' AND (one.value ->> 'what') NOT LIKE '% %' THEN jsonb_build_object('code', 'resource', 'resource', (one.value ->> 'what'))
    ELSE jsonb_build_object('code', 'other', 'text', (one.value ->> 'what'))
  END) ELSE one.value::jsonb END ORDER BY one.n)
  FROM json_array_elements("discovery_runs"."unseen") WITH ORDINALITY AS one(value, n)
) WHERE json_typeof("unseen") = 'array' AND json_array_length("unseen") > 0;
