-- AlterTable
ALTER TABLE "nodes" ADD COLUMN     "boot_at" TIMESTAMP(3);

-- AlterTable
ALTER TABLE "vms" ADD COLUMN     "unconfirmed" JSON;

-- AlterTable
ALTER TABLE "containers" ADD COLUMN     "unconfirmed" JSON;
