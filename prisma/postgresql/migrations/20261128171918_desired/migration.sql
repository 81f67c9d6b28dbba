-- CreateTable
CREATE TABLE "declaration_revisions" (
    "number" INTEGER NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "author" TEXT NOT NULL,
    "why" TEXT,
    "source" TEXT NOT NULL,
    "content" JSON NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "declaration_revisions_pkey" PRIMARY KEY ("number")
);

-- CreateTable
CREATE TABLE "plans" (
    "id" TEXT NOT NULL,
    "identity" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "asker" TEXT NOT NULL,
    "request" JSON NOT NULL,
    "steps" JSON NOT NULL,
    "left_out" JSON NOT NULL,
    "digests" JSON NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,
    "used_at" TIMESTAMP(3),
    "outcome" TEXT,

    CONSTRAINT "plans_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "plans_expires_at_idx" ON "plans"("expires_at");
