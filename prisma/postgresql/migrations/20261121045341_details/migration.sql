-- CreateTable
CREATE TABLE "details" (
    "topic" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "data" JSON NOT NULL,
    "observed_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "details_pkey" PRIMARY KEY ("topic","subject","source")
);

-- CreateIndex
CREATE INDEX "details_topic_source_idx" ON "details"("topic", "source");
