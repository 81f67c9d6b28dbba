-- AlterTable
ALTER TABLE "nodes" ADD COLUMN     "unconfirmed" JSON;

-- AlterTable
ALTER TABLE "node_storage" ADD COLUMN     "unconfirmed" JSON;
