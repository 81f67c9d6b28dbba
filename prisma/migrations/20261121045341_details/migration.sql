-- CreateTable
CREATE TABLE "details" (
    "topic" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "observed_at" DATETIME NOT NULL,

    PRIMARY KEY ("topic", "subject", "source")
);

-- CreateIndex
CREATE INDEX "details_topic_source_idx" ON "details"("topic", "source");
