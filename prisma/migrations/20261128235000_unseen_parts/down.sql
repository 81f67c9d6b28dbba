-- The same words again.

UPDATE "discovery_runs" SET "unseen" = (
  SELECT json_group_array(json(CASE WHEN json_type(one.value, '$.what') = 'object' THEN json_set(one.value, '$.what', CASE (one.value ->> '$.what.code')
  WHEN 'resource' THEN (one.value ->> '$.what.resource')
  WHEN 'config' THEN 'config of ' || coalesce((one.value ->> '$.what.resource'), (one.value ->> '$.what.count') || ' guests')
  WHEN 'pending' THEN 'pending changes of ' || coalesce((one.value ->> '$.what.resource'), (one.value ->> '$.what.count') || ' guests')
  WHEN 'snapshots' THEN 'snapshots of ' || coalesce((one.value ->> '$.what.resource'), (one.value ->> '$.what.count') || ' guests')
  WHEN 'guests' THEN (one.value ->> '$.what.count') || ' guests on node ' || (one.value ->> '$.what.node')
  WHEN 'new-guests' THEN (one.value ->> '$.what.count') || ' new guests'
  WHEN 'storages' THEN (one.value ->> '$.what.count') || ' storages'
  WHEN 'tasks' THEN 'tasks of node ' || (one.value ->> '$.what.node')
  WHEN 'version' THEN 'version of node ' || (one.value ->> '$.what.node')
  WHEN 'replication' THEN 'replication of node ' || (one.value ->> '$.what.node')
  WHEN 'changed-guests' THEN 'changed guests on node ' || (one.value ->> '$.what.node')
  WHEN 'storage-views' THEN 'storages seen from node ' || (one.value ->> '$.what.node')
  WHEN 'backups-on' THEN 'backups on storage ' || (one.value ->> '$.what.source')
  WHEN 'quorum' THEN 'quorum of the cluster'
  WHEN 'votes' THEN 'votes of the cluster'
  WHEN 'storage-definitions' THEN 'storage definitions'
  WHEN 'backup-jobs' THEN 'backup jobs'
  WHEN 'pools' THEN 'pools'
  WHEN 'ha' THEN 'high availability'
  WHEN 'ha-rules' THEN 'rules of high availability'
  WHEN 'ha-status' THEN 'status of high availability'
  WHEN 'datacenter-options' THEN 'options of the datacenter'
  ELSE coalesce((one.value ->> '$.what.text'), (one.value ->> '$.what.code'))
END) ELSE one.value END))
  FROM json_each("discovery_runs"."unseen") AS one
) WHERE json_type("unseen") = 'array' AND json_array_length("unseen") > 0;
