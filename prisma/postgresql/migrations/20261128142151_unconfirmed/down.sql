-- AlterTable
ALTER TABLE "nodes" DROP COLUMN "boot_at";

-- AlterTable
ALTER TABLE "vms" DROP COLUMN "unconfirmed";

-- AlterTable
ALTER TABLE "containers" DROP COLUMN "unconfirmed";
