-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "cluster" (
    "id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "root_fingerprint" TEXT,
    "first_seen" TIMESTAMP(3) NOT NULL,
    "quorate" BOOLEAN,

    CONSTRAINT "cluster_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "lease" (
    "id" INTEGER NOT NULL,
    "holder" TEXT NOT NULL,
    "fence" INTEGER NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "lease_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "nodes" (
    "id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "type" TEXT,
    "cpu_usage" DOUBLE PRECISION,
    "cpu_max" INTEGER,
    "memory_usage" BIGINT,
    "memory_max" BIGINT,
    "uptime" INTEGER,
    "pve_version" TEXT,
    "started_at" TIMESTAMP(3),
    "removed" BOOLEAN NOT NULL,
    "incarnation" INTEGER NOT NULL,
    "last_seen" TIMESTAMP(3),
    "unseen_reason" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "nodes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "vms" (
    "id" INTEGER NOT NULL,
    "node_id" TEXT NOT NULL,
    "name" TEXT,
    "status" TEXT,
    "template" BOOLEAN NOT NULL,
    "tags" JSON NOT NULL,
    "pool" TEXT,
    "cpu_cores" DOUBLE PRECISION,
    "cpu_usage" DOUBLE PRECISION,
    "memory_bytes" BIGINT,
    "memory_usage" BIGINT,
    "disk_size" BIGINT,
    "disk_usage" BIGINT,
    "network_in" BIGINT,
    "network_out" BIGINT,
    "uptime" INTEGER,
    "pid" INTEGER,
    "ha_managed" BOOLEAN NOT NULL,
    "ha_state" TEXT,
    "lock_status" TEXT,
    "config_digest" TEXT,
    "started_at" TIMESTAMP(3),
    "boot_at" TIMESTAMP(3),
    "identity" TEXT,
    "config_seen" TIMESTAMP(3),
    "incarnation" INTEGER NOT NULL,
    "last_seen" TIMESTAMP(3),
    "unseen_reason" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "vms_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "containers" (
    "id" INTEGER NOT NULL,
    "node_id" TEXT NOT NULL,
    "name" TEXT,
    "hostname" TEXT,
    "status" TEXT,
    "template" BOOLEAN NOT NULL,
    "tags" JSON NOT NULL,
    "pool" TEXT,
    "cpu_cores" DOUBLE PRECISION,
    "cpu_usage" DOUBLE PRECISION,
    "memory_bytes" BIGINT,
    "memory_usage" BIGINT,
    "swap_bytes" BIGINT,
    "swap_usage" BIGINT,
    "disk_size" BIGINT,
    "disk_usage" BIGINT,
    "network_in" BIGINT,
    "network_out" BIGINT,
    "uptime" INTEGER,
    "ha_managed" BOOLEAN NOT NULL,
    "ha_state" TEXT,
    "lock_status" TEXT,
    "os_template" TEXT,
    "config_digest" TEXT,
    "started_at" TIMESTAMP(3),
    "boot_at" TIMESTAMP(3),
    "identity" TEXT,
    "config_seen" TIMESTAMP(3),
    "incarnation" INTEGER NOT NULL,
    "last_seen" TIMESTAMP(3),
    "unseen_reason" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "containers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "guest_configs" (
    "resource_type" TEXT NOT NULL,
    "resource_id" INTEGER NOT NULL,
    "config" JSON NOT NULL,
    "pending" JSON NOT NULL,
    "snapshots" JSON NOT NULL,
    "observed_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "guest_configs_pkey" PRIMARY KEY ("resource_type","resource_id")
);

-- CreateTable
CREATE TABLE "storage" (
    "id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "content_types" JSON NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "shared" BOOLEAN NOT NULL,
    "total_bytes" BIGINT,
    "used_bytes" BIGINT,
    "available_bytes" BIGINT,
    "path" TEXT,
    "nodes" JSON NOT NULL,
    "options" JSON NOT NULL,
    "config_digest" TEXT,
    "incarnation" INTEGER NOT NULL,
    "last_seen" TIMESTAMP(3),
    "unseen_reason" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "storage_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "node_storage" (
    "node_id" TEXT NOT NULL,
    "storage_id" TEXT NOT NULL,
    "active" BOOLEAN,
    "total_bytes" BIGINT,
    "used_bytes" BIGINT,
    "available_bytes" BIGINT,
    "last_seen" TIMESTAMP(3),

    CONSTRAINT "node_storage_pkey" PRIMARY KEY ("node_id","storage_id")
);

