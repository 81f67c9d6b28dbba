-- CreateTable
CREATE TABLE "cluster" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "root_fingerprint" TEXT,
    "first_seen" DATETIME NOT NULL,
    "quorate" BOOLEAN
);

-- CreateTable
CREATE TABLE "lease" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "holder" TEXT NOT NULL,
    "fence" INTEGER NOT NULL,
    "expires_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "nodes" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "status" TEXT NOT NULL,
    "type" TEXT,
    "cpu_usage" REAL,
    "cpu_max" INTEGER,
    "memory_usage" BIGINT,
    "memory_max" BIGINT,
    "uptime" INTEGER,
    "pve_version" TEXT,
    "started_at" DATETIME,
    "removed" BOOLEAN NOT NULL,
    "incarnation" INTEGER NOT NULL,
    "last_seen" DATETIME,
    "unseen_reason" TEXT,
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "vms" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "node_id" TEXT NOT NULL,
    "name" TEXT,
    "status" TEXT,
    "template" BOOLEAN NOT NULL,
    "tags" JSONB NOT NULL,
    "pool" TEXT,
    "cpu_cores" REAL,
    "cpu_usage" REAL,
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
    "started_at" DATETIME,
    "boot_at" DATETIME,
    "identity" TEXT,
    "config_seen" DATETIME,
    "incarnation" INTEGER NOT NULL,
    "last_seen" DATETIME,
    "unseen_reason" TEXT,
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL,
    CONSTRAINT "vms_node_id_fkey" FOREIGN KEY ("node_id") REFERENCES "nodes" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "containers" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "node_id" TEXT NOT NULL,
    "name" TEXT,
    "hostname" TEXT,
    "status" TEXT,
    "template" BOOLEAN NOT NULL,
    "tags" JSONB NOT NULL,
    "pool" TEXT,
    "cpu_cores" REAL,
    "cpu_usage" REAL,
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
    "started_at" DATETIME,
    "boot_at" DATETIME,
    "identity" TEXT,
    "config_seen" DATETIME,
    "incarnation" INTEGER NOT NULL,
    "last_seen" DATETIME,
    "unseen_reason" TEXT,
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL,
    CONSTRAINT "containers_node_id_fkey" FOREIGN KEY ("node_id") REFERENCES "nodes" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "guest_configs" (
    "resource_type" TEXT NOT NULL,
    "resource_id" INTEGER NOT NULL,
    "config" JSONB NOT NULL,
    "pending" JSONB NOT NULL,
    "snapshots" JSONB NOT NULL,
    "observed_at" DATETIME NOT NULL,

    PRIMARY KEY ("resource_type", "resource_id")
);

-- CreateTable
CREATE TABLE "storage" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "type" TEXT NOT NULL,
    "content_types" JSONB NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "shared" BOOLEAN NOT NULL,
    "total_bytes" BIGINT,
    "used_bytes" BIGINT,
    "available_bytes" BIGINT,
    "path" TEXT,
    "nodes" JSONB NOT NULL,
    "options" JSONB NOT NULL,
    "config_digest" TEXT,
    "incarnation" INTEGER NOT NULL,
    "last_seen" DATETIME,
    "unseen_reason" TEXT,
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "node_storage" (
    "node_id" TEXT NOT NULL,
    "storage_id" TEXT NOT NULL,
    "active" BOOLEAN,
    "total_bytes" BIGINT,
    "used_bytes" BIGINT,
    "available_bytes" BIGINT,
    "last_seen" DATETIME,

    PRIMARY KEY ("node_id", "storage_id"),
    CONSTRAINT "node_storage_node_id_fkey" FOREIGN KEY ("node_id") REFERENCES "nodes" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT,
    CONSTRAINT "node_storage_storage_id_fkey" FOREIGN KEY ("storage_id") REFERENCES "storage" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "tasks" (
    "upid" TEXT NOT NULL PRIMARY KEY,
    "node_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "resource_type" TEXT,
    "resource_id" TEXT,
    "user" TEXT NOT NULL,
    "token_id" TEXT,
    "start_time" DATETIME NOT NULL,
    "end_time" DATETIME,
    "exit_status" TEXT,
    "log_entries" JSONB,
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL,
    CONSTRAINT "tasks_node_id_fkey" FOREIGN KEY ("node_id") REFERENCES "nodes" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "log_lines" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "at" DATETIME NOT NULL,
    "node_id" TEXT NOT NULL,
    "user" TEXT NOT NULL,
    "vmid" INTEGER NOT NULL,
    "message" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "state_snapshots" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "seq" INTEGER NOT NULL,
    "snapshot_time" DATETIME NOT NULL,
    "resource_type" TEXT NOT NULL,
    "resource_id" TEXT NOT NULL,
    "incarnation" INTEGER NOT NULL,
    "change_type" TEXT NOT NULL,
    "facet" TEXT NOT NULL,
    "name" TEXT,
    "node" TEXT,
    "fields" JSONB NOT NULL,
    "field_count" INTEGER NOT NULL,
    "resource_data" JSONB NOT NULL,
    "window_after" DATETIME,
    "window_before" DATETIME NOT NULL,
    "created_at" DATETIME NOT NULL,
    CONSTRAINT "state_snapshots_seq_fkey" FOREIGN KEY ("seq") REFERENCES "commits" ("seq") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "discovery_runs" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "started_at" DATETIME NOT NULL,
    "finished_at" DATETIME,
    "status" TEXT NOT NULL,
    "facets" JSONB NOT NULL,
    "api_calls" INTEGER NOT NULL,
    "counts" JSONB NOT NULL,
    "unseen" JSONB NOT NULL,
    "warnings" JSONB NOT NULL,
    "error" TEXT
);

-- CreateTable
CREATE TABLE "commits" (
    "seq" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "run_id" INTEGER NOT NULL,
    "facet" TEXT NOT NULL,
    "at" DATETIME NOT NULL,
    "observed_at" DATETIME NOT NULL,
    "complete" BOOLEAN NOT NULL,
    "changes" INTEGER NOT NULL,
    CONSTRAINT "commits_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "discovery_runs" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "notes" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "value" TEXT NOT NULL,
    "updated_at" DATETIME NOT NULL
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
