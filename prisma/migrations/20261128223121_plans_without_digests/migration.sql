-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_plans" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "identity" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "asker" TEXT NOT NULL,
    "request" JSONB NOT NULL,
    "steps" JSONB NOT NULL,
    "left_out" JSONB NOT NULL,
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME NOT NULL,
    "used_at" DATETIME,
    "outcome" TEXT
);
INSERT INTO "new_plans" ("asker", "created_at", "expires_at", "id", "identity", "left_out", "outcome", "request", "revision", "steps", "used_at") SELECT "asker", "created_at", "expires_at", "id", "identity", "left_out", "outcome", "request", "revision", "steps", "used_at" FROM "plans";
DROP TABLE "plans";
ALTER TABLE "new_plans" RENAME TO "plans";
CREATE INDEX "plans_expires_at_idx" ON "plans"("expires_at");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;
