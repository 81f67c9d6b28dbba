-- CreateTable
CREATE TABLE "operations" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "plan" TEXT NOT NULL,
    "resource" TEXT NOT NULL,
    "incarnation" INTEGER NOT NULL,
    "node" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "takes_back" TEXT,
    "paths" JSONB NOT NULL,
    "sent" JSONB NOT NULL,
    "wanted" JSONB NOT NULL,
    "uuid" TEXT,
    "managed" BOOLEAN NOT NULL,
    "sent_at" DATETIME NOT NULL,
    "outcome" JSONB,
    "upid" TEXT,
    "task_end" JSONB,
    "state" TEXT NOT NULL,
    "standings" JSONB NOT NULL,
    "digest_after" TEXT,
    "live_differs" BOOLEAN NOT NULL,
    "may_be_cause" BOOLEAN NOT NULL,
    "judged_at" DATETIME,
    "identity" TEXT NOT NULL,
    "asker" TEXT NOT NULL,
    "why" TEXT
);

-- CreateTable
CREATE TABLE "plan_events" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "plan" TEXT NOT NULL,
    "at" DATETIME NOT NULL,
    "type" TEXT NOT NULL,
    "who" TEXT NOT NULL,
    "how" TEXT,
    "facts" JSONB NOT NULL
);

-- CreateIndex
CREATE INDEX "operations_plan_idx" ON "operations"("plan");

-- CreateIndex
CREATE INDEX "operations_state_idx" ON "operations"("state");

-- CreateIndex
CREATE INDEX "operations_sent_at_idx" ON "operations"("sent_at");

-- CreateIndex
CREATE INDEX "operations_resource_sent_at_idx" ON "operations"("resource", "sent_at");

-- CreateIndex
CREATE INDEX "plan_events_plan_idx" ON "plan_events"("plan");

-- CreateIndex
CREATE INDEX "plan_events_at_idx" ON "plan_events"("at");
