-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_log_lines" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "at" DATETIME NOT NULL,
    "node_id" TEXT NOT NULL,
    "user" TEXT NOT NULL,
    "vmid" INTEGER NOT NULL,
    "message" TEXT NOT NULL
);
INSERT INTO "new_log_lines" ("at", "id", "message", "node_id", "user", "vmid") SELECT "at", "id", "message", "node_id", "user", "vmid" FROM "log_lines";
DROP TABLE "log_lines";
ALTER TABLE "new_log_lines" RENAME TO "log_lines";
CREATE INDEX "log_lines_vmid_at_idx" ON "log_lines"("vmid", "at");
CREATE INDEX "log_lines_at_idx" ON "log_lines"("at");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;
