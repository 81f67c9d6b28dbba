-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_nodes" (
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
INSERT INTO "new_nodes" ("cpu_max", "cpu_usage", "created_at", "id", "incarnation", "last_seen", "memory_max", "memory_usage", "pve_version", "removed", "started_at", "status", "type", "unseen_reason", "updated_at", "uptime") SELECT "cpu_max", "cpu_usage", "created_at", "id", "incarnation", "last_seen", "memory_max", "memory_usage", "pve_version", "removed", "started_at", "status", "type", "unseen_reason", "updated_at", "uptime" FROM "nodes";
DROP TABLE "nodes";
ALTER TABLE "new_nodes" RENAME TO "nodes";
CREATE TABLE "new_vms" (
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
INSERT INTO "new_vms" ("boot_at", "config_digest", "config_seen", "cpu_cores", "cpu_usage", "created_at", "disk_size", "disk_usage", "ha_managed", "ha_state", "id", "identity", "incarnation", "last_seen", "lock_status", "memory_bytes", "memory_usage", "name", "network_in", "network_out", "node_id", "pid", "pool", "started_at", "status", "tags", "template", "unseen_reason", "updated_at", "uptime") SELECT "boot_at", "config_digest", "config_seen", "cpu_cores", "cpu_usage", "created_at", "disk_size", "disk_usage", "ha_managed", "ha_state", "id", "identity", "incarnation", "last_seen", "lock_status", "memory_bytes", "memory_usage", "name", "network_in", "network_out", "node_id", "pid", "pool", "started_at", "status", "tags", "template", "unseen_reason", "updated_at", "uptime" FROM "vms";
DROP TABLE "vms";
ALTER TABLE "new_vms" RENAME TO "vms";
CREATE INDEX "vms_node_id_idx" ON "vms"("node_id");
CREATE TABLE "new_containers" (
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
INSERT INTO "new_containers" ("boot_at", "config_digest", "config_seen", "cpu_cores", "cpu_usage", "created_at", "disk_size", "disk_usage", "ha_managed", "ha_state", "hostname", "id", "identity", "incarnation", "last_seen", "lock_status", "memory_bytes", "memory_usage", "name", "network_in", "network_out", "node_id", "os_template", "pool", "started_at", "status", "swap_bytes", "swap_usage", "tags", "template", "unseen_reason", "updated_at", "uptime") SELECT "boot_at", "config_digest", "config_seen", "cpu_cores", "cpu_usage", "created_at", "disk_size", "disk_usage", "ha_managed", "ha_state", "hostname", "id", "identity", "incarnation", "last_seen", "lock_status", "memory_bytes", "memory_usage", "name", "network_in", "network_out", "node_id", "os_template", "pool", "started_at", "status", "swap_bytes", "swap_usage", "tags", "template", "unseen_reason", "updated_at", "uptime" FROM "containers";
DROP TABLE "containers";
ALTER TABLE "new_containers" RENAME TO "containers";
CREATE INDEX "containers_node_id_idx" ON "containers"("node_id");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;
