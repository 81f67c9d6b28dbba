-- AlterTable
ALTER TABLE "plans" DROP COLUMN "digests";
