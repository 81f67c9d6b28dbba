-- AlterTable
ALTER TABLE "nodes" ADD COLUMN "boot_at" DATETIME;

-- AlterTable
ALTER TABLE "vms" ADD COLUMN "unconfirmed" JSONB;

-- AlterTable
ALTER TABLE "containers" ADD COLUMN "unconfirmed" JSONB;
