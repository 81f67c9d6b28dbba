-- CreateTable
CREATE TABLE "operations" (
    "id" TEXT NOT NULL,
    "plan" TEXT NOT NULL,
    "resource" TEXT NOT NULL,
    "incarnation" INTEGER NOT NULL,
    "node" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "takes_back" TEXT,
    "paths" JSON NOT NULL,
    "sent" JSON NOT NULL,
    "wanted" JSON NOT NULL,
    "uuid" TEXT,
    "managed" BOOLEAN NOT NULL,
    "sent_at" TIMESTAMP(3) NOT NULL,
    "outcome" JSON,
    "upid" TEXT,
    "task_end" JSON,
    "state" TEXT NOT NULL,
    "standings" JSON NOT NULL,
    "digest_after" TEXT,
    "live_differs" BOOLEAN NOT NULL,
    "may_be_cause" BOOLEAN NOT NULL,
    "judged_at" TIMESTAMP(3),
    "identity" TEXT NOT NULL,
    "asker" TEXT NOT NULL,
    "why" TEXT,

    CONSTRAINT "operations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "plan_events" (
    "id" SERIAL NOT NULL,
    "plan" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "type" TEXT NOT NULL,
    "who" TEXT NOT NULL,
    "how" TEXT,
    "facts" JSON NOT NULL,

    CONSTRAINT "plan_events_pkey" PRIMARY KEY ("id")
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