-- CreateTable
CREATE TABLE "tasks" (
    "upid" TEXT NOT NULL,
    "node_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "resource_type" TEXT,
    "resource_id" TEXT,
    "user" TEXT NOT NULL,
    "token_id" TEXT,
    "start_time" TIMESTAMP(3) NOT NULL,
    "end_time" TIMESTAMP(3),
    "exit_status" TEXT,
    "log_entries" JSON,
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "tasks_pkey" PRIMARY KEY ("upid")
);

-- CreateTable
CREATE TABLE "log_lines" (
    "id" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "node_id" TEXT NOT NULL,
    "user" TEXT NOT NULL,
    "vmid" INTEGER NOT NULL,
    "message" TEXT NOT NULL,

    CONSTRAINT "log_lines_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "state_snapshots" (
    "id" SERIAL NOT NULL,
    "seq" INTEGER NOT NULL,
    "snapshot_time" TIMESTAMP(3) NOT NULL,
    "resource_type" TEXT NOT NULL,
    "resource_id" TEXT NOT NULL,
    "incarnation" INTEGER NOT NULL,
    "change_type" TEXT NOT NULL,
    "facet" TEXT NOT NULL,
    "name" TEXT,
    "node" TEXT,
    "fields" JSON NOT NULL,
    "field_count" INTEGER NOT NULL,
    "resource_data" JSON NOT NULL,
    "window_after" TIMESTAMP(3),
    "window_before" TIMESTAMP(3) NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "state_snapshots_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "discovery_runs" (
    "id" SERIAL NOT NULL,
    "started_at" TIMESTAMP(3) NOT NULL,
    "finished_at" TIMESTAMP(3),
    "status" TEXT NOT NULL,
    "facets" JSON NOT NULL,
    "api_calls" INTEGER NOT NULL,
    "counts" JSON NOT NULL,
    "unseen" JSON NOT NULL,
    "warnings" JSON NOT NULL,
    "error" TEXT,

    CONSTRAINT "discovery_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "commits" (
    "seq" SERIAL NOT NULL,
    "run_id" INTEGER NOT NULL,
    "facet" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "observed_at" TIMESTAMP(3) NOT NULL,
    "complete" BOOLEAN NOT NULL,
    "changes" INTEGER NOT NULL,

    CONSTRAINT "commits_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "notes" (
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "notes_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "vms_node_id_idx" ON "vms"("node_id");

-- CreateIndex
CREATE INDEX "containers_node_id_idx" ON "containers"("node_id");

-- CreateIndex
CREATE INDEX "node_storage_storage_id_idx" ON "node_storage"("storage_id");

-- CreateIndex
CREATE INDEX "tasks_start_time_upid_idx" ON "tasks"("start_time", "upid");

-- CreateIndex
CREATE INDEX "tasks_resource_type_resource_id_start_time_idx" ON "tasks"("resource_type", "resource_id", "start_time");

-- CreateIndex
CREATE INDEX "tasks_node_id_start_time_idx" ON "tasks"("node_id", "start_time");

-- CreateIndex
CREATE INDEX "tasks_status_idx" ON "tasks"("status");

-- CreateIndex
CREATE INDEX "log_lines_vmid_at_idx" ON "log_lines"("vmid", "at");

-- CreateIndex
CREATE INDEX "log_lines_at_idx" ON "log_lines"("at");

-- CreateIndex
CREATE INDEX "state_snapshots_resource_type_resource_id_seq_id_idx" ON "state_snapshots"("resource_type", "resource_id", "seq", "id");

-- CreateIndex
CREATE INDEX "state_snapshots_seq_id_idx" ON "state_snapshots"("seq", "id");

-- CreateIndex
CREATE INDEX "commits_facet_seq_idx" ON "commits"("facet", "seq");

-- CreateIndex
CREATE INDEX "commits_at_seq_idx" ON "commits"("at", "seq");

-- CreateIndex
CREATE INDEX "commits_run_id_idx" ON "commits"("run_id");

-- AddForeignKey
ALTER TABLE "vms" ADD CONSTRAINT "vms_node_id_fkey" FOREIGN KEY ("node_id") REFERENCES "nodes"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "containers" ADD CONSTRAINT "containers_node_id_fkey" FOREIGN KEY ("node_id") REFERENCES "nodes"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "node_storage" ADD CONSTRAINT "node_storage_node_id_fkey" FOREIGN KEY ("node_id") REFERENCES "nodes"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "node_storage" ADD CONSTRAINT "node_storage_storage_id_fkey" FOREIGN KEY ("storage_id") REFERENCES "storage"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_node_id_fkey" FOREIGN KEY ("node_id") REFERENCES "nodes"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "state_snapshots" ADD CONSTRAINT "state_snapshots_seq_fkey" FOREIGN KEY ("seq") REFERENCES "commits"("seq") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "commits" ADD CONSTRAINT "commits_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "discovery_runs"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;
