-- AlterTable
ALTER TABLE "nodes" ADD COLUMN "unconfirmed" JSONB;

-- AlterTable
ALTER TABLE "node_storage" ADD COLUMN "unconfirmed" JSONB;
