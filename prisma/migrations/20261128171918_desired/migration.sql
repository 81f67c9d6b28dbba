-- CreateTable
CREATE TABLE "declaration_revisions" (
    "number" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "at" DATETIME NOT NULL,
    "author" TEXT NOT NULL,
    "why" TEXT,
    "source" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "hash" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "plans" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "identity" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "asker" TEXT NOT NULL,
    "request" JSONB NOT NULL,
    "steps" JSONB NOT NULL,
    "left_out" JSONB NOT NULL,
    "digests" JSONB NOT NULL,
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME NOT NULL,
    "used_at" DATETIME,
    "outcome" TEXT
);

-- CreateIndex
CREATE INDEX "plans_expires_at_idx" ON "plans"("expires_at");
