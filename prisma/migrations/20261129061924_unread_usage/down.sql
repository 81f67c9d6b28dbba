-- AlterTable
ALTER TABLE "nodes" DROP COLUMN "unconfirmed";

-- AlterTable
ALTER TABLE "node_storage" DROP COLUMN "unconfirmed";
