-- What a run could not see was kept in words. From here on it is a code with its facts, as JSON. Of words other than a
-- resource's key (`vm/101`) the words stay, as the text of `other`.

UPDATE "discovery_runs" SET "unseen" = (
  SELECT json_group_array(json(CASE WHEN json_type(one.value, '$.what') = 'text' THEN json_set(one.value, '$.what', json(CASE
    WHEN (one.value ->> '$.what') LIKE '%/%' AND (one.value ->> '$.what') NOT LIKE '% %' THEN json_object('code', 'resource', 'resource', (one.value ->> '$.what'))
    ELSE json_object('code', 'other', 'text', (one.value ->> '$.what'))
  END)) ELSE one.value END))
  FROM json_each("discovery_runs"."unseen") AS one
) WHERE json_type("unseen") = 'array' AND json_array_length("unseen") > 0;
