-- DropTable
PRAGMA foreign_keys=off;
DROP TABLE "details";
PRAGMA foreign_keys=on;
