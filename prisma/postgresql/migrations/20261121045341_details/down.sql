-- DropTable
DROP TABLE "details";
