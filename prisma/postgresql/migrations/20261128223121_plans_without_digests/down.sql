-- AlterTable
ALTER TABLE "plans" ADD COLUMN     "digests" JSON NOT NULL DEFAULT '{}';
ALTER TABLE "plans" ALTER COLUMN "digests" DROP DEFAULT;
