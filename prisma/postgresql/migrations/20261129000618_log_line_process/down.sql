-- AlterTable
ALTER TABLE "log_lines" DROP COLUMN "pid";
