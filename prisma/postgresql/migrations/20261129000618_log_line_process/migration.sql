-- AlterTable
ALTER TABLE "log_lines" ADD COLUMN     "pid" INTEGER;
